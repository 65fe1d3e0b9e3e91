"""A broken network at any moment: the player says so, keeps its place, and goes on when it can."""

import json
import re
import time

from playwright.sync_api import Browser, Route, expect

from tests.e2e.web.browser import open_page, position_s, wait_for_position, wait_until_heard
from tests.e2e.web.conftest import Listener, Release
from tests.waiting import until

SEGMENTS = re.compile(r"/media/.*\.m4s$")


def start(listener: Listener, release: Release) -> None:
    page = listener.page
    open_page(page, f"/album/{release.id}")
    page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()


def test_failing_segments_are_waited_for(listener: Listener, release: Release) -> None:
    page = listener.page
    page.context.route(SEGMENTS, lambda route: route.fulfill(status=503))
    start(listener, release)
    expect(page.get_by_text("The platform does not answer.")).to_be_visible()

    page.context.unroute(SEGMENTS)

    wait_until_heard(page)
    wait_for_position(page, beyond_s=0)
    expect(page.get_by_text("The platform does not answer.")).to_be_hidden()


def test_a_network_that_goes_away_in_the_middle(listener: Listener, release: Release) -> None:
    page = listener.page
    later = re.compile(r"/media/.*0000[2-9]\.m4s$")
    page.context.route(later, lambda route: route.abort("internetdisconnected"))
    start(listener, release)
    wait_until_heard(page)
    expect(page.get_by_text("The connection broke.")).to_be_visible()
    at = position_s(page)

    page.context.unroute(later)

    wait_for_position(page, beyond_s=max(at, 7))
    expect(page.get_by_text("The connection broke.")).to_be_hidden()


def test_a_segment_that_never_comes(listener: Listener, release: Release) -> None:
    page = listener.page
    held: list[Route] = []
    second = re.compile(r"/media/.*00002\.m4s$")

    def hold(route: Route) -> None:
        held.append(route)

    page.context.route(second, hold)
    start(listener, release)
    wait_until_heard(page)
    expect(page.get_by_text("The connection broke.")).to_be_visible(timeout=40_000)
    assert len(held) >= 2, "it was asked for once"
    at = position_s(page)

    page.context.unroute(second)

    wait_for_position(page, beyond_s=max(at, 7))
    expect(page.locator(".trouble")).to_have_count(0)


def test_a_platform_that_fails_in_the_middle(listener: Listener, release: Release) -> None:
    page = listener.page
    second = re.compile(r"/media/.*00002\.m4s$")
    page.context.route(second, lambda route: route.fulfill(status=502))
    start(listener, release)
    wait_until_heard(page)
    expect(page.get_by_text("The platform does not answer.")).to_be_visible()

    page.context.unroute(second)

    wait_for_position(page, beyond_s=8)
    expect(page.locator(".trouble")).to_have_count(0)


def test_a_licence_that_ends_in_the_middle_is_renewed(listener: Listener, release: Release) -> None:
    page = listener.page
    given: list[int] = []

    def shorten(route: Route) -> None:
        answer = route.fetch()
        licence = {**answer.json(), "expires_at": int(time.time()) + 3}
        given.append(answer.status)
        route.fulfill(response=answer, body=json.dumps(licence))

    page.context.route("**/v1/licence*", shorten)
    start(listener, release)
    wait_for_position(page, beyond_s=5)

    assert len(given) >= 2
    assert set(given) == {200}
    expect(page.locator(".trouble")).to_have_count(0)
    wait_until_heard(page)
    page.context.unroute_all(behavior="ignoreErrors")


def test_a_licence_that_is_not_renewed_at_once(listener: Listener, release: Release) -> None:
    page = listener.page
    tried: list[str] = []

    def refuse_later(route: Route) -> None:
        tried.append(route.request.url)
        if len(tried) == 2:
            route.fulfill(status=503, json={"error": {"status": 503, "message": "busy"}})
            return
        answer = route.fetch()
        soon = {**answer.json(), "expires_at": int(time.time()) + 3}
        route.fulfill(response=answer, body=json.dumps(soon))

    page.context.route("**/v1/licence*", refuse_later)
    start(listener, release)
    wait_for_position(page, beyond_s=10)

    assert len(tried) >= 3
    expect(page.locator(".trouble")).to_have_count(0)
    page.context.unroute_all(behavior="ignoreErrors")


