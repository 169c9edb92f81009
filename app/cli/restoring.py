"""After a restore: what goes on from the moment of the copy, and what must begin again."""

from app.cli.surroundings import opened
from app.events import moving
from app.settings import Settings
from app.sync import service as sync
from app.webhooks import fanning
from app.webhooks import queries as webhooks


async def go_on(settings: Settings, *, restored: bool) -> bool:
    """Fit a migrated database to where it is now. Whether it was brought back from a copy: as told, or as it shows.

    Feeds of another server are moved to this one's transactions. Copies on phones and desks begin again, for they may hold what
    came after the moment to which the database was restored.
    """
    async with opened(settings) as database, database.writing() as session:
        position = await webhooks.the_position(session)
        by = await moving.lead(session, read_up_to=position.transaction)
        if by:
            await moving.move(session, by=by)
            await fanning.move(session, by=by)
        if by or restored:
            await sync.begin_again(session)
    return bool(by) or restored
