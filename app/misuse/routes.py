"""HTTP for alerts."""

from app.identity.dependencies import Caller
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden
from app.kit.routing import Now, Reading, feature_router
from app.misuse import queries, views
from app.misuse.models import Alert
from app.misuse.schemas import AlertOut

router = feature_router("audit")


@router.get("/alerts", responses=documented(Forbidden))
async def list_alerts(paging: Paging, session: Reading, caller: Caller, now: Now) -> Page[AlertOut]:
    """Unusual use that the product noticed by itself, newest first: for admins, and auditors whose grant names no place.

    Looked for every five minutes, and told once for each rule, person and day: in the inbox, by mail, in the audit trail.
    """
    rows = await queries.visible_to(session, caller, now=now)
    found = await paginate(session, rows, paging, by=[Key(Alert.at, descending=True), Key(Alert.id)])
    return found.page(await views.alerts(session, list(found.rows)))
