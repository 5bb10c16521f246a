"""Rows about a person in every model that the registry knows, so that none is forgotten by a test."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from post_office.models import STATUS, Email, Log

from core.email_digest import email_digest
from pageant.models import Agreement, Cosponsorship, Draft, Entry, Hobby, Photo, PublicHobby, Report
from privacy.models import (
    Attempt,
    AudienceSeen,
    CookieChoice,
    DataRequest,
    Disclosure,
    EarlierToken,
    ErasureReceipt,
    MailedLink,
    PolicyVersion,
    Pseudonym,
    Visit,
)
from privacy.rate_limits import MAILS
from privacy.sharing import ledger
from staff.digests import ACCOUNT, digest
from staff.models import KnownNetwork, SignInAttempt
from suggestions.models import Report as WebsiteReport
from suggestions.models import Suggestion
from tests.core.factories import SMALL, a_master, make_staff, numbers
from tests.pageant.factories import make_cosponsorship, make_entry, make_pageant
from tests.suggestions.factories import make_website

Make = Callable[..., Model]


def a_user(email: str, word: str, **fields: Any) -> User:
    user = make_staff(email=email, first_name=word, last_name=f"Họ {word}")
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    return user


def a_second_factor(email: str, word: str, confirmed: bool = True, **fields: Any) -> TOTPDevice:
    return TOTPDevice.objects.create(user=a_user(email, word), name="app", confirmed=confirmed)


def a_device(email: str, word: str, **fields: Any) -> StaticDevice:
    return StaticDevice.objects.create(user=a_user(email, word), name="recovery codes")


def a_recovery_code(email: str, word: str, **fields: Any) -> StaticToken:
    return a_device(email, word).token_set.create(token=secrets.token_hex(8))


def a_network(email: str, word: str, **fields: Any) -> KnownNetwork:
    user = a_user(email, word)
    return KnownNetwork.objects.create(user=user, network_digest="0" * 64, language="vi", last_at=timezone.now())


def a_wrong_password(email: str, word: str, **fields: Any) -> SignInAttempt:
    name = a_user(email, word).username
    return SignInAttempt.objects.create(
        account_digest=digest(ACCOUNT, name), network_digest="0" * 64, is_known=False, at=timezone.now()
    )


def a_session(email: str, word: str, **fields: Any) -> Session:
    return Session.objects.create(
        session_key=secrets.token_hex(16), session_data="{}", expire_date=timezone.now() + timedelta(days=14)
    )


def a_log_entry(email: str, word: str, **fields: Any) -> LogEntry:
    entry = an_entry(email, word)
    return LogEntry.objects.create(
        user=make_staff(),
        content_type=ContentType.objects.get_for_model(Entry),
        object_id=entry.pk,
        object_repr=entry.display_name,
        action_flag=CHANGE,
        change_message="approved",
    )


def a_mail(email: str, word: str, status: int = STATUS.sent, **fields: Any) -> Email:
    return Email.objects.create(
        from_email="hello@example.com",
        to=[email],
        subject=f"Chào {word}",
        message=f"Chào {word}!",
        html_message=f"<p>{word}</p>",
        status=status,
    )


def a_try(email: str, word: str, **fields: Any) -> Log:
    mail = a_mail(email, word)
    return mail.logs.create(status=STATUS.failed, exception_type="SMTPRecipientsRefused", message=f"{email}: {word}")


def a_link(email: str, word: str, **fields: Any) -> MailedLink:
    return MailedLink.objects.create(
        purpose=MailedLink.Purpose.OPEN,
        email=email,
        language="vi",
        token_digest=secrets.token_hex(32),
        expires_at=timezone.now() + timedelta(hours=1),
    )


def an_earlier_token(email: str, word: str, **fields: Any) -> EarlierToken:
    return a_link(email, word).earlier_tokens.create(token_digest=secrets.token_hex(32))


def an_attempt(email: str, word: str, **fields: Any) -> Attempt:
    return Attempt.objects.create(scope=MAILS.scope, client_digest=MAILS.digest(email), at=timezone.now())


def a_choice(email: str, word: str, **fields: Any) -> CookieChoice:
    return CookieChoice.objects.create(
        key=secrets.token_hex(16), answers={"preferences": True}, language="vi", text_digest="0" * 64
    )


def a_request(email: str, word: str, **fields: Any) -> DataRequest:
    request = DataRequest.objects.create(kind=DataRequest.Kind.CORRECT, email=email, text=f"Xin {word}", language="vi")
    request.close(by=make_staff(), outcome=f"Đã {word}")
    return request


def a_receipt(email: str, word: str, **fields: Any) -> ErasureReceipt:
    return ErasureReceipt.objects.create(
        key=secrets.token_hex(16), subject_digest="0" * 64, erased_at=timezone.now(), kinds={"pageant.Entry": 1}
    )


def a_visit(email: str, word: str, **fields: Any) -> Visit:
    visit = {"at": timezone.now(), "address": "203.0.113.7", "method": "GET", "path": "/", "status": 200}
    return Visit.objects.create(**visit, status_class=2, milliseconds=7, browser="Firefox")


def a_visitor(email: str, word: str, **fields: Any) -> AudienceSeen:
    return AudienceSeen.objects.create(
        day=timezone.localdate(), section="home", language="en", visitor=secrets.token_hex(16)
    )


def a_pseudonym(email: str, word: str, **fields: Any) -> Pseudonym:
    return Pseudonym.objects.create(
        subject_digest=email_digest(email), about=f"test:{next(numbers)}", key=Pseudonym.new_key()
    )


def a_disclosure(email: str, word: str, **fields: Any) -> Disclosure:
    pseudonym = a_pseudonym(email, word)
    record = ledger.Record(
        kind=Disclosure.Kind.HAND_OVER,
        recipient="Sponsor",
        recipient_address="https://sponsor.example/",
        about=pseudonym.about,
        fields=["pageant.Entry.email"],
        purpose={"en": "To test.", "vi": "Để thử."},
        pseudonym=pseudonym.key,
        handed_by=make_staff(),
    )
    return ledger.append([record])


def a_version(email: str, word: str, **fields: Any) -> PolicyVersion:
    return PolicyVersion.objects.create(text_en="A draft", text_vi="Bản nháp")


def an_entry(email: str, word: str, status: str = "approved", **fields: Any) -> Entry:
    return make_entry(
        make_pageant(),
        status=status,
        email=email,
        display_name=f"Tên {word}",
        lives_in=f"Nơi {word}",
        favourite_food=f"Món {word}",
        about=f"Về {word}",
        hobbies=(f"sở thích {word.lower()}",),
        size=SMALL,
    )


def a_photo(email: str, word: str, **fields: Any) -> Photo:
    photo = an_entry(email, word).photos.get()
    Photo.objects.filter(pk=photo.pk).update(description=f"Ảnh {word}")
    return photo


def an_agreement(email: str, word: str, **fields: Any) -> Agreement:
    entry = an_entry(email, word)
    return entry.agreements.create(kind=Agreement.Kind.SHOWING, text=f"Đồng ý {word}", language="vi")


def a_cosponsorship(email: str, word: str, **fields: Any) -> Cosponsorship:
    return make_cosponsorship(contact_email=f"data-{next(numbers)}@sponsor.example")


def a_draft(email: str, word: str, **fields: Any) -> Draft:
    draft = Draft.objects.create(pageant=make_pageant(), key=Draft.new_key())
    Photo.objects.add(a_master(1, SMALL), draft=draft)
    return draft


def a_report(email: str, word: str, **fields: Any) -> Report:
    report = Report.objects.create(entry=an_entry(email, word), reason=Report.Reason.OTHER, note="Bí mật")
    report.close(by=make_staff())
    return report


def a_hobby(email: str, word: str, **fields: Any) -> Hobby:
    return an_entry(email, word).hobbies.get()


def a_public_hobby(email: str, word: str, **fields: Any) -> PublicHobby:
    return an_entry(email, word).public_hobbies.first()


def a_website(email: str, word: str, status: str = "approved", **fields: Any) -> Suggestion:
    website = make_website(
        status=status,
        email=email,
        name=f"Tên {word}",
        title=f"Trang {word}",
        description=f"Về {word}",
        url=f"https://site-{next(numbers)}.example/{quote(word)}",
        **fields,
    )
    Suggestion.objects.filter(pk=website.pk).update(as_sent={"title": f"Trang cũ {word}"})
    return website


def a_website_report(email: str, word: str, **fields: Any) -> WebsiteReport:
    report = WebsiteReport.objects.create(suggestion=a_website(email, word), reason=WebsiteReport.Reason.DEAD)
    report.close(by=make_staff())
    return report


MAKERS: dict[str, Make] = {
    "auth.User": a_user,
    "otp_totp.TOTPDevice": a_second_factor,
    "otp_static.StaticDevice": a_device,
    "otp_static.StaticToken": a_recovery_code,
    "staff.KnownNetwork": a_network,
    "staff.SignInAttempt": a_wrong_password,
    "sessions.Session": a_session,
    "admin.LogEntry": a_log_entry,
    "post_office.Email": a_mail,
    "post_office.Log": a_try,
    "privacy.MailedLink": a_link,
    "privacy.EarlierToken": an_earlier_token,
    "privacy.Attempt": an_attempt,
    "privacy.CookieChoice": a_choice,
    "privacy.DataRequest": a_request,
    "privacy.ErasureReceipt": a_receipt,
    "privacy.Pseudonym": a_pseudonym,
    "privacy.Disclosure": a_disclosure,
    "privacy.PolicyVersion": a_version,
    "privacy.Visit": a_visit,
    "privacy.AudienceSeen": a_visitor,
    "pageant.Entry": an_entry,
    "pageant.Photo": a_photo,
    "pageant.Agreement": an_agreement,
    "pageant.Cosponsorship": a_cosponsorship,
    "pageant.Draft": a_draft,
    "pageant.Report": a_report,
    "pageant.Hobby": a_hobby,
    "pageant.PublicHobby": a_public_hobby,
    "suggestions.Suggestion": a_website,
    "suggestions.Report": a_website_report,
}


def make_row(label: str, email: str = "", word: str = "", **fields: Any) -> Model:
    number = next(numbers)
    return MAKERS[label](email or f"somebody-{number}@example.com", word or f"w{number}", **fields)
