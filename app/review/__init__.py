"""Quality review of submitted visits (D8.1, D8.2), and what an outlet gets to see of them, blind (D8.3, D10.1)."""
