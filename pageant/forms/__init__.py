"""The forms of the pageant."""

from pageant.forms.entry import EditForm, EntryForm, agreement_text
from pageant.forms.photos import PhotosForm
from pageant.forms.report import ReportForm
from pageant.forms.words import WordsForm

__all__ = ["EditForm", "EntryForm", "PhotosForm", "ReportForm", "WordsForm", "agreement_text"]
