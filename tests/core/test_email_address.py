"""E-mail addresses: read as meant, refused with a reason, one form for one mailbox, and guesses at mistyped ones."""

import pytest
from django.core.validators import validate_email as validate_as_before
from hypothesis import given, settings
from hypothesis import strategies as st

from core import email_address
from core.email_address import EmailRefused, parse_email
from core.email_digest import email_digest, email_digests, unnamed_digest
from core.email_typos import GENUINE, HOSTS, likely_meant


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        # as ever
        ("anh@example.com", "anh@example.com"),
        ("Anh@EXAMPLE.Com", "Anh@example.com"),
        ("anh+pageant@example.com", "anh+pageant@example.com"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
        ("-anh_@example.com", "-anh_@example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        # spaces around it
        ("  anh@example.com\t\r\n", "anh@example.com"),
        ("\u00a0anh@example.com\u3000", "anh@example.com"),
        ("anh @ example.com", "anh@example.com"),
        # what was copied with it
        ("Lan <lan@example.com>", "lan@example.com"),
        ("Nguyễn Thị Lan, Jr. <lan@example.com>,", "lan@example.com"),
        ('"Lan, Huế" <lan@example.com>', "lan@example.com"),
        ("lan@example.com <lan@example.com>", "lan@example.com"),
        ("<lan@example.com>", "lan@example.com"),
        ("<mailto:lan@example.com>", "lan@example.com"),
        ("lan@example.com (Lan)", "lan@example.com"),
        ("Lan (lan@example.com)", "lan@example.com"),
        ("mailto:lan@example.com", "lan@example.com"),
        ("MailTo: lan@example.com?subject=Hi%20there", "lan@example.com"),
        ("mailto:lan%2Bnhac@example.com", "lan+nhac@example.com"),
        ("lan@example.com.", "lan@example.com"),
        (".lan@example.com", "lan@example.com"),
        ("lan@example.com,;", "lan@example.com"),
        ("(lan@example.com)", "lan@example.com"),
        ("“lan@example.com”", "lan@example.com"),
        ("'lan@example.com'", "lan@example.com"),
        ("`lan@example.com`", "lan@example.com"),
        ("lan@@example.com", "lan@example.com"),
        # full-width, as Chinese and Japanese keyboards write
        ("lan＠example.com", "lan@example.com"),
        ("ｌａｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "lan@example.com"),
        ("lan＠example。com", "lan@example.com"),
        ("lan﹫example.com", "lan@example.com"),
        ("𝗹𝗮𝗻@example.com", "lan@example.com"),
        # invisible
        ("\ufefflan@example.com\u200b", "lan@example.com"),
        ("lan@exam\u200bple.com", "lan@example.com"),
        ("l\u00adan@example\u2060.com", "lan@example.com"),
        ("\u2068lan@example.com\u2069", "lan@example.com"),
        ("\u202alan@example.com\u202c", "lan@example.com"),
        ("lan\ufe0f@example.com", "lan@example.com"),
        # one form of a domain, however a browser sends it
        ("lan@bücher.example", "lan@bücher.example"),
        ("lan@BU\u0308CHER.example", "lan@bücher.example"),
        ("lan@xn--bcher-kva.example", "lan@bücher.example"),
        ("lan@XN--BCHER-KVA.Example", "lan@bücher.example"),
        ("lan@nhạc.vn", "lan@nhạc.vn"),
    ],
)
def test_email_is_read_as_it_was_meant(typed, read):
    assert parse_email(typed) == read
    assert parse_email(read) == read


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("anh", "NO_AT"),
        ("mailto:", "NO_AT"),
        ("<>", "NO_AT"),
        ("anh@example.com, binh@example.com", "SEVERAL"),
        ("Anh <anh@example.com>, Binh <binh@example.com>", "SEVERAL"),
        ("anh@example.com <binh@example.com>", "SEVERAL"),
        ("anh@example.com binh@example.com", "SEVERAL"),
        ("a b@example.com", "SPACE"),
        ("anh@example.com hoặc 0901234567", "SPACE"),
        ("a@[1.2.3.4]", "BRACKETS"),
        ("a@[IPv6:2001:db8::1]", "BRACKETS"),
        ("<a@[1.2.3.4]>", "BRACKETS"),
        ("a@[1.2.3.4].", "BRACKETS"),
        ("a" * 65 + "@example.com", "LONG_LOCAL_PART"),
        ("a@" + "b." * 130 + "example", "LONG"),
        ("lân@example.com", "ACCENTS"),
        ("đỗ@example.com", "ACCENTS"),
        ("anh@example", "NO_DOT"),
        ("anh@", "NO_DOT"),
        ("@example.com", "REFUSED"),
        ("anh@example..com", "REFUSED"),
        ("an..h@example.com", "REFUSED"),
        ("anh.@example.com", "REFUSED"),
        ('"anh,binh"@example.com', "REFUSED"),  # the queue of mails splits at commas
        ('"a b"@example.com', "REFUSED"),
        ("a,b@example.com", "REFUSED"),
        ("a;b@example.com", "REFUSED"),
        ("a\\b@example.com", "REFUSED"),
        ("anh@-example.com", "REFUSED"),
        ("anh@exa_mple.com", "REFUSED"),
        ("anh@1.2.3.4", "REFUSED"),
        ("anh@site.local", "REFUSED"),
        ("anh@xn--a.example", "REFUSED"),
        ("anh@" + "b" * 64 + ".example", "REFUSED"),
    ],
)
def test_email_is_refused_with_the_reason(typed, reason):
    with pytest.raises(EmailRefused) as caught:
        parse_email(typed)
    message = str(caught.value.message)
    assert [name for name in vars(email_address) if name.isupper() and str(vars(email_address)[name]) == message] == [
        reason
    ]


