"""What must not reach a log: the tokens in the addresses of people's own pages."""

import logging
import re

TOKEN = re.compile(r"(/privacy/you/)[A-Za-z0-9_-]{16,}")


class FormatterWithoutTokens(logging.Formatter):
    """Writes … in place of each token, in messages and in tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return TOKEN.sub(r"\1…", super().format(record))
