"""The page to step through one pass, as a file and in a browser."""

import base64
import importlib.resources
import itertools
import re
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pytest
from browser import PROGRAM, browser
from test_viz_page_steps import levels
from test_viz_picture import HOSTILE
from test_viz_scene import branching_cost, dense_cost

import autograd_core as ag
import nn
import viz
from autograd_core.wording.errors import DtypeError, GraphError
from viz.scene.labels import number
from viz.style.theme import LIGHT

NEEDS_BROWSER = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium")


class Tags(HTMLParser):
    """The tags of a page with their attributes, and whether all that were opened are closed."""

    VOID = frozenset({"meta", "input", "img", "rect", "circle", "path", "polygon"})

    def __init__(self, html):
        super().__init__()
        self.found, self.open = [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def three_layers(*widths):
    X, Y = nn.datasets.iris()
    shapes = itertools.pairwise((4, *widths, 3))
    layers = [nn.Dense(a, b, "tanh", rng=a) for a, b in shapes]
    return nn.costs.squared_error(nn.Sequential(*layers)(X), Y)


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def shown(tab, tmp_path):
    """Write a page and open it, at a fragment if one is given; afterwards nothing may have gone wrong."""

    def show(J, fragment=""):
        tab.events.clear()
        tab.open("about:blank")
        tab.events.clear()
        tab.open(f"{viz.page(J, tmp_path / 'page.html').as_uri()}{fragment}")
        return tab

    yield show
    told = {event["method"]: event["params"] for event in tab.events if "params" in event}
    assert not {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"} & set(told), told
    addresses = [
        e["params"]["request"]["url"] for e in tab.events if e["method"] == "Network.requestWillBeSent"
    ]
    assert all(address.startswith(("file:", "data:", "about:")) for address in addresses)


def test_the_page_is_one_file_that_asks_nobody_for_anything(tmp_path):
    html = viz.page(dense_cost(4, 5, 3), tmp_path / "page.html").read_text()
    for tag, attributes in Tags(html).found:
        assert tag not in {"link", "iframe", "object", "embed", "base", "form", "image", "use"}
        assert not any(key.startswith("on") or key == "style" for key in attributes)
        assert attributes.get("src", "data:").startswith("data:image/png;base64,") or tag != "img"
        assert attributes.get("href", "#").startswith("#")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy.startswith("default-src 'none'; img-src data:;")
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert base64.b64encode(sha256(content.encode()).digest()).decode() in policy
        assert "url(" not in content
        assert "innerHTML" not in content


@pytest.mark.parametrize("widths", [(6, 5), (64, 64)])
def test_a_three_layer_net_stays_below_300_kb(widths, tmp_path):
    assert viz.page(three_layers(*widths), tmp_path / "page.html").stat().st_size < 300_000


def test_same_program_same_bytes(tmp_path):
    first, second = (viz.page(branching_cost(), tmp_path / f"{i}.html").read_bytes() for i in range(2))
    assert first == second


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_neither_break_nor_inject(name, tmp_path):
    x = ag.tensor([1.0, 2.0], requires_grad=True, name=name)
    h = ag.tanh(x)
    h.name = name
    J = ag.sum(h * x)
    J.name = name
    path = viz.page(J, tmp_path / "page.html", title=name)
    tags = Tags(path.read_text())
    assert sum(tag == "script" for tag, _ in tags.found) == 1
    assert not any(key.startswith("on") for _, attributes in tags.found for key in attributes)
    assert path.stat().st_size < 120_000


def test_nothing_is_written_where_nothing_can_be(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing"):
        viz.page(branching_cost(), tmp_path / "missing" / "page.html")
    with pytest.raises(DtypeError, match="float"):
        viz.page(0.5, tmp_path / "page.html")
    with pytest.raises(GraphError, match="requires_grad"):
        viz.page(ag.tensor(1.0, name="x") * 2.0, tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_the_parts_of_the_page_are_package_data():
    folder = importlib.resources.files("viz") / "stepper"
    assert {part.name for part in folder.iterdir()} >= {"page.html", "style.css", "script.js"}


def test_every_operation_is_left_out_where_nobody_could_read_the_picture(tmp_path):
    html = viz.page(dense_cost(*[3] * 16), tmp_path / "page.html").read_text()
    assert 'id="layers"' in html
    assert 'id="operations"' not in html
    assert "too many operations to show each" in html


def unnamed_chain():
    y = ag.tensor(1.0, requires_grad=True, name="x")
    for _ in range(3000):
        y = ag.tanh(y)
    return y


def named_chain():
    y = ag.tensor(np.ones(3), requires_grad=True, name="x")
    for i in range(400):
        y = ag.tanh(y)
        y.name = f"h{i}"
    return ag.sum(y)


@pytest.mark.parametrize(
    ("make", "for_each_box"),
    [
        (lambda: three_layers(*[8] * 19), False),
        (lambda: three_layers(*[64] * 19), True),
        (lambda: three_layers(*[8] * 79), True),
        (unnamed_chain, False),
        (named_chain, True),
    ],
)
def test_a_page_stays_small_and_steps_through_boxes_where_there_is_too_much(make, for_each_box, tmp_path):
    path = viz.page(make(), tmp_path / "page.html")
    html = path.read_text()
    assert path.stat().st_size < 1_000_000
    assert ("a step for each box" in html) is for_each_box
    marks = [
        attributes["data-marks"].split() for _, attributes in Tags(html).found if "data-marks" in attributes
    ]
    parts = {attributes["data-id"] for _, attributes in Tags(html).found if "data-id" in attributes}
    assert 4 <= len(marks) <= 300
    assert parts >= {part for each in marks for part in each}


@NEEDS_BROWSER
def test_a_box_lights_up_for_each_of_its_steps(shown):
    tab = shown(three_layers(*[8] * 19))
    boxes = {}
    for _ in range(tab.evaluate("level.steps.length")):
        lit = tab.evaluate(
            "[...document.querySelectorAll('.level.now svg .now[data-role*=block]')].map((b) => b.dataset.id)"
        )
        boxes[tab.evaluate("location.hash.split('/')[1]")] = lit
        tab.press("ArrowRight")
    lit = [box for found in boxes.values() for box in found]
    assert all(len(found) <= 1 for found in boxes.values())
    assert len(set(lit)) == 40  # each layer, forward and back
    assert len(lit) == 20 * 8  # W, b, Z and A of each, and their adjoints


@NEEDS_BROWSER
@pytest.mark.parametrize("draw", [branching_cost, lambda: dense_cost(4, 5, 3)])
def test_every_step_is_reached_by_keyboard_and_shows_the_engines_numbers(shown, draw):
    J = draw()
    tab = shown(J)
    for name, (_, _, found) in zip(("layers", "operations"), levels(J), strict=True):
        tab.evaluate(f"switchLevel('{name}')")
        tab.press("Home")
        for i, step in enumerate(found.values()):
            if i:
                tab.press("ArrowRight")
            assert tab.evaluate("location.hash") == f"#{name}/{step.id}"
            seen = tab.evaluate(
                """[...document.querySelectorAll('.step')].filter((s) => s.checkVisibility()).map((s) =>
                [s.dataset.step, [...s.querySelectorAll('td:not(.paths td):not(.more), .number')]
                .map((cell) => cell.textContent)])"""
            )
            corner = step.value if step.value.ndim == 0 else np.atleast_2d(step.value)[:6, :8]
            assert seen == [[step.id, [number(x) for x in np.ravel(corner)]]]
        assert tab.evaluate("byId('next').disabled")
        tab.press("ArrowLeft")
        assert not tab.evaluate("byId('next').disabled")


@NEEDS_BROWSER
def test_the_picture_lights_up_step_by_step(shown):
    J = branching_cost()
    (_, _, found), _ = levels(J)
    tab = shown(J)
    seen = set()
    for step in found.values():
        state = tab.evaluate(
            """[...document.querySelectorAll('.level.now svg [data-id]:not([data-role$="frame"])')].map(
            ({dataset, classList}) => [dataset.id, classList.contains('now'), classList.contains('later')])"""
        )
        seen |= set(step.marks)
        assert {at for at, now, _ in state if now} == set(step.marks)
        assert {at for at, _, later in state if not later} == seen
        tab.press("ArrowRight")


@NEEDS_BROWSER
def test_what_comes_later_is_grey_but_as_easy_to_read_as_all_small_text(shown):
    tab = shown(dense_cost(4, 5, 3))
    colours = tab.evaluate(
        """[...document.querySelectorAll('.level.now svg .later text')].map((text) =>
        [getComputedStyle(text).fill, getComputedStyle(text.parentElement).opacity].join())"""
    )
    red, green, blue = bytes.fromhex(LIGHT.muted.removeprefix("#"))
    assert set(colours) == {f"rgb({red}, {green}, {blue}),1"}


@NEEDS_BROWSER
def test_buttons_slider_links_picture_and_fragment_lead_to_steps(shown):
    tab = shown(dense_cost(4, 5, 3), "#operations/d8")
    where = "location.hash"
    assert tab.evaluate(where) == "#operations/d8"
    assert tab.evaluate("document.querySelector('#detail input:checked').value") == "operations"
    tab.evaluate("byId('first').click()")
    assert tab.evaluate(where) == "#operations/v0"
    tab.evaluate("byId('next').click(); byId('next').click(); byId('back').click(); byId('last').click()")
    assert tab.evaluate(where) == tab.evaluate("`#operations/${level.steps.at(-1).dataset.step}`")
    tab.evaluate("byId('slider').value = 3; byId('slider').dispatchEvent(new Event('input'))")
    assert tab.evaluate("at") == 2
    tab.evaluate("level.links[4].click()")
    assert tab.evaluate("at") == 4
    tab.evaluate("level.parts[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert tab.evaluate("at === level.ranks.get(level.parts[0].dataset.id)")
    tab.evaluate("location.hash = '#layers/v1'; new Promise((done) => addEventListener('hashchange', done))")
    assert tab.evaluate("level.element.id + at") == "layers1"
    tab.evaluate("location.hash = '#no/such'; new Promise((done) => addEventListener('hashchange', done))")
    assert tab.evaluate(where) == "#layers/v1"


@NEEDS_BROWSER
def test_search_finds_steps_and_says_when_there_is_none(shown):
    tab = shown(dense_cost(4, 5, 3))
    hits = "level.links.filter((link) => link.checkVisibility()).map((link) => link.textContent)"
    tab.press("/")
    assert tab.evaluate("document.activeElement.type") == "search"
    for letter in "∂J/∂W":
        tab.call("Input.insertText", text=letter)
    assert tab.evaluate(hits) == ["∂J/∂W[2]", "∂J/∂W[1]"]
    tab.press("Enter")
    assert tab.evaluate("level.steps[at].dataset.said") == "backward: ∂J/∂W[2]"
    tab.call("Input.insertText", text=" nothing")
    assert tab.evaluate(hits) == []
    assert tab.evaluate("level.element.querySelector('.none').checkVisibility()")


@NEEDS_BROWSER
def test_a_screen_reader_hears_each_step(shown):
    tab = shown(dense_cost(4, 5, 3))
    tab.press("ArrowRight")
    assert tab.evaluate("byId('said').textContent") == "step 2 of 20, forward: b[1]"
    assert tab.evaluate("byId('said').getAttribute('aria-live')") == "polite"
    tree = tab.call("Accessibility.getFullAXTree")["nodes"]
    names = {(n["role"]["value"], n.get("name", {}).get("value", "")) for n in tree if not n["ignored"]}
    assert {("button", "next step"), ("slider", "step"), ("navigation", "all steps")} <= names
    assert all(name for role, name in names if role in {"button", "slider", "radio", "checkbox", "image"})


@NEEDS_BROWSER
def test_dark_is_chosen_by_the_system_or_by_the_switch(shown):
    tab = shown(branching_cost())
    ground = "getComputedStyle(document.querySelector('.level.now svg > rect')).fill"
    for scheme, colour in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 27)")):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        tab.call("Emulation.setEmulatedMedia", features=features)
        assert tab.evaluate(ground) == colour
    tab.evaluate("byId('theme').click()")
    assert tab.evaluate(ground) == "rgb(255, 255, 255)"
    assert tab.evaluate("byId('theme').getAttribute('aria-pressed')") == "false"


@NEEDS_BROWSER
def test_print_and_a_browser_without_scripts_show_every_step(shown):
    tab = shown(dense_cost(4, 5, 3))
    visible = "[...document.querySelectorAll('.step')].filter((step) => step.checkVisibility()).length"
    assert tab.evaluate(visible) == 1
    tab.call("Emulation.setEmulatedMedia", media="print")
    assert tab.evaluate(visible) == tab.evaluate("level.steps.length") == 20
    tab.call("Emulation.setEmulatedMedia", media="")
    tab.evaluate("document.body.classList.remove('stepping')")
    assert tab.evaluate(visible) == tab.evaluate("document.querySelectorAll('.step').length")


@NEEDS_BROWSER
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_do_no_harm_in_a_browser(shown, name):
    x = ag.tensor([1.0, 2.0], requires_grad=True, name=name)
    tab = shown(ag.sum(x * x))
    tab.press("End")
    assert tab.evaluate("at") == tab.evaluate("level.steps.length - 1") > 0


def test_numbers_beyond_all_bounds_are_shown_and_warn_nobody(tmp_path):
    x = ag.tensor([1e200, np.nan, np.inf, -1.0], requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        J = ag.sum(x * x * 1e200)
    html = viz.page(J, tmp_path / "page.html").read_text()
    assert "<td>1e+200</td><td>nan</td><td>inf</td><td>−1</td>" in html


def spoilt_on_both_ways():
    x = ag.tensor([1.0, 0.0], requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        return ag.sum(x * ag.log(x))


def test_the_first_step_that_is_not_finite_is_marked_in_words_on_both_ways(tmp_path):
    html = viz.page(spoilt_on_both_ways(), tmp_path / "page.html").read_text()
    marked = re.findall(r'data-step="(\w+)"[^>]*data-said="[^"]*, first not finite"', html)
    assert marked == ["v3", "d0", "v1", "d0"]  # log has a step of its own among the operations alone
    for level, step, said in (("layers", "v3", "log at v1"), ("operations", "v1", "log at v1 (v1)")):
        assert f'<a href="#{level}-{step}">{said}</a>' in html
    assert "not finite" not in viz.page(branching_cost(), tmp_path / "page.html").read_text()


def test_a_step_of_a_box_is_marked_for_what_is_not_finite_inside(tmp_path):
    y = ag.tensor(1.0, requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        for _ in range(300):
            y = ag.exp(y)
    html = viz.page(y, tmp_path / "page.html").read_text()
    assert 'data-said="forward: J, first not finite"' in html


@NEEDS_BROWSER
def test_a_link_leads_to_what_is_not_finite(shown):
    tab = shown(spoilt_on_both_ways())
    tab.evaluate("level.element.querySelector(':scope > .note a').click()")
    assert tab.evaluate("location.hash") == "#layers/v3"
    assert tab.evaluate("byId('said').textContent").endswith("first not finite")
