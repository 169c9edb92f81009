"""The search for a month's plan: `solve`, `repair` and `why_not` are its public face."""
