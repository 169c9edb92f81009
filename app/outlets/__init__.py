"""Places that are inspected: own, agency and competitor outlets in a tree of regions."""
