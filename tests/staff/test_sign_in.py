import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from post_office.models import Email

from privacy.rights.purge import purge
from staff.models import KnownNetwork, SignInAttempt
from tests.core.concurrency import SECONDS, at_once, database_url, start
from tests.staff.factories import ABROAD, HOME, LOGIN, PASSWORD, SAME_OFFICE, fail, guess, make_member, sign_in

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def strange(number: int) -> str:
    """An address in a network of its own."""
    return f"192.{number // 200}.{number % 200}.1"


# Limits


@pytest.mark.django_db
def test_wrong_passwords_are_slowed_and_then_stopped(time_machine):
    time_machine.move_to(NOON, tick=False)
    user = make_member()
    answers = []
    for minute in (0, 6, 12, 18, 24):
        time_machine.move_to(NOON + minute * MINUTE, tick=False)
        answers.append([guess(user) for _ in range(6)])

    assert answers == [[True] * 5 + [False]] * 4 + [[False] * 6]
    refused = sign_in(user)
    assert (refused.status_code, refused["Retry-After"]) == (429, str(6 * 3600 - 24 * 60))
    time_machine.move_to(NOON + 6 * HOUR, tick=False)
    assert sign_in(user).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("prefix", "said"), [("", "Please try again in 5 minutes."), ("/vi", "Bạn thử lại sau 5 phút nhé.")]
)
def test_refused_sign_in_is_a_page_that_keeps_the_name(prefix, said):
    user = make_member()
    fail(user, 5)

    response = Client().post(f"{prefix}{LOGIN}", {"username": user.username, "password": PASSWORD}, REMOTE_ADDR=HOME)

    html = response.content.decode()
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 5 * 60
    assert f'value="{user.username}"' in html
    assert PASSWORD not in html
    assert html.count("<h1") == 1
    assert said in html
    assert "no-store" in response["Cache-Control"]


def without_token(response):
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


@pytest.mark.django_db
def test_names_that_nobody_has_are_refused_like_others():
    user = make_member()
    quitter = make_member(is_active=False)
    visitor = make_member(is_staff=False)

    names = [user.username, quitter.username, visitor.username, "nobody"]
    answers = [[sign_in(name, "wrong", ip=strange(number)) for _ in range(6)] for number, name in enumerate(names)]

    assert [[answer.status_code for answer in row] for row in answers] == [[200] * 5 + [429]] * 4
    pages = [
        [without_token(answer).replace(name, "") for answer in row] for name, row in zip(names, answers, strict=True)
    ]
    assert pages == [pages[0]] * 4


@pytest.mark.django_db
def test_names_that_nobody_has_take_the_same_steps(monkeypatch):
    """As many queries and as many hashes of passwords."""
    hashes = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashes.append(1) or encode(*args))
    steps = []
    for name in (make_member().username, make_member(is_active=False).username, "nobody"):
        client = Client()
        hashes.clear()
        with CaptureQueriesContext(connection) as queries:
            sign_in(name, "wrong", client=client)
        steps.append((len(queries), len(hashes)))

    assert len(set(steps)) == 1


@pytest.mark.django_db
def test_case_of_the_name_makes_no_further_tries():
    user = make_member()

    assert fail(user.username.upper(), 3) + fail(user, 3) == [200] * 5 + [429]


@pytest.mark.django_db
def test_stranger_cannot_lock_out_an_account_where_it_is_known():
    """Not even with many networks."""
    user = make_member()
    sign_in(user, ip=HOME)

    guesses = [guess(user, ip=strange(number)) for number in range(40)]

    assert guesses == [True] * 30 + [False] * 10
    assert sign_in(user, ip=ABROAD).status_code == 429
    assert [sign_in(user, ip=ip).status_code for ip in (HOME, SAME_OFFICE)] == [302, 302]


@pytest.mark.django_db
def test_stranger_in_a_network_cannot_lock_out_an_account_that_is_known_there():
    user = make_member()
    sign_in(user, ip=HOME)

    guesses = [guess(f"name-{number}", ip=SAME_OFFICE) for number in range(80)]

    assert guesses == [True] * 60 + [False] * 20
    assert sign_in(user, ip=HOME).status_code == 302
    assert sign_in(make_member(), ip=HOME).status_code == 429


@pytest.mark.django_db
def test_lockout_from_strange_networks_ends_by_itself(time_machine):
    time_machine.move_to(NOON, tick=False)
    user = make_member()
    for number in range(31):
        guess(user, ip=strange(number))

    refused = sign_in(user, ip=ABROAD)
    time_machine.move_to(NOON + timedelta(seconds=int(refused["Retry-After"])), tick=False)

    assert sign_in(user, ip=ABROAD).status_code == 302


@pytest.mark.django_db
def test_right_passwords_and_forms_left_empty_do_not_count():
    user = make_member()

    answers = [sign_in(user).status_code for _ in range(10)]
    empty = [sign_in(user, "").status_code for _ in range(10)]

    assert (answers, empty) == ([302] * 10, [200] * 10)
    assert SignInAttempt.objects.count() == 0


