"""Checklists: immutable, versioned documents of dimensions → indicators → items (D1).

A document is data. `document.py` is its shape, `rules.py` what must hold beyond the shape, `reading.py`
the only way in from YAML, `difference.py` what changed between two versions, `lock.py` the guard of
published files. Scores are not computed here: see `app.scoring` and `app.visits.marking`.
"""
