"""Every page in a real browser: no error, no other host, it fits a phone, and axe finds nothing serious."""

from __future__ import annotations

from typing import Any

import pytest

from teisen.languages import LANGUAGES
from tests.server.browser.conftest import AXE, Person, Site

PUBLIC = (
    *("/", "/?day=2025-04-19&layer=sight", "/incidents", "/provisions", "/allegations", "/positions", "/compliance"),
    *("/plan", "/reports", "/ledger", "/ledger/0", "/sign-in", "/nothing-here"),
)
SERIOUS = {"serious", "critical"}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}

SQUEEZED = "[...document.querySelectorAll('caption:not(.hidden)')].some(one => one.offsetWidth < 40)"


def serious(page: Any) -> list[str]:
    """What axe finds serious on a page, with where it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{one['id']}: {node['target']}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.fixture(scope="module")
def incident(site: Site) -> str:
    """An incident's address."""
    return f"/incidents/{site.app.state.current.state.view('public').table('incident')['incident_id'][0]}"


@pytest.mark.parametrize(("scheme", "paths"), [("light", PUBLIC), ("dark", PUBLIC[:2])])
def test_pages_load_on_a_phone_and_axe_finds_nothing_serious(
    site: Site, browser: Any, incident: str, scheme: str, paths: tuple[str, ...]
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    phone = Person(site, context)
    wrong = []
    for path in (*paths, incident):
        page = phone.page(path)
        page.wait_for_load_state("load")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{path} is wider than the screen")
        if page.evaluate(SQUEEZED):
            wrong.append(f"{path} has a caption of one letter a line")
        if AXE.is_file():
            wrong += [f"{path} {one}" for one in serious(page)]
        page.close()
    context.close()
    troubles = [one for one in phone.troubles if "404" not in one]
    assert wrong + troubles == []


def test_the_map_is_drawn_and_its_address_gives_the_same_view(person: Person) -> None:
    page = person.page("/?day=2025-04-19&kind=drone-strike&from=2025-04-19&to=2025-04-20&at=30.5,50.5,7")
    page.wait_for_selector("#map[data-ready]")
    assert "Incidents shown: 1, 2025-04-19 to 2025-04-20" in page.inner_text("#map .note")
    page.select_option("#controls [name=kind]", "")
    page.wait_for_selector("#map .note:text('shown: 2')")
    brush = page.locator(".brush")
    brush.press("ArrowLeft")
    assert "from=2025-04-18" in page.url
    assert "kind" not in page.url
    again = person.page(page.url.removeprefix(person.site.address))
    again.wait_for_selector("#map[data-ready]")
    assert again.inner_text("#map .note") == page.inner_text("#map .note")


def test_a_drag_over_the_timeline_chooses_days_and_play_moves_them_on_the_map(person: Person) -> None:
    page = person.page("/?day=2025-04-18")
    page.wait_for_selector("#map[data-ready]")
    drawing = page.locator("#timeline svg")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box is not None
    left, day, y = box["x"] + box["width"] * 44 / 960, box["width"] * 916 / 960 / 5, box["y"] + 20
    page.mouse.move(left + 2.1 * day, y)
    page.mouse.down()
    page.mouse.move(left + 3.7 * day, y, steps=4)
    page.mouse.up()
    note = page.locator("#map .note")
    note.filter(has_text="2025-04-20 to 2025-04-21").wait_for()
    assert ("from=2025-04-20" in page.url, "to=2025-04-21" in page.url) == (True, True)
    play = page.locator("#controls [name=play]")
    play.press("Enter")
    note.filter(has_text="2025-04-21 to 2025-04-22").wait_for()
    page.wait_for_selector("#controls [name=play][aria-pressed=false]")
    assert "from=2025-04-21" in page.url, "the end of the case ends it, and the address keeps where"


def test_without_scripts_the_situation_says_the_same_in_words(site: Site, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.address + "/?day=2025-04-19")
    assert page.locator(".answer").count() == 1
    assert page.locator("#map img").get_attribute("src", timeout=1000)
    assert page.locator("#timeline a").count() == 5
    page.click("a[rel=next]")
    assert "day=2025-04-20" in page.url
    context.close()


def test_the_browser_itself_checks_the_proof(person: Person, incident: str) -> None:
    page = person.page(incident)
    page.click("#check")
    page.wait_for_selector("[data-head-line]")
    assert page.locator("#proofs .bad").count() == 0
    assert page.locator("#proofs .ok").count() >= 2


def test_a_forged_proof_is_found_out(person: Person, incident: str) -> None:
    page = person.context.new_page()

    def forged(route: Any) -> None:
        answer = route.fetch()
        told = answer.json()
        told["leaf"] = told["leaf"][::-1].lstrip("=") + "="
        told.pop("data", None)
        route.fulfill(response=answer, json=told)

    page.route("**/proof.json", forged)
    page.goto(person.site.address + incident)
    page.click("#check")
    page.wait_for_selector("#proofs .bad")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_speak_each_language(person: Person, language: str) -> None:
    page = person.page(f"/?lang={language}")
    assert page.get_attribute("html", "lang") == language
    page.click("nav.nav a[href^='/provisions']")
    assert page.get_attribute("html", "lang") == language
