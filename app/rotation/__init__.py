"""No inspector returns to an outlet within the interval: exposures, eligibility, waivers."""
