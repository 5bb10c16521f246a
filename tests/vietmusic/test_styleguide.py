"""The styleguide, which only makers see."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test.signals import template_rendered
from django.utils import translation

from vietmusic import dev

COMPONENTS = {path.name for path in (Path(settings.BASE_DIR) / "templates" / "components").iterdir()}

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgresql(False)]


def test_styleguide_is_shown_to_nobody_in_production(client):
    assert [client.get(path).status_code for path in ("/styleguide/", "/vi/styleguide/")] == [404, 404]


@pytest.mark.parametrize("language", ["en", "vi"])
def test_styleguide_shows_every_component(rf, language):
    shown = set()

    def see(template, **kwargs):
        shown.add(str(template.name or "").rpartition("/")[2])

    template_rendered.connect(see)
    try:
        with translation.override(language):
            response = dev.styleguide(rf.get("/styleguide/"))
    finally:
        template_rendered.disconnect(see)

    assert response.status_code == 200
    assert COMPONENTS - shown == {
        "open_graph.html",
        "open_graph_card.html",
        "open_graph_picture.html",
    }  # heads of pages


def test_styleguide_shows_every_colour():
    assert {"ground", "ink", "lacquer-ground", "gold-ink", "caption-shade"} < set(dev.colours())
