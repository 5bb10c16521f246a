"""What must not reach a log: the tokens in the addresses of people's own pages."""

import logging
import re

TOKEN = re.compile(r"(/privacy/you/)[A-Za-z0-9_-]{16,}")


class WithoutTokens(logging.Filter):
    """Writes … in place of each token. On the handlers, so that every logger is covered."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = TOKEN.sub(r"\1…", record.getMessage()), ()
        return True
