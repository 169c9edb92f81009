"""What can go wrong with syncing."""

from http import HTTPStatus

from app.kit.problems import Problem


class CursorExpired(Problem):
    type = "sync-cursor-expired"
    title = "Nothing is known of this copy any more: throw it away and sync without a cursor"
    status = HTTPStatus.GONE
