"""One inspection of one outlet on one date: lifecycle, crew, answers, leave gate, score revisions."""
