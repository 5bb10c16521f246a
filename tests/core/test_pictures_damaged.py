"""Strangers' photos that are damaged anywhere: refused or a picture."""

import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.pictures import decoder
from core.pictures.decoder import Refusal
from tests.core import pictures
from tests.core.masters import FORMATS
from tests.core.pictures import opened, saved


def assert_refused_or_picture(answer: bytes) -> None:
    line, _, jpeg = answer.partition(b"\n")
    facts = json.loads(line)
    if "refused" in facts:
        assert (facts, jpeg) == ({"refused": Refusal(facts["refused"])}, b"")
    else:
        opened(jpeg).load()
        assert opened(jpeg).size == (facts["width"], facts["height"])


SMALL = {form: saved(pictures.photo(size=(240, 200)), form) for form in FORMATS}


@pytest.mark.parametrize("form", FORMATS)
@hypothesis_settings(deadline=None, max_examples=40, database=None)
@given(data=st.data())
def test_any_beginning_of_a_picture_is_refused_or_a_picture(form, data):
    length = data.draw(st.integers(0, len(SMALL[form])))
    assert_refused_or_picture(decoder.answer(SMALL[form][:length]))


@pytest.mark.parametrize("form", FORMATS)
@hypothesis_settings(deadline=None, max_examples=40, database=None)
@given(data=st.data())
def test_any_damaged_picture_is_refused_or_a_picture(form, data):
    damaged = bytearray(SMALL[form])
    for _ in range(data.draw(st.integers(1, 4))):
        # Most of the damage goes where the structure is.
        last = data.draw(st.sampled_from([64, 512, len(damaged)])) - 1
        damaged[data.draw(st.integers(0, last))] = data.draw(st.integers(0, 255))
    assert_refused_or_picture(decoder.answer(bytes(damaged)))
