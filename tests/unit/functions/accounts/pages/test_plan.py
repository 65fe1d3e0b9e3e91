import dataclasses

import pytest

from functions.accounts.plans.offers import Period, Plan
from functions.accounts.plans.own_pages import FamilyDesk, Relative
from shared.errors import ApiError, NotFound, Unavailable
from tests.unit.functions.accounts.pages.conftest import Browser
from tests.unit.functions.accounts.pages.fakes import AT, BEN, INVITATION, World

PLAN, FAMILY = "/account/plan", "/account/family"


class Refused(ApiError):
    status = 409


def test_shows_what_there_is_and_what_it_costs(anna: Browser) -> None:
    page = anna.get(PLAN).text

    for text in (
        "Premium, by the month", "9.99 EUR a month", "159.90 EUR a year", "Cancel the plan",
        "No money moves: this platform has no payment provider.", "succeeded",
    ):  # fmt: skip
        assert text in page
    assert "&lt;i&gt;local&lt;/i&gt;" in page
    assert 'value="premium"' not in page, "what one has is not offered"


def test_a_plan_is_chosen(anna: Browser, world: World) -> None:
    answer = anna.send(PLAN, {"plan": "family", "period": "year"})

    assert answer.headers["Location"] == "/account/plan?done=plan"
    assert world.plan_desks.chosen == [(Plan.family, Period.year)]


def test_a_card_is_entered_with_the_provider(anna: Browser, world: World) -> None:
    """Browsers hold the redirect against the page's policy, which lets it through."""
    world.plan_desks.checkout = "https://checkout.stripe.com/c/pay/1"
    answer = anna.send(PLAN, {"plan": "family", "period": "year"})

    assert answer.headers["Location"] == "https://checkout.stripe.com/c/pay/1"
    assert "https://checkout.stripe.com" in anna.get(PLAN).headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "fields",
    [
        {"plan": "free", "period": "month"},
        {"plan": "gold", "period": "month"},
        {"plan": "premium", "period": "week"},
        {"plan": "premium"},
        {},
    ],
)
def test_no_other_plan_is(anna: Browser, world: World, fields: dict[str, str]) -> None:
    assert anna.send(PLAN, fields).status_code == 400
    assert world.plan_desks.chosen == []


@pytest.mark.parametrize("failure", [Refused("A payment is under way"), Unavailable("away")])
def test_a_refusal_is_said_on_the_page(anna: Browser, world: World, failure: ApiError) -> None:
    world.plan_desks.failure = failure
    answer = anna.send(PLAN, {"plan": "family", "period": "year"})

    assert answer.status_code == failure.status
    assert failure.message in answer.text
    assert answer.headers.get("Retry-After") == failure.headers.get("Retry-After")


def test_a_plan_is_cancelled(anna: Browser, world: World) -> None:
    answer = anna.send(f"{PLAN}/cancel", {}, page=PLAN)

    assert answer.headers["Location"] == "/account/plan?done=cancelled"
    assert world.plan_desks.cancelled == 1


def test_what_was_cancelled_can_go_on(anna: Browser, world: World) -> None:
    world.plan_desks.desk_now = dataclasses.replace(world.plan_desks.desk_now, may_cancel=False)
    page = anna.get(PLAN).text

    assert "Cancel the plan" not in page
    assert "Go on with Premium, by the month" in page


def test_a_member_leaves_before_choosing(anna: Browser, world: World) -> None:
    world.plan_desks.desk_now = dataclasses.replace(
        world.plan_desks.desk_now, manager="Ben <b>", may_cancel=False
    )
    page = anna.get(PLAN).text

    assert "Ben &lt;b&gt; pays for your plan" in page
    assert 'name="plan"' not in page


def test_a_family_is_shown_to_its_manager(anna: Browser) -> None:
    page = anna.get(FAMILY).text

    assert "Ben &lt;b&gt;" in page
    assert "room for 3 more" in page
    assert "Holds until 1 March 2026" in page


def test_a_code_is_shown_once(anna: Browser) -> None:
    assert "the-code" in anna.send(f"{FAMILY}/invite", {}, page=FAMILY).text
    assert "the-code" not in anna.get(FAMILY).text


def test_the_manager_acts(anna: Browser, world: World) -> None:
    anna.send(f"{FAMILY}/withdraw", {"invitation": INVITATION}, page=FAMILY)
    removed = anna.send(f"{FAMILY}/remove", {"member": BEN}, page=FAMILY)

    assert removed.headers["Location"] == "/account/family?done=removed"
    assert world.family_desks.done == [("withdraw", INVITATION), ("remove", BEN)]


def test_a_member_sees_less_and_leaves(anna: Browser, world: World) -> None:
    me = world.anna.id
    world.family_desks.desk_now = FamilyDesk(
        has_family=True,
        manager="Clara",
        members=[Relative(BEN, "Ben", AT), Relative(me, "Anna", AT)],
        invitations=[],
        places=3,
    )
    page = anna.get(FAMILY).text
    assert "Invite somebody" not in page
    assert page.count('name="member"') == 1
    left = anna.send(f"{FAMILY}/remove", {"member": me}, page=FAMILY)

    assert left.headers["Location"] == "/account/family?done=left"


def test_whoever_has_a_code_joins(anna: Browser, world: World) -> None:
    world.family_desks.desk_now = FamilyDesk(
        has_family=False, manager="", members=[], invitations=[], places=5
    )
    joined = anna.send(f"{FAMILY}/join", {"code": " the-code "}, page=FAMILY)
    assert joined.headers["Location"] == "/account/family?done=joined"
    assert world.family_desks.done == [("join", "the-code")]

    assert anna.send(f"{FAMILY}/join", {"code": ""}, page=FAMILY).status_code == 400
    world.family_desks.failure = NotFound("There is no such invitation, or no longer")
    refused = anna.send(f"{FAMILY}/join", {"code": "<b>"}, page=FAMILY)
    assert refused.status_code == 404
    assert "There is no such invitation" in refused.text


@pytest.mark.parametrize("path", ["withdraw", "remove"])
def test_a_name_of_nobody(anna: Browser, world: World, path: str) -> None:
    fields = {"member": "<b>", "invitation": "'; --"}

    assert anna.send(f"{FAMILY}/{path}", fields, page=FAMILY).status_code == 400
    assert world.family_desks.done == []


@pytest.mark.parametrize(
    "path", [PLAN, f"{PLAN}/cancel", *(f"{FAMILY}/{each}" for each in ("invite", "join", "remove"))]
)
def test_forms_are_ours(anna: Browser, world: World, path: str) -> None:
    answer = anna.client.post(path, data={"plan": "family", "period": "year", "csrf": "0" * 64})

    assert answer.status_code == 403
    assert world.plan_desks.chosen == []
    assert world.family_desks.done == []
