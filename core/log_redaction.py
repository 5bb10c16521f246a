"""Keeps the tokens of magic links and the keys of drafts out of logs."""

import logging
import re
from copy import copy

TOKEN = re.compile(r"(/privacy/you/)[A-Za-z0-9_-]{16,}")


class FormatterWithoutTokens(logging.Formatter):
    """Writes … in place of each token, in messages and in tracebacks.

    A request that is refused gets a line without a traceback, or else a scanner could fill a disk with them.
    """

    def format(self, record: logging.LogRecord) -> str:
        if record.levelno < logging.ERROR or record.name.startswith("django.security"):
            record = copy(record)
            record.exc_info = record.exc_text = None
        return TOKEN.sub(r"\1…", super().format(record))


# What follows a token goes too, since it would tell whose entry it is. The patterns allow for what typing errors, mail
# programs and strangers make of a path.
OWN = re.compile(r"(/privacy/+you/+)(?!(?:asked|closed)/?$)[^/]+(/?)(.*)", re.IGNORECASE | re.DOTALL)
DRAFT = re.compile(r"(/enter/+)(?!sent/?$)[^/]+(/?)(.*)", re.IGNORECASE | re.DOTALL)
ANYWHERE = re.compile(r"(?<![\w-])(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{43,}")  # what looks like a token


def path_without_tokens(path: str) -> str:
    """The path of a request as it may be stored, with … in place of tokens."""
    if "you/" in path.lower():
        path = OWN.sub(cut, path)
    if "enter/" in path.lower():
        path = DRAFT.sub(cut, path)
    return ANYWHERE.sub("…", path) if len(path) > 43 else path


def cut(match: re.Match[str]) -> str:
    return f"{match[1]}…{match[2]}{'…' if match[3] else ''}"
