import html
import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from post_office.models import Email

from privacy.rights.purge import purge
from staff import second_factor
from tests.core.concurrency import at_once
from tests.core.database import rows_of_tables
from tests.core.factories import make_staff
from tests.staff.factories import CODE, HOME, LOGIN, PAGE, PASSWORD, code_of, make_member, sign_in, turn_on

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def member(db):
    return make_member()


@pytest.fixture
def guarded(member):
    """A member with a second factor, its device, and recovery codes."""
    return member, *turn_on(member)


def type_code(client, code, *, ip=HOME, path=CODE):
    return client.post(path, {"code": code}, REMOTE_ADDR=ip)


def signed_in(user, code):
    """A client who has shown both, and is on the first page."""
    client = Client()
    sign_in(user, client=client)
    assert type_code(client, code).status_code == 302
    return client


# Turning it on


def test_second_factor_is_on_once_a_code_confirms_it(client, member):
    client.force_login(member)
    assert client.get(PAGE).status_code == 200
    assert TOTPDevice.objects.count() == 0  # looking changes nothing

    client.post(f"{PAGE}begin/")
    device = TOTPDevice.objects.get()
    page = client.get(PAGE)
    text = page.content.decode()
    secret = second_factor.secret_of(device)
    assert (secret in text, "<svg" in text, "style=" in text.partition("<main")[2]) == (True, True, False)
    assert html.escape(device.config_url) in text
    assert "no-store" in page["Cache-Control"]
    assert sign_in(member)["Location"] == "/admin/"  # not on yet

    wrong = client.post(f"{PAGE}confirm/", {"code": "000000"})
    assert (wrong.status_code, secret in wrong.content.decode()) == (200, True)
    answer = client.post(f"{PAGE}confirm/", {"code": f" {code_of(device)[:3]} {code_of(device)[3:]} "})

    codes = re.findall(r"<code>(.*?)</code>", answer.content.decode())
    assert (answer.status_code, len(set(codes))) == (200, 10)
    assert client.get("/admin/").status_code == 200  # this session has shown a code
    assert "10</strong> recovery codes left" in client.get(PAGE).content.decode()
    assert sign_in(member)["Location"] == CODE
    assert LogEntry.objects.get().change_message == "Second factor turned on."


@pytest.mark.django_db
def test_database_holds_no_recovery_code(guarded):
    _member, _device, codes = guarded

    stored = str(rows_of_tables())

    assert [code for code in codes if code in stored or code.replace("-", "") in stored] == []


def test_secret_that_nobody_confirms_is_purged(time_machine, member):
    second_factor.begin(member)
    second_factor.begin(member)
    assert TOTPDevice.objects.count() == 1

    time_machine.move_to(NOON + timedelta(days=1, minutes=1), tick=False)
    purge()

    assert TOTPDevice.objects.count() == 0


def test_second_factor_that_is_on_is_not_begun_anew(guarded):
    member, device, codes = guarded
    client = signed_in(member, codes[0])

    client.post(f"{PAGE}begin/")
    client.post(f"{PAGE}confirm/", {"code": code_of(device, step=1)})

    assert TOTPDevice.objects.get() == device


# Signing in


def test_password_alone_opens_no_page_of_the_admin(guarded):
    member, _device, _codes = guarded
    User.objects.update(is_superuser=True)
    before = Client()
    before.force_login(member)  # as a session from before it was turned on
    half_way = Client()
    sign_in(member, client=half_way)

    for client in (before, half_way):
        paths = ["/admin/", PAGE, f"{PAGE}off/", "/admin/auth/user/", "/admin/password_change/", "/admin/x/"]
        answers = [client.get(path) for path in paths]
        assert [answer["Location"].partition("?")[0] for answer in answers] == [LOGIN] * len(paths)
        posts = [client.post(f"{PAGE}{what}/", {"code": ""}) for what in ("begin", "confirm", "codes", "off")]
        assert {answer["Location"].partition("?")[0] for answer in posts} == {LOGIN}
    assert before.get(f"{LOGIN}?next=/admin/auth/")["Location"] == f"{CODE}?next=%2Fadmin%2Fauth%2F"


def test_every_address_of_the_admin_asks_for_the_second_factor(guarded):
    """Each view, whatever it is called with, is behind `has_permission`; but for those on the way in and out."""
    member, _device, _codes = guarded
    client = Client()
    client.force_login(member)
    open_to_all = {"login", "login_code", "logout", "jsi18n"}
    answers = {path: client.get(path) for path in paths_in(admin.site.get_urls(), "/admin/")}

    asked = {path for path, answer in answers.items() if answer.headers.get("Location", "").startswith(LOGIN)}
    assert len(asked) > 100
    assert {path.strip("/").rpartition("/")[2] for path in answers.keys() - asked} <= open_to_all | {"code"}