def test_an_expired_cookie_is_renewed_without_a_break(listener: Listener, release: Release) -> None:
    page = listener.page
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=403, body="Forbidden: the signature has expired")

    second = re.compile(r"/media/.*00002\.m4s$")
    page.context.route(second, refuse_once)
    with page.expect_response(lambda answer: answer.url.split("?")[0].endswith("/stream")):
        start(listener, release)
    wait_for_position(page, beyond_s=8)

    assert refused
    expect(page.locator(".trouble")).to_have_count(0)


def test_an_expired_token_is_renewed_without_a_break(listener: Listener, release: Release) -> None:
    page = listener.page
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=401, json={"error": {"status": 401, "message": "expired"}})

    page.context.route(re.compile(r"/v1/tracks/.*/stream"), refuse_once)
    with page.expect_response("**/oauth/web/token"):
        start(listener, release)

    wait_until_heard(page)
    assert refused


def test_a_licence_that_is_refused_is_explained(listener: Listener, release: Release) -> None:
    page = listener.page
    page.context.route(
        "**/v1/licence*",
        lambda route: route.fulfill(status=403, json={"error": {"status": 403, "message": "no"}}),
    )
    start(listener, release)

    expect(page.get_by_text("You may not play this song any more.")).to_be_visible()


def test_pages_say_that_there_is_no_network_and_come_back(
    listener: Listener, release: Release
) -> None:
    page = listener.page
    page.context.set_offline(True)
    open_page(page, f"/artist/{release.track_ids[0]}")
    expect(page.get_by_role("heading", name="There is no network")).to_be_visible()

    page.context.set_offline(False)
    open_page(page, f"/album/{release.id}")
    expect(page.get_by_role("heading", name=release.name)).to_be_visible()


def test_a_platform_that_fails_is_said_and_tried_again(
    listener: Listener, release: Release
) -> None:
    page = listener.page
    albums = re.compile(r"/v1/albums/")
    page.context.route(albums, lambda route: route.fulfill(status=500))
    open_page(page, f"/album/{release.id}")
    expect(page.get_by_role("heading", name="The platform has a problem")).to_be_visible()

    page.context.unroute(albums)
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("heading", name=release.name)).to_be_visible()


def test_home_does_without_what_the_edge_keeps(listener: Listener, release: Release) -> None:
    page = listener.page
    # What is the same for everybody in a country is asked for once the country is known.
    until(lambda: page.evaluate("localStorage.getItem('cadenza.profile')"))
    had_token: list[bool] = []

    def refuse_strangers(route: Route) -> None:
        had_token.append("authorization" in route.request.headers)
        if had_token[-1]:
            route.continue_()
        else:
            route.fulfill(status=401)

    page.context.route("**/v1/browse/new-releases*", refuse_strangers)
    page.reload()

    releases = page.get_by_role("region", name="New releases")
    expect(releases.get_by_role("link", name=release.name).last).to_be_visible()
    assert had_token == [False, True]


def test_a_part_of_the_player_that_does_not_come_is_asked_for_again(
    chromium: Browser, listener: Listener, release: Release
) -> None:
    context = chromium.new_context(
        storage_state=listener.page.context.storage_state(),
        # Once there is a worker, it has every part.
        service_workers="block",
        locale="en-GB",
    )
    parts = re.compile(r"/assets/web/rest-")
    context.route(parts, lambda route: route.abort())
    page = context.new_page()
    page.goto(listener.platform.url)
    page.get_by_role("heading", name="Good ").wait_for()
    open_page(page, f"/album/{release.id}")
    expect(page.get_by_role("heading", name="There is no network")).to_be_visible()

    # The player tries by itself once more, in vain.
    page.wait_for_timeout(1500)

    context.unroute(parts)
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("heading", name=release.name)).to_be_visible()
    # Its styles have come, too: rows lie side by side.
    expect(page.locator(".tracks .track").first).to_have_css("display", "grid")
    context.close()
