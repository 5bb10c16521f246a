"""What the difference between two registries means, in sentences."""

import copy
import itertools
import json

import pytest
from django.contrib.auth.models import Group
from django.utils import translation

from core.canonical_json import canonical_json
from privacy import checks
from privacy.policy import registry_diff, snapshots, text_diff
from privacy.policy.registry_diff import are_material, between
from privacy.registry.declarations import REGISTRY, Registry, data, declare
from privacy.registry.purposes import PAGEANT, Audience
from tests.core.concurrency import run

DAY = 86_400  # seconds


def texts(english):
    return {"en": english, "vi": f"{english} (vi)"}


def keep(days, *, since="created_at", text=None):
    return {"text": texts(text or f"{days} days after"), "rule": "Keep", "since": since, "seconds": days * DAY}


def datum(*fields, what="your e-mail address", **declared):
    plain = {"purposes": ["pageant"], "seen_by": "moderators", "keep": [], "shareable": False, "erasing": "delete"}
    return {"fields": list(fields), "what": texts(what), "because": texts(""), **plain, **declared}


def cookie(name="choice", **declared):
    plain = {"purpose": "pageant", "seconds": 90 * DAY, "http_only": True, "same_site": "Lax"}
    return {"name": name, "holds": texts("what you chose"), "set_when": texts("when you choose"), **plain, **declared}


def snapshot(
    *rows, keep=(), cookies=(), purposes=("pageant", "contact"), asked=(), refusable=(), label="x.Entry", staff=False
):
    return {
        "audiences": [{"key": one, "name": texts(one.title())} for one in ("public", "moderators", "nobody")],
        "purposes": [
            {"key": one, "name": texts(one.title()), "text": texts(one), "asked": one in asked}
            | ({"unless_refused": True} if one in refusable else {})
            for one in purposes
        ],
        "kinds": [
            {"label": label, "name": texts("Your entry"), "staff": staff, "keep": list(keep), "data": list(rows)}
        ],
        "cookies": list(cookies),
    }


E = datum("email")
MAIL = "your e-mail address (Your entry)"

