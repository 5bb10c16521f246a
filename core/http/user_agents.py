"""Tells which family a browser belongs to. Nothing finer is kept, since a whole User-Agent header identifies people."""

import re
from functools import lru_cache

ROBOT, OTHER = "robot", "other"
LONGEST = 400  # characters of the header that are looked at

ROBOTS = re.compile(
    r"bot\b|bot[/;_-]|crawl|spider|slurp|scan|monitor|preview|fetch|scrap|headless|lighthouse|archive|feed|validator"
    r"|facebookexternalhit|whatsapp|curl|wget|python|java/|go-http|okhttp|axios|node|ruby|perl|php|libwww|http",
    re.IGNORECASE,
)
# The first that is found counts: nearly all say Chrome and Safari too.
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
    """One of NAMES. Who says nothing is taken for a robot, as is whoever says that they are one."""
    return find(user_agent[:LONGEST])


@lru_cache(maxsize=512)
def find(user_agent: str) -> str:
    if not user_agent or ROBOTS.search(user_agent.replace("http://", "").replace("https://", "")):
        return ROBOT
    return next((name for pattern, name in FAMILIES if pattern.search(user_agent)), OTHER)