def paths_in(urls, prefix):
    """One path for each view, with 1 for whatever it is about."""
    for url in urls:
        pattern = str(url.pattern).removeprefix("^").replace("(?P<url>.*)$", "any/").removesuffix("$")
        path = prefix + re.sub(r"<[^>]*>", "1", pattern)
        yield from paths_in(url.url_patterns, path) if hasattr(url, "url_patterns") else [path]


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_code_signs_in_once(guarded, kind):
    member, device, codes = guarded
    code = code_of(device, step=1) if kind == "app" else codes[3].upper().replace("-", " ")
    first, second = Client(), Client()
    form = {"username": member.username, "password": PASSWORD, "next": "/admin/pageant/"}
    steps = [client.post(f"{LOGIN}?next=/admin/pageant/", form) for client in (first, second)]

    answers = [
        client.post(step["Location"], {"code": code}) for client, step in zip((first, second), steps, strict=True)
    ]

    assert [answer.status_code for answer in answers] == [302, 200]
    assert answers[0]["Location"] == "/admin/pageant/"
    assert [client.get("/admin/").status_code for client in (first, second)] == [200, 302]
    assert "has already been used" in answers[1].content.decode()
    assert StaticToken.objects.count() == (10 if kind == "app" else 9)


@pytest.mark.parametrize("code", ["", "12345", "٣٣٣٣٣٣", "9" * 40, "9" * 41, "-1", "1e5", "\0", "'; --", "abcde-fghij"])
def test_code_that_is_wrong_is_an_error_of_its_field(guarded, code):
    member, _device, _codes = guarded
    client = Client()
    sign_in(member, client=client)

    answer = type_code(client, code)

    assert answer.status_code == 200
    assert 'class="errorlist"' in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()


def test_wrong_codes_are_stopped_and_right_passwords_give_no_new_tries(guarded):
    member, device, _codes = guarded
    client = Client()
    answers = []
    for _ in range(7):
        answers.append(sign_in(member, client=client).status_code)
        answers.append(type_code(client, "000000").status_code)

    assert answers == [302, 200] * 5 + [429, 429] * 2
    refused = type_code(client, code_of(device, step=1))
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")


def test_wrong_codes_from_elsewhere_do_not_lock_the_owner_out(guarded):
    member, device, codes = guarded
    signed_in(member, codes[0])
    thief = Client()
    for number in range(40):
        sign_in(member, client=thief, ip=f"192.0.{number}.1")
        type_code(thief, "000000", ip=f"192.0.{number}.1")

    assert signed_in(member, code_of(device, step=1)).get("/admin/").status_code == 200


def test_code_is_asked_for_ten_minutes_of_a_password_that_is_still_right(time_machine, guarded):
    member, device, _codes = guarded
    late, changed, quit_ = Client(), Client(), Client()
    sign_in(member, client=late)
    time_machine.move_to(NOON + timedelta(minutes=11), tick=False)
    assert type_code(late, code_of(device))["Location"] == LOGIN

    sign_in(member, client=changed)
    sign_in(member, client=quit_)
    member.set_password("another long secret")
    member.save()
    assert type_code(changed, code_of(device))["Location"] == LOGIN
    User.objects.update(is_active=False)
    assert type_code(quit_, code_of(device))["Location"] == LOGIN
    assert Client().get(CODE)["Location"] == LOGIN


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_code_leads_to_our_own_pages_only(guarded, path):
    member, _device, codes = guarded
    client = Client()
    step = client.post(f"{LOGIN}?next={path}", {"username": member.username, "password": PASSWORD, "next": path})
    answer = client.post(f"{CODE}?next={path}", {"code": codes[0], "next": path})

    assert (step["Location"], answer["Location"]) == (CODE, "/admin/")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_code_that_is_used_twice_at_once_is_right_once(kind):
    member = make_member()
    device, codes = turn_on(member)
    code = code_of(device, step=1) if kind == "app" else codes[0]
    clients = [Client(), Client()]
    for client in clients:
        sign_in(member, client=client)

    answers = at_once(*[partial(type_code, client, code) for client in clients])

    assert sorted(answer.status_code for answer in answers) == [200, 302]


def test_recovery_codes_outlive_a_change_of_key(settings, guarded):
    member, _device, codes = guarded
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" + "y" * 40, [settings.SECRET_KEY]

    assert signed_in(member, codes[0]).get("/admin/").status_code == 200


# New codes, and turning it off


def test_new_recovery_codes_take_the_place_of_the_old(guarded):
    member, device, codes = guarded
    client = signed_in(member, codes[0])
    assert "9</strong> recovery codes left" in client.get(PAGE).content.decode()

    refused = type_code(client, "000000", path=f"{PAGE}codes/")
    answer = type_code(client, code_of(device, step=1), path=f"{PAGE}codes/")

    new = re.findall(r"<code>(.*?)</code>", answer.content.decode())
    assert (refused.status_code, len(new), set(new) & set(codes)) == (200, 10, set())
    assert [second_factor.is_right(member, code) for code in (codes[1], new[1])] == [False, True]


