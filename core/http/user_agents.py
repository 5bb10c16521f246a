"""Tells which family a browser belongs to. Nothing finer is kept, since a whole User-Agent header identifies people."""

import re
from functools import lru_cache

from crawleruseragents import is_crawler

ROBOT, OTHER = "robot", "other"
LONGEST = 400  # characters of the header that are looked at

# What says nothing about who asks. The model of a phone may be called Cubot, and its build may stand on the list of
# robots by mistake; the app in which a link was opened stands there too.
DEVICE_OR_APP = re.compile(r"(?<=Android )([\d.]+;(?: [a-z]{2}[-_][A-Za-z]{2};)?)[^;()]*|MetaIAB Facebook")
# Robots that are too new or too small for the list, and libraries that fetch pages for some program.
CALLED_ROBOT = re.compile(
    r"bot\b|bot[/;_-]|crawl|spider|https?://|^(?:java|php|ruby|perl|python|node|dart)\b", re.IGNORECASE
)
# The first match counts: nearly all browsers name Chrome and Safari too.
FAMILIES = (
    (re.compile(r"coc_coc_browser|CocCoc", re.IGNORECASE), "Cốc Cốc"),
    (re.compile(r"\bEdg(?:e|A|iOS)?/"), "Edge"),
    (re.compile(r"\bOPR/|\bOPT/|\bOPX/|\bOpera\b"), "Opera"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung"),
    (re.compile(r"\bFirefox/|\bFxiOS/"), "Firefox"),
    (re.compile(r"\bChrome/|\bCriOS/|\bChromium/"), "Chrome"),
    (re.compile(r"\bVersion/[\d.]+ .*Safari/"), "Safari"),
)
NAMES = frozenset({ROBOT, OTHER, *(name for _pattern, name in FAMILIES)})


def family(user_agent: str) -> str:
    """The family of a User-Agent header, one of NAMES. An empty header counts as a robot's."""
    return find(user_agent[:LONGEST])


@lru_cache(maxsize=2048)
def find(user_agent: str) -> str:
    """Remembered, since the list of robots costs half a millisecond, and most visitors share a few hundred browsers."""
    if is_robot(DEVICE_OR_APP.sub(r"\1", user_agent)):
        return ROBOT
    return next((name for pattern, name in FAMILIES if pattern.search(user_agent)), OTHER)


def is_robot(user_agent: str) -> bool:
    return not user_agent or bool(CALLED_ROBOT.search(user_agent)) or is_crawler(user_agent)
