"""The weekly bulletin and the monthly report: what stands in the figures of a period, as files to hand around.

An edition is gathered once, pinned to the moment up to which it knows what was published and to the score revisions
behind it, and drawn from what is pinned alone: later revisions do not change it, and drawn again it has the same bytes.
"""
