"""What could move to another product unchanged."""