@settings(max_examples=200)
@given(st.text() | st.from_regex(r"\A[ -~]{0,80}@[ -~]{0,80}\Z") | st.emails())
def test_whatever_is_typed_is_an_address_or_refused(text):
    likely_meant(text)
    try:
        email = parse_email(text)
    except EmailRefused:
        return
    assert parse_email(email) == email
    assert not set(email) & set('",;<>() \t\n\0')
    assert email.count("@") == 1
    validate_as_before(email)  # nothing is taken that was refused before


# One person, one digest


def test_all_that_reads_as_one_address_has_one_digest():
    typed = ["lan@bücher.example", "LAN@Bücher.example", "Lan <lan@xn--bcher-kva.example>", "ｌａｎ＠bücher.example."]

    assert len({email_digest(parse_email(text)) for text in typed}) == 1


@pytest.mark.parametrize("email", ["lan@bücher.example", "lan@xn--bcher-kva.example"])
def test_rows_from_before_the_canonical_form_are_found_by_either_spelling(email, settings):
    settings.SECRET_KEY_FALLBACKS = ["old" * 20]

    digests = email_digests(email)

    assert digests[0] == email_digest(email)
    assert set(digests) == {
        digest(spelling, key=key)
        for spelling in ("lan@bücher.example", "lan@xn--bcher-kva.example")
        for key in (settings.SECRET_KEY, "old" * 20)
        for digest in (email_digest, unnamed_digest)
    }


# Close misses


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(
            (f"lan@{typed}", f"lan@{host}")
            for host, slips in {
                "gmail.com": "gmail.con gmial.com gmai.com gmaill.com gmail.cm gmail.co gmail.comm gmail.vom gamil.com"
                " gnail.com hmail.com gmail.ocm gmal.con gmail.com.vn gmail.vn gmail gmailcom gmail,com"
                " gmail..com GMAIL.CON gmâil.com",
                "yahoo.com": "yaho.com yahooo.com yhaoo.com yahoo.con yahoo.co yaho.con",
                "yahoo.com.vn": "yaho.com.vn yahoo.comvn yahoo.co.vn yahoo.com.v",
                "hotmail.com": "hotmial.com hotmai.com hotmal.com hotmail.con homail.com",
                "vnn.vn": "vn.vn vnnn.vn vnn.v vnn.vnn",
                "fpt.vn": "ftp.vn fppt.vn fpt.nv",
            }.items()
            for typed in slips.split()
        ),
        ("lan@outlok.com", "lan@outlook.com"),
        ("lan@iclod.com", "lan@icloud.com"),
        ("lan@hcm.vn.vn", "lan@hcm.vnn.vn"),
        ("lan@fpt.co.vn", "lan@fpt.com.vn"),
        ("lan@vietel.com.vn", "lan@viettel.com.vn"),
        ("Lan.Anh+x@gmail.con", "Lan.Anh+x@gmail.com"),
        ("lân@gmail.com", "lan@gmail.com"),
        ("Đỗ@gmail.con", "Do@gmail.com"),
        ("lan.gmail.com", "lan@gmail.com"),
        ("langmail.com", "lan@gmail.com"),
    ],
)  # fmt: skip
def test_address_that_looks_mistyped_has_one_that_was_likely_meant(typed, meant):
    assert likely_meant(typed) == meant
    assert likely_meant(meant) is None


@pytest.mark.parametrize(
    "email",
    [
        *(f"lan@{host}" for host in (*HOSTS, *GENUINE)),
        *(f"lan@{host}" for host in [
            "yahoo.co.uk", "yahoo.fr", "hotmail.fr", "hotmail.co.uk", "outlook.de", "live.fr", "gmx.com",
            "gmx.de", "qq.com", "163.com", "me.com", "aol.com", "mail.ru", "naver.com", "fpt.com", "vpn.vn",
            "fbt.vn", "ftu.vn", "abc.vn", "life.com", "example.com", "bücher.example", "nhạc.vn",
            "xn--bcher-kva.example", "hust.edu.vn", "vnu.edu.vn", "gov.vn",
        ]),
        "LAN@GMAIL.COM", "Lan <lan@gmail.com>", "lan＠gmail.com",  # read as meant, so there is nothing to ask
        "", "lan", "@", "gmail.com", "@gmail.con", "a b@gmail.con", "a@b@gmail.con", '"a"@gmail.con', "a@[1.2.3.4]",
    ],
)  # fmt: skip
def test_nobody_is_asked_without_a_reason(email):
    assert likely_meant(email) is None
