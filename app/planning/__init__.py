"""Planning: who visits which outlet on which day (D6)."""
