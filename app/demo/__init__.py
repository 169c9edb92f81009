"""The product shown on real input: clips it makes, a day it plays, and an account of what happened."""
