"""The web application: its sources, and how what was built from them is served."""