CASES = {
    "new kind": (
        {**snapshot(E), "kinds": []}, snapshot(E),
        "Now also collected: Your entry – your e-mail address", True,
    ),
    "kind gone": (
        snapshot(E), {**snapshot(E), "kinds": []},
        "No longer collected: Your entry – your e-mail address", False,
    ),
    "new datum": (
        snapshot(E), snapshot(E, datum("shoes", what="your shoes")),
        "Now also collected: your shoes (Your entry)", True,
    ),
    "datum gone": (
        snapshot(E, datum("shoes", what="your shoes")), snapshot(E),
        "No longer collected: your shoes (Your entry)", False,
    ),
    "field gone from a datum": (
        snapshot(datum("email", "phone", what="how to reach you")), snapshot(datum("email", what="how to reach you")),
        "Now less of this is collected: how to reach you (Your entry)", False,
    ),
    "new field in a datum": (
        snapshot(E), snapshot(datum("email", "phone", what="how to reach you")),
        "Now also collected: how to reach you (Your entry)", True,
    ),
    "wider": (
        snapshot(E), snapshot(datum("email", seen_by="public")),
        f"Now seen by a wider circle, “Public” instead of “Moderators”: {MAIL}", True,
    ),
    "narrower": (
        snapshot(E), snapshot(datum("email", seen_by="nobody")),
        f"Now seen by a smaller circle, “Nobody” instead of “Moderators”: {MAIL}", False,
    ),
    "used": (
        snapshot(E), snapshot(datum("email", purposes=["pageant", "contact"])),
        f"Now also used for “Contact”: {MAIL}", True,
    ),
    "unused": (
        snapshot(datum("email", purposes=["pageant", "contact"])), snapshot(E),
        f"No longer used for “Contact”: {MAIL}", False,
    ),
    "longer": (
        snapshot(datum("email", keep=[keep(30)])), snapshot(datum("email", keep=[keep(90)])),
        f"Kept 90 instead of 30 days: {MAIL} (90 days after)", True,
    ),
    "shorter": (
        snapshot(datum("email", keep=[keep(90)])), snapshot(datum("email", keep=[keep(30)])),
        f"Kept 30 instead of 90 days: {MAIL} (30 days after)", False,
    ),
    "longer, in years": (
        snapshot(E, keep=[keep(90)]), snapshot(E, keep=[keep(365)]),
        "Kept 1 year instead of 90 days: Your entry (365 days after)", True,
    ),
    "another rule": (
        snapshot(E, keep=[keep(90)]), snapshot(E, keep=[keep(90, since="closed_at", text="90 days after the end")]),
        "Kept under a different rule, “90 days after the end” instead of “90 days after”: Your entry", True,
    ),
    "one rule more": (
        snapshot(E, keep=[keep(90)]), snapshot(E, keep=[keep(30, since="moved_at"), keep(90)]),
        "Now erased at this point: Your entry (30 days after)", False,
    ),
    "one rule less": (
        snapshot(E, keep=[keep(30, since="moved_at"), keep(90)]), snapshot(E, keep=[keep(90)]),
        "No longer erased at this point: Your entry (30 days after)", True,
    ),
    "one of two rules of a kind": (
        snapshot(E, keep=[keep(90, text="never shown: 90 days"), keep(1000)]),
        snapshot(E, keep=[keep(60, text="never shown: 60 days"), keep(1000)]),
        "Kept 60 instead of 90 days: Your entry (never shown: 60 days)", False,
    ),
    "shareable": (
        snapshot(E), snapshot(datum("email", shareable=True)),
        f"A co-sponsor may now get this from people who agree: {MAIL}", True,
    ),
    "not shareable": (
        snapshot(datum("email", shareable=True)), snapshot(E),
        f"No longer for any co-sponsor: {MAIL}", False,
    ),
    "stays": (
        snapshot(E), snapshot(datum("email", erasing="stay")),
        f"Now stays when your data is erased: {MAIL}", True,
    ),
    "erased": (
        snapshot(datum("email", erasing="stay")), snapshot(E),
        f"No longer stays when your data is erased: {MAIL}", False,
    ),
    "new purpose": (
        snapshot(E), snapshot(E, purposes=("pageant", "contact", "shop")),
        "A new purpose: Shop", True,
    ),
    "purpose gone": (
        snapshot(E, purposes=("pageant", "contact", "shop")), snapshot(E),
        "No longer a purpose: Shop", False,
    ),
    "asked": (
        snapshot(E), snapshot(E, asked=("contact",)),
        "Now only with your consent: Contact", False,
    ),
    "done until refused": (
        snapshot(E, asked=("contact",)), snapshot(E, asked=("contact",), refusable=("contact",)),
        "Now done unless you say no, instead of only if you say yes: Contact", True,
    ),
    "refusable": (
        snapshot(E), snapshot(E, asked=("contact",), refusable=("contact",)),
        "Now only until you say no: Contact", False,
    ),
    "not asked": (
        snapshot(E, asked=("contact",)), snapshot(E),
        "Now without asking for your consent: Contact", True,
    ),
    "new cookie": (
        snapshot(E), snapshot(E, cookies=[cookie()]),
        "A new cookie: choice – what you chose", True,
    ),
    "cookie gone": (
        snapshot(E, cookies=[cookie()]), snapshot(E),
        "No longer set: the cookie choice", False,
    ),
    "cookie lasts longer": (
        snapshot(E, cookies=[cookie()]), snapshot(E, cookies=[cookie(seconds=180 * DAY)]),
        "The cookie choice lasts 180 instead of 90 days", True,
    ),
    "cookie lasts shorter": (
        snapshot(E, cookies=[cookie()]), snapshot(E, cookies=[cookie(seconds=None)]),
        "The cookie choice lasts until the browser is closed instead of 90 days", False,
    ),
    "cookie's purpose": (
        snapshot(E, cookies=[cookie()]), snapshot(E, cookies=[cookie(purpose="contact")]),
        "The cookie choice is now for “Contact” instead of “Pageant”", True,
    ),
    "cookie opened": (
        snapshot(E, cookies=[cookie()]), snapshot(E, cookies=[cookie(same_site="None")]),
        "Scripts or other sites can now get more of the cookie choice", True,
    ),
    "cookie closed": (
        snapshot(E, cookies=[cookie(http_only=False)]), snapshot(E, cookies=[cookie()]),
        "Scripts or other sites can now get less of the cookie choice", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_change_has_its_sentence_and_its_weight(case):
    old, new, sentence, material = CASES[case]

    found = between(old, new)

    assert ([str(change) for change in found], are_material(found)) == ([sentence], material)


def test_every_sort_of_change_is_tried():
    found = {change.sort for old, new, _sentence, _material in CASES.values() for change in between(old, new)}

    assert found == set(registry_diff.Sort)


def test_sentences_speak_the_language_of_the_page():
    old, new, _sentence, _material = CASES["new datum"]

    with translation.override("vi"):
        assert "your shoes (vi) (Your entry (vi))" in str(between(old, new)[0])


def test_other_words_are_no_change_in_what_is_done():
    reworded = snapshot(datum("email", what="your address for mail"))

    assert (between(snapshot(E), reworded), snapshots.are_equal(snapshot(E), reworded)) == ([], False)


def test_fields_grouped_otherwise_are_no_change():
    assert between(snapshot(datum("a", "b")), snapshot(datum("b"), datum("a"))) == []


def test_cookie_is_the_same_under_https():
    plain, secure = snapshot(E, cookies=[cookie()]), snapshot(E, cookies=[cookie("__Host-choice")])

    assert (between(plain, secure), snapshots.are_equal(plain, secure)) == ([], True)


def test_data_that_changed_together_is_told_once():
    found = between(snapshot(datum("a", "b")), snapshot(datum("a", "b", seen_by="public")))

    assert len(found) == 1


def test_material_changes_come_first():
    found = between(snapshot(datum("a", what="A")), snapshot(datum("b", what="B")))

    assert [change.is_material for change in found] == [True, False]


def test_purpose_that_nobody_knows_any_more_is_still_named():
    found = between(
        snapshot(E, cookies=[cookie()]),
        snapshot(E, cookies=[cookie(purpose="new")], purposes=("pageant", "contact", "new")),
    )

    assert "The cookie choice is now for “New” instead of “Pageant”" in map(str, found)


# The registry itself


def test_snapshot_of_the_same_registry_is_the_same():
    assert canonical_json(snapshots.take()) == canonical_json(snapshots.take())


def test_snapshot_survives_json():
    taken = snapshots.take()

    assert json.loads(json.dumps(taken)) == taken


def test_snapshot_is_the_same_in_whatever_language_it_is_taken():
    with translation.override("vi"):
        vietnamese = snapshots.take()

    assert vietnamese == snapshots.take()


def test_snapshot_holds_both_languages():
    entry = next(kind for kind in snapshots.take()["kinds"] if kind["label"] == "pageant.Entry")

    assert {language for one in entry["data"] for language in one["what"]} == {"en", "vi"}


def test_snapshot_tells_all_that_is_declared():
    taken = snapshots.take()

    labels = {declaration.label for declaration in REGISTRY.declarations.values()}
    fields = {f"{kind['label']}.{name}" for kind in taken["kinds"] for one in kind["data"] for name in one["fields"]}
    declared = {
        f"{declaration.label}.{name}"
        for declaration in REGISTRY.declarations.values()
        for one in declaration.data
        for name in one.fields
    }
    assert ({kind["label"] for kind in taken["kinds"]}, fields) == (labels, declared)
    assert {one["name"] for one in taken["cookies"]} == set(REGISTRY.cookies)


def test_snapshots_in_another_order_are_equal():
    taken = snapshots.take()
    shuffled = copy.deepcopy(taken)
    for name in ("kinds", "purposes", "cookies"):
        shuffled[name].reverse()

    assert snapshots.are_equal(taken, shuffled)


@pytest.fixture
def longer_registry():
    """The registry, and one model more that it doesn't declare in real life."""
    registry = Registry(dict(REGISTRY.declarations), dict(REGISTRY.impersonal), dict(REGISTRY.cookies))
    before = dict(REGISTRY.declarations)
    declare(Group, name="Shoes", data=[data("name", what="your shoes", purposes=[PAGEANT], seen_by=Audience.PUBLIC)])
    registry.declarations = dict(REGISTRY.declarations)
    REGISTRY.declarations.clear()
    REGISTRY.declarations.update(before)
    return registry


def test_field_that_is_declared_anew_is_a_material_change(longer_registry):
    found = between(snapshots.take(), snapshots.take(longer_registry))

    assert ([str(change) for change in found], are_material(found)) == (
        ["Now also collected: Shoes – your shoes"],
        True,
    )


def test_check_of_the_policy_is_silent_where_no_database_may_be_asked():
    """pytest-django stops whoever would ask it in a test without `db`."""
    assert checks.check_published(None) == []


def test_check_of_the_policy_makes_no_database(tmp_path):
    variables = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "localhost", "WORK": "worker"}
    file = tmp_path / "db.sqlite3"

    checked = run(["manage.py", "check", "--tag", "privacy"], DATABASE_URL=f"sqlite:///{file}", **variables)

    assert (checked.returncode, file.exists()) == (0, False), checked.stderr


# Words


def shown(rows):
    return [
        len(row.paragraphs) if isinstance(row, text_diff.Same) else (plain(row.before), plain(row.after))
        for row in rows
    ]


def plain(html):
    for tag, sign in (("del", "-"), ("ins", "+")):
        word = {"del": "removed", "ins": "added"}[tag]
        html = html.replace(f'<{tag}><span class="visually-hidden">[{word}:] </span>', f"{sign}[").replace(
            f"</{tag}>", "]"
        )
    return html


OLD = "Short.\n\n## One {#one}\n\nWe keep it for ten days and then erase it.\n\nSame.\n\n- first\n- second"

WORDS = {
    "nothing": (f"{OLD}\n", []),
    "a word": (
        OLD.replace("ten", "two"),
        [2, ("We keep it for -[ten] days and then erase it.", "We keep it for +[two] days and then erase it."), 3],
    ),
    "a paragraph more": (OLD.replace("Same.", "New here.\n\nSame."), [3, ("", "+[New here.]"), 3]),
    "a paragraph less": (OLD.replace("Same.\n\n", ""), [3, ("-[Same.]", ""), 2]),
    "a heading": (OLD.replace("## One", "## Once"), [1, ("-[One]", "+[Once]"), 4]),
    "only a name for links": (OLD.replace("{#one}", "{#uno}"), []),
    "HTML": (OLD.replace("Same.", "<b>Same</b>."), [3, ("-[Same.]", "+[&lt;b&gt;Same&lt;/b&gt;.]"), 2]),
    "where a link leads": (
        OLD.replace("second", "[second](/x/)"), [5, ("second", "second+[ (/x/)]")],
    ),
    "a paragraph before one that changed": (
        OLD.replace("We keep it for ten", "Other words.\n\nWe keep it for two"),
        [
            2,
            ("", "+[Other words.]"),
            ("We keep it for -[ten] days and then erase it.", "We keep it for +[two] days and then erase it."),
            3,
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WORDS)
def test_words_are_compared_paragraph_by_paragraph(case):
    new, rows = WORDS[case]

    assert shown(text_diff.between(OLD, new)) == rows


def test_place_of_what_is_generated_is_said_in_words():
    assert shown(text_diff.between("", "[[cookies]]")) == [("", "+[(what is generated here: cookies)]")]


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(["", "A.\n\nB.", "B.\n\nC."], 2)))
def test_words_on_each_side_are_all_there(before, after):
    rows = text_diff.between(before, after)

    def side(name):
        for row in rows:
            if isinstance(row, text_diff.Same):
                yield from (paragraph.text for paragraph in row.paragraphs)
            elif text := plain(getattr(row, name)):
                yield text.strip("-+[]")

    assert ["\n\n".join(side("before")), "\n\n".join(side("after"))] == [before, after]
