"""Browsers are told apart by family, and robots from people."""

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from core.http.user_agents import ROBOT, family, find

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (Linux; {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 {}Mobile/15E148"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox"),
        (CHROME, "Chrome"),
        (CHROME + " Edg/126.0.0.0", "Edge"),
        (CHROME + " OPR/112.0.0.0", "Opera"),
        (CHROME.replace("Chrome/", "coc_coc_browser/126.0 Chrome/"), "Cốc Cốc"),
        (CHROME.replace("Chrome/", "SamsungBrowser/25.0 Chrome/"), "Samsung"),
        (IPHONE.format("Version/17.5 ") + " Safari/604", "Safari"),
        (IPHONE.format("") + " [FBAN/FBIOS;FBAV/460.0;FBDV/iPhone14,5]", "other"),
        ("Lynx/2.9", "other"),
    ],
)
def test_browser_is_known_by_its_family(agent, expected):
    assert family(agent) == expected


@pytest.mark.parametrize(
    "device",
    ["Android 9; CUBOT_X19", "Android 12; CUBOT KINGKONG 5 Pro Build/QP1A.190711; wv", "U; Android 7.0; vi-vn; Cubot",
     "Android 15; CPH2557 Build/AP3A.240617.008; wv", "Android 14; Crawlfone (2024)"],
)  # fmt: skip
def test_phone_is_no_robot_whatever_it_is_called(device):
    assert family(PHONE.format(device)) == "Chrome"


def test_app_that_shows_a_link_to_a_person_is_no_robot():
    assert family(PHONE.format("Android 16; Pixel 10") + " MetaIAB Facebook") == "Chrome"


PEOPLE_ON_THE_LIST = {"AP3A\\.240617\\.008", "MetaIAB Facebook"}


def test_all_on_the_list_are_robots():
    listed = {
        agent
        for robot in CRAWLER_USER_AGENTS_DATA
        if robot["pattern"] not in PEOPLE_ON_THE_LIST
        for agent in robot["instances"]
    }

    assert len(listed) > 2000
    assert [agent for agent in listed if family(agent) != ROBOT] == []


@pytest.mark.parametrize(
    "agent",
    ["", "NewBot/1.0", "tiny-crawler", CHROME + " (+https://new.example/about)", "Java/17.0.2", "Ruby", "curl/8.5.0",
     PHONE.format("Android 6.0.1; Nexus 5X Build/MMB29P") + " (compatible; GoogleOther)",
     PHONE.format("Android 8.0; Pixel 2 Build/OPD3.170816.012; Storebot-Google/1.0")],
)  # fmt: skip
def test_those_who_say_so_or_nothing_are_robots(agent):
    assert family(agent) == ROBOT


def test_list_is_asked_once_for_each_browser():
    find.cache_clear()
    for _ in range(3):
        family(CHROME)

    assert (find.cache_info().hits, find.cache_info().misses) == (2, 1)
