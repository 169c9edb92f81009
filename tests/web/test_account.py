"""One's own account: a second factor from its enrolment to its reset, on a phone and at a desk."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pyotp
from playwright.async_api import Page, expect

from tests.support.browsing import Asking, login_of
from tests.support.served import ROOT, Served
from tests.support.visitor import PHONE, Arrive, Visitor


async def prove(page: Page, name: str, button: str) -> None:
    """The password again, before something grave."""
    await page.get_by_label("Current password").first.fill(login_of(name)["password"])
    await page.get_by_role("button", name=button, exact=True).click()


async def enter_password(page: Page, name: str) -> None:
    login = login_of(name)
    await page.goto("/login")
    await page.get_by_label("Organisation").fill(login["organisation"])
    await page.get_by_label("E-mail").fill(login["email"])
    await page.get_by_label("Password").fill(login["password"])
    await page.get_by_role("button", name="Log in").click()


def proof_wanted() -> Any:
    """What the server answers half an hour after a log-in, from its own description."""
    described = json.loads((ROOT / "app" / "openapi.json").read_text(encoding="utf-8"))
    refusal = described["paths"]["/v1/people/{person_id}"]["put"]["responses"]["403"]
    return refusal["content"]["application/problem+json"]["examples"]["proof-wanted"]["value"]


async def enrol(bea: Visitor) -> list[str]:
    """From the phone's settings; the recovery codes."""
    page = bea.page
    await page.goto("/m/settings")
    await page.get_by_role("link", name="My account").click()
    await page.get_by_role("button", name="Switch on").click()
    await prove(page, "bea", "Switch on")
    await expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert await bea.barriers() == ""
    secret = await page.locator(".secret").inner_text()
    await page.get_by_label("One-time code").fill("ABCDEFGH")
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("alert")).to_contain_text("another code now")
    await page.get_by_label("One-time code").fill(pyotp.TOTP(secret).at(datetime.now(UTC)))
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    assert await bea.barriers() == ""
    recovery = await page.locator(".codes li").all_inner_texts()
    await page.get_by_role("button", name="I have kept them").click()
    await expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    return recovery


async def change_password(page: Page, recovery: str) -> None:
    """Into the same one, for other tests; asked for a code when all else is right."""
    password = login_of("bea")["password"]
    await page.get_by_label("Current password").fill(password)
    await page.get_by_label("New password").fill(password)
    await page.get_by_label("The password again").fill(password)
    await page.get_by_role("button", name="Change the password").click()
    await page.get_by_label("One-time code").fill(recovery)
    await page.get_by_role("button", name="Change the password").click()
    await expect(page.get_by_text("The password is changed")).to_be_visible()


