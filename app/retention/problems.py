"""What can go wrong with holds."""

from app.kit.problems import Conflict


class HoldLifted(Conflict):
    type = "hold-lifted"
    title = "This hold is in force no more"
