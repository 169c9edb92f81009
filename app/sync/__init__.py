"""What changed since a phone or desk last asked, what it may no longer see included (D11)."""
