"""Writing long JSON documents piece by piece."""

import json
from io import BytesIO

import pytest

from core import json_export

PIECES = [
    [],
    [{}],
    [{"name": "Ánh\nNguyễn\u2028", "hobbies": ["hát", "[]\n}"]}, {"name": '"', "hobbies": []}],
    ["a", 1, None, [[], {"b": {"c": "d"}}]],
]


@pytest.mark.parametrize("items", PIECES)
def test_document_is_the_one_that_is_made_at_once(items):
    head = {"recipient": "Áo dài []\n}", "purpose": {"en": "x", "vi": "y"}}
    file = BytesIO()

    json_export.write(head, "people", iter(items), file)

    assert file.getvalue() == json.dumps({**head, "people": items}, ensure_ascii=False, indent=2).encode()
