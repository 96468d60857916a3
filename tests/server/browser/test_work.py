"""People at work: an analyst's morning, a liaison's allegation and reply, an observer without a connection."""

from __future__ import annotations

from typing import Any

import polars as pl

from tests.server.browser.conftest import AXE, Person, Site
from tests.server.browser.test_pages import serious

ROW = "at,x,y,what,words\n2025-04-19 09:00,30.60,50.60,shelling,from a file\nnever,30.6,50.6,shelling,no time\n"


def until(page: Any, true: str) -> None:
    """Wait until an expression is true in the page, for ten seconds at most."""
    for _ in range(100):
        if page.evaluate(true):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {true}")


def settled(site: Site) -> None:
    assert site.app.state.deriving.settled(240)


def test_an_analysts_morning(accounts: Site, person: Person, browser: Any) -> None:
    person.sign_in("ana")
    page = person.page("/intake")
    page.click("text=Made-up news >> nth=-1")
    page.set_input_files("#file-news", {"name": "today.csv", "mimeType": "text/csv", "buffer": ROW.encode()})
    page.click("form[action='/acts/upload/news'] button")
    assert "1 set aside" in page.inner_text("main")
    assert "never" in page.inner_text("table") or "no time" in page.inner_text("main")
    page.goto(accounts.address + "/review")
    if AXE.is_file():
        assert serious(page) == []
    first = page.locator(".queue [aria-current]").get_attribute("href")
    page.keyboard.press("c")
    page.keyboard.type("Two sources say so.")
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state()
    page.wait_for_selector("text=Two sources say so.")
    assert first
    page.goto(accounts.address + "/reports")
    if AXE.is_file():
        assert serious(page) == []
    page.fill("#day", "2025-04-19")
    page.click("button:has-text('Prepare the report')")
    page.wait_for_selector("text=waits for a second person")
    duty = Person(accounts, browser.new_context()).sign_in("duty")
    released = duty.page("/reports")
    released.click("text=Release it")
    released.wait_for_selector(".badge.good:has-text('released')")
    public = Person(accounts, browser.new_context())
    settled(accounts)
    shown = public.page("/reports")
    shown.click("text=Report of 2025-04-19")
    assert "19 April 2025" in shown.inner_text("body")
    assert duty.troubles + public.troubles == []


def test_a_liaison_alleges_and_replies_and_sees_what_became_of_it(accounts: Site, person: Person) -> None:
    person.sign_in("lia")
    page = person.page("/allege")
    page.wait_for_load_state("networkidle")
    fill(page, "claims", said="2025-04-19T07:05", words="They struck the depot.")
    page.click("form[data-offline] > button")
    page.wait_for_selector("#outbox:has-text('1 on record')")
    settled(accounts)
    view = accounts.app.state.current.state.view("public", "party-a")
    mine = view.table("allegation").filter(pl.col("text").str.contains("depot"))
    assert mine.height == 1
    page.goto(f"{accounts.address}/allegations/{mine['allegation_id'][0]}")
    assert "What became of it" in page.inner_text("main")
    page.click("summary:has-text('Reply')")
    page.fill("details[open] textarea", "We have photographs.")
    page.click("details[open] button")
    page.wait_for_selector(".done:has-text('On record')")
    said = accounts.app.state.desk.record().steps.values()
    assert [step.act.body.reason for step in said if step.act.body.action == "reply"] == ["We have photographs."]


def test_an_observer_reports_without_a_connection_and_it_goes_in_once(accounts: Site, person: Person) -> None:
    person.sign_in("olena")
    page = person.page("/intake")
    until(page, "navigator.serviceWorker.controller !== null")
    until(page, "caches.match('/intake').then(found => found !== undefined)")
    before = accounts.app.state.desk.case.ledger.checkpoint.size
    person.context.set_offline(True)
    page.reload()
    fill(page, "news", said="2025-04-20T05:00", words="Seen from the bridge.")
    page.click("form[data-offline] > button")
    page.wait_for_selector("#outbox:has-text('1 waiting')")
    person.context.set_offline(False)
    page.wait_for_selector("#outbox:has-text('1 on record')")
    page.reload()
    settled(accounts)
    observed = accounts.app.state.current.state.view("mission").table("observation")
    assert observed.filter(pl.col("text") == "Seen from the bridge.").height == 1
    assert accounts.app.state.desk.case.ledger.checkpoint.size > before
    person.troubles[:] = [one for one in person.troubles if "ERR_INTERNET_DISCONNECTED" not in one]


def fill(page: Any, source: str, *, said: str, words: str) -> None:
    """Fill the form of a source: each field that it has, by the name that Teisen gives it."""
    values = {"start": said, "stated": said, "lon": "30.5", "lat": "50.5", "kind": "drone-strike", "text": words}
    for name, value in values.items():
        box = page.locator(f"#{source}-{name}")
        if not box.count():
            continue
        if box.evaluate("one => one.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
