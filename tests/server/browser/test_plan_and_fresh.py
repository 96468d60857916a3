"""The page of watch plans in a browser, and the offer of newer data, which moves nothing."""

from __future__ import annotations

from typing import Any

from tests.server.browser.conftest import Person, Site


def test_the_map_of_a_plan_loads_and_the_address_of_a_version_shows_it(person: Person) -> None:
    page = person.page("/plan")
    page.click("text=Version 1 >> nth=0")
    image = page.locator(".plan-map img")
    image.scroll_into_view_if_needed()
    assert image.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    assert page.inner_text("#h-plan") == "Watch of the line · Version 1"
    assert "version=1" in page.url


def test_newer_data_is_offered_without_moving_the_page(person: Person) -> None:
    page = person.page("/incidents")
    offer = page.locator("#fresh")
    page.wait_for_timeout(300)
    assert offer.is_hidden()
    page.evaluate("scrollTo(0, 120)")
    before = page.evaluate("[scrollY, document.querySelector('main').getBoundingClientRect().top]")
    live = person.site.app.state.live
    live.tell("state", {"ledger_size": 10_000})
    offer.wait_for()
    assert page.evaluate("[scrollY, document.querySelector('main').getBoundingClientRect().top]") == before
    page.click("#fresh [data-later]")
    assert offer.is_hidden()
    live.tell("state", {"ledger_size": 10_001})
    offer.wait_for()
    with page.expect_navigation():
        page.click("#fresh [data-again]")
    page.wait_for_timeout(300)
    assert offer.is_hidden()


def test_without_scripts_nothing_is_offered(site: Site, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.address + "/plan")
    assert page.locator("#fresh").is_hidden()
    assert page.locator("#h-versions").is_visible()
    context.close()
