"""`plainclothes audit`: who changed what, in a chain that shows tampering."""

from app.audit import chain, queries
from app.cli.chains import commands
from app.cli.surroundings import opened, prepare_database, read_settings, run
from app.cli.terminal import print_json
from app.kit.clock import utc_now
from app.settings import Settings

app = commands(chain.TRAIL, of="the audit trail")


@app.command()
def seal() -> None:
    """Take entries into the chain that stand outside it, and write down that this was done.

    Needed once after an upgrade during which processes of a release without chain went on working. Find out first
    whose entries they are: nothing else leaves any outside.
    """
    settings = read_settings()
    prepare_database(settings)
    print_json(run(lambda: _sealed(settings)))


async def _sealed(settings: Settings) -> dict[str, int]:
    """By organisation: how many."""
    found = {}
    async with opened(settings) as database:
        async with database.reading() as session:
            organisations = await queries.chained_organisations(session)
        for organisation_id in organisations:
            async with database.writing() as session:
                sealed = await chain.seal_outside(session, organisation_id, now=utc_now())
            if sealed:
                found[str(organisation_id)] = sealed
    return found
