"""What is checked: documents, immutable versions, weight profiles."""
