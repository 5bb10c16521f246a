"""Digests that rows keep: they are what they were when the rows were written, wherever the code has moved."""

import pytest

from core.canonical_json import canonical_json, sha256_of
from core.email_digest import email_digest, email_digests, keys, unnamed_digest


def test_equal_values_have_one_spelling():
    assert canonical_json({"b": [1, None], "a": "Huế"}) == '{"a":"Huế","b":[1,null]}'.encode()
    assert sha256_of({"a": 1, "b": 2}) == sha256_of({"b": 2, "a": 1}) != sha256_of({"a": 2, "b": 1})


def test_digest_of_an_address_never_changes():
    assert (
        email_digest("anh@example.com", key="k" * 50)
        == "a9eb8d4.33f9e05c44b8cc08705ffda5c14e53db919ce122716817857dc77e8f"
    )
    assert (
        unnamed_digest("anh@example.com", "k" * 50)
        == "33f9e05c44b8cc08705ffda5c14e53db919ce122716817857dc77e8f3392dfe7"
    )


@pytest.mark.parametrize("email", ["ANH@example.com", " anh@example.com\n"])
def test_case_and_spaces_of_an_address_do_not_count(email):
    assert email_digest(email) == email_digest("anh@example.com") != email_digest("binh@example.com")


def test_each_key_in_use_gives_a_digest(settings):
    old = email_digest("anh@example.com")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "new" * 20

    unnamed = [unnamed_digest("anh@example.com", key) for key in keys()]
    assert email_digests("anh@example.com") == (email_digest("anh@example.com"), old, *unnamed)
