"""A client's running inspection: its rules as settings, and what the law of each jurisdiction allows."""
