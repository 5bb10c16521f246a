"""Strangers' photos that are damaged anywhere: refused or a picture."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.pictures import decoder
from core.pictures.decoder import Refusal
from core.pictures.stated_colours import profiles_of_png
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
@hypothesis_settings(max_examples=40, database=None)
@given(data=st.data())
def test_any_beginning_of_a_picture_is_refused_or_a_picture(form, data):
    length = data.draw(st.integers(0, len(SMALL[form])))
    assert_refused_or_picture(decoder.answer(SMALL[form][:length]))


@pytest.mark.parametrize("form", FORMATS)
@hypothesis_settings(max_examples=40, database=None)
@given(data=st.data())
def test_any_damaged_picture_is_refused_or_a_picture(form, data):
    damaged = bytearray(SMALL[form])
    for _ in range(data.draw(st.integers(1, 4))):
        # Most of the damage goes where the structure is.
        last = data.draw(st.sampled_from([64, 512, len(damaged)])) - 1
        damaged[data.draw(st.integers(0, last))] = data.draw(st.integers(0, 255))
    assert_refused_or_picture(decoder.answer(bytes(damaged)))


CHUNKS_ABOUT_COLOURS = st.dictionaries(
    st.sampled_from([b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"]), st.binary(max_size=40)
)


@hypothesis_settings(max_examples=200, database=None)
@given(chunks=CHUNKS_ABOUT_COLOURS, places=st.lists(st.integers(0, 100_000), min_size=8, max_size=8))
def test_any_statement_of_colours_is_a_profile_or_none(chunks, places):
    chunks |= {b"gAMA": struct.pack(">I", 45_455), b"cHRM": struct.pack(">8I", *places)} if len(chunks) < 2 else {}
    assert all(profile[36:40] in {b"", b"acsp"} for profile in profiles_of_png(chunks) if profile != b"broken")


@hypothesis_settings(max_examples=100, database=None)
@given(rubbish=st.binary(max_size=60))
def test_rubbish_among_the_chunks_of_a_png_is_refused_or_a_picture(rubbish):
    png = SMALL["PNG"]
    assert_refused_or_picture(decoder.answer(png[:33] + rubbish + png[33:]))
    assert_refused_or_picture(decoder.answer(png + rubbish))