@pytest.mark.django_db
def test_network_is_a_24th_or_a_64th():
    user = make_member()

    in_64 = [guess(user, ip=ip) for ip in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::1"] * 3]
    in_24 = [guess(user, ip=ip) for ip in [HOME, SAME_OFFICE] * 3]

    assert in_64 == in_24 == [True] * 5 + [False]
    assert [guess(user, ip=ip) for ip in ("2001:db8:1:3::1", ABROAD)] == [True, True]


@pytest.mark.django_db
def test_attempts_keep_neither_name_nor_address_and_are_purged(time_machine):
    time_machine.move_to(NOON, tick=False)
    fail("hunter2", 1)
    row = SignInAttempt.objects.values().get()
    assert [value for value in row.values() if "hunter2" in str(value) or "203.0" in str(value)] == []

    time_machine.move_to(NOON + 6 * HOUR + MINUTE, tick=False)
    purge()

    assert SignInAttempt.objects.count() == 0


HOSTILE = ["\0", "a" * 10_000, "\u200b", "{{7*7}}", "'; DROP", "\ud800".encode("utf-8", "surrogatepass"), "ﬁ" * 149]


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_input_is_an_error_of_the_form(field, value):
    data = {"username": "lan", "password": "x", "next": "//evil.example/", field: value}

    assert Client().post(LOGIN, data).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("own_network", [True, False])
def test_many_wrong_passwords_at_once_are_never_too_many(own_network):
    user = make_member()
    guesses = [partial(fail, user, 1, ip=HOME if own_network else strange(number)) for number in range(8)]

    answers = [status for [status] in at_once(*guesses)]

    passed = answers.count(200)
    assert passed <= 5 if own_network else passed == 8
    assert SignInAttempt.objects.count() == passed


GUESS = """
import django; django.setup()
from tests.staff.factories import guess
print(sum(guess("lan") for _ in range(4)))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_processes_count_together(tmp_path):
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url(), "HOME": str(tmp_path)}

    processes = [start(["-c", GUESS], **environment) for _ in range(2)]
    answers = [process.communicate(timeout=2 * SECONDS) for process in processes]

    assert [err for _out, err in answers] == ["", ""]
    passed = sum(int(out) for out, _err in answers)
    assert 3 <= passed <= 5
    assert SignInAttempt.objects.count() == passed


# Sessions


@pytest.mark.django_db
def test_session_ends_a_day_after_the_sign_in_however_it_is_used(time_machine, client):
    time_machine.move_to(NOON, tick=False)
    sign_in(make_member(), client=client)
    cookie = client.cookies["session"]
    assert int(cookie["max-age"]) == 24 * 3600

    for hour in range(1, 24, 4):
        time_machine.move_to(NOON + hour * HOUR, tick=False)
        session = client.session
        session["used"] = hour
        session.save()
        assert client.get("/admin/").status_code == 200
    time_machine.move_to(NOON + 24 * HOUR, tick=False)

    assert client.get("/admin/").status_code == 302
    assert Session.objects.get().expire_date == NOON + 24 * HOUR


# Mails about new networks


@pytest.mark.django_db
def test_new_network_is_told_by_mail_in_the_language_of_the_account(committing):
    user = make_member()
    with committing():
        Client().post(f"/vi{LOGIN}", {"username": user.username, "password": PASSWORD}, REMOTE_ADDR=HOME)
        Email.objects.all().delete()
        Client().post(
            LOGIN,
            {"username": user.username, "password": PASSWORD},
            REMOTE_ADDR=ABROAD,
            headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
        )
        sign_in(user, ip="198.51.100.99")
        sign_in(user, ip=HOME)

    mail = Email.objects.get()
    assert mail.to == [user.email]
    assert 'lang="vi"' in mail.html_message
    for told in (user.username, "198.51.100.0/24", "Firefox", "http://testserver/vi/admin/password_change/"):
        assert told in mail.message


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "mails"), [({"last_login": None}, 0), ({"email": ""}, 0), ({}, 1)], ids=["first", "no address", "later"]
)
def test_first_sign_in_is_not_told(fields, mails):
    sign_in(make_member(**fields))

    assert Email.objects.count() == mails
    assert KnownNetwork.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_new_network_is_told_once_when_somebody_signs_in_twice_at_once():
    user = make_member()

    answers = at_once(*[partial(sign_in, user, ip=ABROAD)] * 2)

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Email.objects.count() == KnownNetwork.objects.count() == 1


@pytest.mark.django_db
def test_known_network_is_forgotten_after_half_a_year_and_known_under_an_older_key(settings):
    user = make_member()
    sign_in(user, ip=HOME)
    Email.objects.all().delete()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" + "y" * 40, [settings.SECRET_KEY]
    sign_in(user, ip=HOME)
    assert Email.objects.count() == 0

    KnownNetwork.objects.update(last_at=timezone.now() - timedelta(days=181))
    purge()
    sign_in(user, ip=HOME)

    assert Email.objects.count() == 1
