"""Which of a fingerprint's keys are kept and which are asked for, so that re-used files are found fast. Pure.

The media pipeline gives half an hour of film some thousand keys. Kept are the few of each sort that a hash puts
first, for every recording the same hash: two recordings that share a stretch then share some of the kept ones,
however long each is. All keys of a new one are asked for, for a short earlier recording may lie anywhere in it.
"""

import heapq
from collections.abc import Collection

KEPT_OF_EACH_SORT = 128  # 100,000 recordings: 25 million rows of 40 bytes
ASKED_AT_MOST = 8192  # two hours and more; the hash decides here too
CANDIDATES = 12  # compared word by word, some milliseconds each
SOUND_BIT = 1 << 61  # the pipeline sets it in keys of sound
_WORD = (1 << 64) - 1


def kept(keys: Collection[int]) -> list[int]:
    """A file's sound may be replaced, or its picture: enough of each is kept to know it by either alone."""
    sound = [key for key in keys if key & SOUND_BIT]
    picture = [key for key in keys if not key & SOUND_BIT]
    return [key for sort in (sound, picture) for key in heapq.nsmallest(KEPT_OF_EACH_SORT, sort, key=_order)]


def asked(keys: Collection[int]) -> list[int]:
    return heapq.nsmallest(ASKED_AT_MOST, keys, key=_order)


def _order(key: int) -> int:
    """splitmix64's finisher: the pipeline's keys of sound are telling words, and telling words lie close together."""
    mixed = ((key ^ (key >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
    return mixed ^ (mixed >> 31)
