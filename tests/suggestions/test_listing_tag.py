"""A website of the directory, as its tag writes it."""

from django.utils import timezone

from suggestions.samples import listing as sample
from suggestions.templatetags.websites import listing

HOSTILE = "</a><script>\"'&"


def test_nothing_that_a_visitor_wrote_is_markup():
    html = listing(sample(title=HOSTILE, name=HOSTILE, description=HOSTILE), level=3, can_be_reported=True)
    assert "<script" not in html
    assert html.count("&lt;/a&gt;&lt;script&gt;") == 4  # title, name, description, and the title beside “Report”
    assert "<p>&lt;/a&gt;&lt;script&gt;" in html


def test_what_is_missing_leaves_nothing_behind():
    html = listing(sample(title="Ca trù", url="javascript:x", show_name=False, last_alive_at=None), level=2)
    assert '<h2 class="listing__title" lang="vi">Ca trù</h2>' in html
    for absent in ("<form", "<details", "found by", "Last seen alive", "listing__warning", "None"):
        assert absent not in html


def test_says_who_found_it_and_what_is_wrong_with_it():
    now = timezone.now()
    silent = listing(sample(title="A", silent_since=now), level=3)
    insecure = listing(sample(title="A", insecure_since=now), level=3)
    assert "has not answered lately" in silent
    assert "certificate or encryption not valid" in insecure
    for text in ("found by Linh", "in Vietnamese", ">Sample</a> · in", "Last seen alive on"):
        assert text in silent
