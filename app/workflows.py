"""Table of contents of the background jobs: a process that works them imports this, which declares them all.

Every feature with a `jobs.py` has one line here.
"""
