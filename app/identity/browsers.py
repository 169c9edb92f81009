"""Log-ins of the product's own pages: a browser keeps the refresh token where no script can read it.

The cookie goes to `/v1/auth` alone and never with a request that another site began (SameSite=Strict); what acts on
it asks the browser besides who began the request, so that neither alone has to hold.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import Cookie, Depends, Header, Response

from app.identity.schemas import AccessOut, TokensOut
from app.kit.problems import Forbidden
from app.settings import Settings

COOKIE = "plainclothes_refresh"
PATH = "/v1/auth"
OURS = frozenset({"same-origin", "none"})  # "none": typed, or opened from outside of any page

RefreshCookie = Annotated[
    str, Cookie(alias=COOKIE, max_length=200, description="set by the log-in of a browser")
]


async def require_own_page(
    sec_fetch_site: Annotated[
        str, Header(max_length=20, description="said by the browser itself: who began the request")
    ] = "same-origin",
) -> None:
    """Raises `Forbidden` when a browser says that another site's page began the request."""
    if sec_fetch_site not in OURS:
        raise Forbidden("Only the product's own pages may use a browser's log-in.")


FROM_OUR_PAGES = [Depends(require_own_page)]


def keep(response: Response, settings: Settings, tokens: TokensOut) -> AccessOut:
    """Hand the refresh token to the browser's keeping, and tell the page the rest."""
    life = timedelta(days=settings.refresh_token_days)
    response.set_cookie(
        COOKIE,
        tokens.refresh_token,
        max_age=int(life.total_seconds()),
        path=PATH,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )
    return AccessOut(
        access_token=tokens.access_token, token_type=tokens.token_type, expires_in_s=tokens.expires_in_s
    )


def forget(response: Response, settings: Settings) -> None:
    response.delete_cookie(
        COOKIE, path=PATH, secure=settings.secure_cookies, httponly=True, samesite="strict"
    )
