"""Covert recordings: files in, reports and renditions out. Knows no web, no database, no object store."""
