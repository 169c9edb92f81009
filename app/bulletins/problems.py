"""What can go wrong with bulletins."""

from app.kit.problems import Conflict, Problem


class BulletinInTheMaking(Conflict):
    type = "bulletin-in-the-making"
    title = "The same bulletin is being made: wait for it"


class BulletinNotReady(Conflict):
    type = "bulletin-not-ready"
    title = "The bulletin has no files: it is being made, it failed, or they were deleted when their time was over"


CONSTRAINTS: dict[str, type[Problem]] = {
    "uq_bulletins_one_in_the_making": BulletinInTheMaking,
    "uq_bulletins_edition": BulletinInTheMaking,
    "bulletins.programme_id, bulletins.kind": BulletinInTheMaking,
}
