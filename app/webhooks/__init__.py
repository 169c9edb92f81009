"""Telling other systems what happened: signed, at least once, and nothing the subscriber's role may not see."""
