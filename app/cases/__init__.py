"""After publication: appeals against items of a report (D8.4), and what is put right because of it (D8.5)."""
