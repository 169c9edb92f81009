"""Table of contents of the background jobs: a process that works them imports this, which declares them all.

Every feature with a `jobs.py` has one line here.
"""

from app.bulletins import jobs as bulletins
from app.cases import jobs as cases
from app.events import jobs as events
from app.identity import jobs as identity
from app.insight import jobs as insight
from app.misuse import jobs as misuse
from app.planning import jobs as planning
from app.recordings import jobs as recordings
from app.retention import jobs as retention
from app.review import jobs as review
from app.sync import jobs as sync
from app.visits import jobs as visits
from app.webhooks import jobs as webhooks

FEATURES = (
    bulletins,
    cases,
    events,
    identity,
    insight,
    misuse,
    planning,
    recordings,
    retention,
    review,
    sync,
    visits,
    webhooks,
)