def test_second_factor_is_turned_off_with_a_code(guarded):
    member, _device, codes = guarded
    client = signed_in(member, codes[0])

    kept = [type_code(client, code, path=f"{PAGE}off/").status_code for code in ("", "000000", codes[0])]
    assert (kept, TOTPDevice.objects.count()) == ([200] * 3, 1)
    answer = type_code(client, codes[1], path=f"{PAGE}off/")

    assert (answer.status_code, TOTPDevice.objects.count(), StaticDevice.objects.count()) == (302, 0, 0)
    assert client.get("/admin/").status_code == 200
    assert sign_in(member)["Location"] == "/admin/"
    assert [entry.change_message for entry in LogEntry.objects.all()] == ["Second factor turned off."]


def test_codes_in_the_admin_are_limited_too(guarded):
    member, _device, codes = guarded
    client = signed_in(member, codes[0])

    answers = [type_code(client, "000000", path=f"{PAGE}off/") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]


# Resetting


def test_superuser_resets_the_second_factor_of_others(client, guarded):
    member, _device, _codes = guarded
    boss = make_staff(is_superuser=True)
    turn_on(boss)
    client.force_login(boss)
    session = client.session
    session[second_factor.PASSED] = TOTPDevice.objects.get(user=boss).pk
    session.save()

    data = {"action": "reset_second_factor", "_selected_action": [member.pk, boss.pk]}
    answer = client.post("/admin/auth/user/", data, follow=True)

    assert "The second factor of 1 account was reset." in answer.content.decode()
    assert set(TOTPDevice.objects.values_list("user", flat=True)) == {boss.pk}
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (boss, str(member.pk), "Second factor reset.")


def test_others_reset_nothing(client, guarded):
    member, _device, _codes = guarded
    officer = make_staff(group="Privacy officers")
    officer.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    client.force_login(officer)

    data = {"action": "reset_second_factor", "_selected_action": [member.pk]}
    client.post("/admin/auth/user/", data)

    assert (client.get("/admin/auth/user/").status_code, TOTPDevice.objects.count()) == (200, 1)


def test_secrets_have_no_page_in_the_admin(admin_client, guarded):
    _member, device, _codes = guarded

    paths = [f"/admin/otp_totp/totpdevice/{device.pk}/change/", "/admin/otp_static/staticdevice/"]

    assert [admin_client.get(path).status_code for path in paths] == [404, 404]


@pytest.mark.parametrize("name", ["", "nobody"])
def test_command_resets_the_second_factor_of_an_account(guarded, name, capsys):
    member, _device, _codes = guarded
    with pytest.raises(CommandError, match="no account"):
        call_command("reset_second_factor", name)

    call_command("reset_second_factor", member.username)

    assert TOTPDevice.objects.count() == StaticDevice.objects.count() == 0
    assert LogEntry.objects.get().user == member
    with pytest.raises(CommandError, match="no second factor"):
        call_command("reset_second_factor", member.username)


# The check, and what it costs


@pytest.mark.django_db
def test_check_counts_those_who_see_people_and_have_none():
    def warnings(**options):
        found = run_checks(include_deployment_checks=True, **options)
        return [message.msg for message in found if message.id == "staff.W001"]

    assert warnings(databases=["default"]) == []  # nobody there
    make_staff()
    make_member(is_active=False, is_superuser=True)
    turn_on(make_staff(is_superuser=True))
    assert warnings(databases=["default"]) == []

    officer = make_staff(group="Privacy officers", is_superuser=True)
    make_staff(group="Privacy officers")
    second_factor.begin(officer)  # and not confirmed

    assert warnings(databases=["default"]) == ["Superusers and privacy officers without a second factor: 2."]
    assert warnings() == []


@pytest.mark.parametrize("path", ["/admin/", "/admin/pageant/entry/", "/admin/password_change/"])
def test_page_of_the_admin_takes_no_query_more(guarded, path):
    member, _device, codes = guarded
    without = Client()
    sign_in(make_member(), client=without)
    numbers = []
    for client in (without, signed_in(member, codes[0])):
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(path)
        numbers.append(len(queries))

    assert numbers[0] == numbers[1]


def test_owner_hears_that_the_second_factor_is_off(guarded):
    member, _device, _codes = guarded

    assert [second_factor.turn_off(member) for _ in range(2)] == [True, False]

    assert [(mail.to, "turned off or reset" in mail.message) for mail in Email.objects.all()] == [
        ([member.email], True)
    ]


@pytest.mark.parametrize("page", ["begin", "confirm", "codes", "off"])
def test_address_of_a_post_leads_to_the_page_after_signing_in_again(guarded, page):
    member, _device, codes = guarded

    assert signed_in(member, codes[0]).get(f"{PAGE}{page}/")["Location"] == PAGE


def test_somebody_else_signs_in_where_a_code_is_asked_for(guarded):
    member, _device, _codes = guarded
    client = Client()
    sign_in(member, client=client)

    assert client.get(f"{LOGIN}?another=1").status_code == 200