async def log_in_without_the_phone(other: Visitor, recovery: str) -> None:
    """With a code that is wrong first."""
    page = other.page
    await enter_password(page, "bea")
    code = page.get_by_label("One-time code")
    await expect(code).to_be_focused()
    assert await code.get_attribute("autocomplete") == "one-time-code"
    assert await code.get_attribute("inputmode") == "numeric"
    assert await other.barriers() == ""
    await code.fill("ABCDEFGH")
    await page.get_by_role("button", name="Log in", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("not right")
    await page.get_by_role("button", name="Use a recovery code").click()
    await page.get_by_label("Recovery code").fill(recovery.lower())
    await page.get_by_role("button", name="Log in", exact=True).click()
    await expect(page).to_have_url(re.compile("/m$"))


async def reset(alice: Visitor, person_id: str) -> str:
    """The second factor; and the link for a new password."""
    page = alice.page
    await page.goto(f"/s/people/{person_id}")
    await page.get_by_role("button", name="Reset the second factor").click()
    assert await alice.barriers() == ""
    await prove(page, "alice", "Reset the second factor")
    await expect(page.get_by_text("is reset")).to_be_visible()
    await page.get_by_role("button", name="Make a link for a new password").click()
    return await page.get_by_label("Link for a new password").input_value()


class TestSecondFactor:
    async def test_is_enrolled_wanted_replaced_by_a_recovery_code_and_reset_with_the_password_by_an_admin(
        self, visit: Arrive, site: Served
    ) -> None:
        """OWASP ASVS 4.0.3, 2.8: and a phone that is logged in goes on without a network."""
        bea_id = Asking(site, "bea").get("/v1/me")["id"]
        bea = await visit("bea", screen=PHONE)
        first, second, *_others = await enrol(bea)
        await change_password(bea.page, first)

        other = await visit(screen=PHONE)
        await log_in_without_the_phone(other, second)
        await other.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await other.context.set_offline(True)
        await other.page.reload()
        await expect(other.page.get_by_role("heading", level=1)).to_be_visible()
        await other.context.set_offline(False)

        link = await reset(await visit("alice"), bea_id)
        again = await visit(screen=PHONE)
        page = again.page
        await page.goto(link)
        await page.get_by_label("Your password").fill(login_of("bea")["password"])
        await page.get_by_label("The password again").fill(login_of("bea")["password"])
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page).to_have_url(re.compile("/login"))
        await enter_password(page, "bea")  # which is enough now
        await expect(page).to_have_url(re.compile("/m$"))
        assert not any(link.partition("#")[2] in address for address in again.requested)


class TestLogInAgain:
    async def test_keeps_what_was_typed_hides_what_was_shown_and_goes_on_by_itself(
        self, visit: Arrive, site: Served
    ) -> None:
        """OWASP ASVS 4.0.3, 3.3.2."""
        alice = await visit("alice")
        page, place = alice.page, f"/s/people/{site.ids['inspector_id'][1]}"
        await page.goto(place)
        name = page.get_by_role("textbox", name="Name", exact=True)
        await expect(name).to_be_visible()
        before = await name.input_value()
        await name.fill("Somebody Else")
        save = await page.get_by_role("button", name="Save", exact=True).element_handle()
        await alice.context.request.post("/v1/auth/browser/logout")  # on the server
        await save.dispatch_event("click")  # whether or not the page has learned of it meanwhile

        dialog = page.get_by_role("dialog", name="Log in again")
        await expect(dialog).to_be_visible()
        assert await alice.barriers() == ""
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_visible()
        await dialog.get_by_label("Current password").fill("not hers at all")
        await dialog.get_by_role("button", name="Log in").click()
        await expect(dialog.get_by_text("is not right")).to_be_visible()
        await dialog.get_by_label("Current password").fill(login_of("alice")["password"])
        await dialog.get_by_role("button", name="Log in").click()

        await expect(dialog).to_have_count(0)
        await expect(page.get_by_text("Saved")).to_be_visible()
        await expect(page).to_have_url(re.compile(place))
        await expect(name).to_have_value("Somebody Else")
        await name.fill(before)
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_text("Saved")).to_have_count(2)


class TestProof:
    async def test_is_asked_for_and_what_was_wanted_goes_on_by_itself(
        self, visit: Arrive, site: Served
    ) -> None:
        alice = await visit("alice")
        page, wanted = alice.page, proof_wanted()
        await page.goto(f"/s/people/{site.ids['inspector_id'][0]}")
        await page.get_by_role("button", name="Save", exact=True).wait_for()
        await page.route("**/v1/people/*", lambda route: route.fulfill(status=403, json=wanted), times=1)
        await page.get_by_role("button", name="Save", exact=True).click()

        dialog = page.get_by_role("dialog", name="Is it still you?")
        await expect(dialog).to_be_visible()
        assert await alice.barriers() == ""
        await dialog.get_by_label("Current password").fill(login_of("alice")["password"])
        await dialog.get_by_role("button", name="Go on").click()

        await expect(page.get_by_text("Saved")).to_be_visible()
        await expect(dialog).to_have_count(0)
