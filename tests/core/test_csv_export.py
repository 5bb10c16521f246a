"""Tables that no spreadsheet takes for formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import csv_export


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+84 123", "'+84 123"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        (" =1+1", "' =1+1"),
        ("\t1", "'\t1"),
        ("＝1+1", "'＝1+1"),
        ('=HYPERLINK("http://x.example","a")', '\'=HYPERLINK("http://x.example","a")'),
        ("\n=1+1", "' =1+1"),
        ("a\r\nb\nc\x0bd\u2028e", "a b c d e"),
        ('say "hi", all', 'say "hi", all'),
        ("Ánh", "Ánh"),
        ("", ""),
    ],
)
def test_cell_is_safe_for_spreadsheets(text, cell):
    assert csv_export.cell(text) == cell


@given(text=st.text(max_size=40))
def test_no_cell_is_a_formula_or_breaks_a_row(text):
    cell = csv_export.cell(text)

    assert not cell.lstrip(" ").startswith(csv_export.FORMULA)
    assert len(cell.splitlines()) <= 1
