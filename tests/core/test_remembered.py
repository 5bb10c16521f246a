"""HTML that is remembered, and the tags that write it without templates."""

from django.urls import get_script_prefix, set_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import override

from core.remembered import fill, forget, remembered
from core.templatetags.site import outbound


def test_html_is_made_once_for_each_language_prefix_and_arguments(settings):
    made = []

    @remembered
    def make(*args):
        made.append(args)
        return f"<b>{len(made)}</b>"

    assert [make("a"), make("a"), make("b"), make("a")] == ["<b>1</b>", "<b>1</b>", "<b>2</b>", "<b>1</b>"]
    with override("vi"):
        assert make("a") == "<b>3</b>"
    prefix = get_script_prefix()
    set_script_prefix("/below/")
    try:
        assert make("a") == "<b>4</b>"
    finally:
        set_script_prefix(prefix)
    forget()
    assert make("a") == "<b>5</b>"
    settings.DEBUG = True
    assert [make("a"), make("a")] == ["<b>6</b>", "<b>7</b>"]


def test_link_that_leaves_the_site_escapes_its_text_and_needs_no_url():
    link = outbound('https://a.example/?b=1&c="', "<i>A & B</i>")
    assert 'href="https://a.example/?b=1&amp;c=&quot;"' in link
    assert ">&lt;i&gt;A &amp; B&lt;/i&gt;<span" in link
    assert "(leaves this site)" in link
    assert outbound("", "<i>A</i>") == "&lt;i&gt;A&lt;/i&gt;"
    assert isinstance(outbound("", "A"), SafeString)


def test_slots_are_filled_anew_and_text_is_escaped(monkeypatch):
    rendered = []

    def render(template, marks):
        rendered.append(template)
        return f"<p>{marks['words']}</p><ul>{marks['cards']}</ul>{marks['words']}"

    monkeypatch.setattr("core.remembered.render_to_string", render)
    filled = [fill("a.html", {"words": words, "cards": SafeString("<li>")}) for words in ("<slot cards>", "hát")]

    assert filled == ["<p>&lt;slot cards&gt;</p><ul><li></ul>&lt;slot cards&gt;", "<p>hát</p><ul><li></ul>hát"]
    assert rendered == ["a.html"]
