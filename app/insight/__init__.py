"""Where everybody stands: scores with their uncertainty, profiles, trends and what they are made of (D3.7, D9.7)."""
