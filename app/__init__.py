"""Plainclothes: the open mystery-shopper inspection service."""
