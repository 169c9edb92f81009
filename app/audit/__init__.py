"""Append-only: who did what to which row, and the chain that shows a tampered one."""
