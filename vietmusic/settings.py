"""Settings, read from the environment (`.env.example` lists them all).

Production is the default: whatever is missing or bad stops the start in one line that names the variable.
"""

import os
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"  # files that a checkout writes while it runs; git ignores them

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def stop(name: str, why: str) -> None:
    raise SystemExit(f"vietmusic: {name} {why}.")


def read(name: str, cast: Callable[..., Any], default: Any = environ.Env.NOTSET, *, allowed: str) -> Any:
    """The variable `name`, read by `cast`; stops the start if it is missing or not as `allowed` says."""
    try:
        return cast(name, default=default)
    except environ.ImproperlyConfigured:
        stop(name, f"is missing or bad: it must be {allowed}")
    except (ValueError, KeyError, TypeError):
        stop(name, f"is bad: it must be {allowed}")


def read_bool(name: str, *, default: bool) -> bool:
    # django-environ reads any unknown word as False; a typo such as DEBUG=flase should be reported.
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    word = env.str(name, default=str(default)).strip().lower()
    if word not in words:
        stop(name, "is bad: it must be on or off")
    return words[word]


def read_choice(name: str, choices: tuple[str, ...]) -> str:
    value = env.str(name, default=choices[0])
    if value not in choices:
        stop(name, f"is bad: it must be one of {', '.join(choices)}")
    return value


def read_path(name: str, default: Path) -> Path:
    path = Path(env.str(name, default=str(default)))
    if not path.is_absolute():
        stop(name, "is bad: it must be an absolute path")
    return path.resolve()


BUCKET_LOOKS = "empty, or like s3://bucket/folder?endpoint=https://s3.example.com&region=eu-central-1"
HOST = r"([A-Za-z0-9.-]+|\[[0-9a-f:]+\])"
ADDRESS = rf"https?://{HOST}(:[0-9]{{1,5}})?"


class Bucket(NamedTuple):
    """Where in S3, or in what speaks as S3 does, files are kept. Who may do so is told as boto3 is told."""

    name: str
    folder: str
    endpoint: str
    region: str

    def holds(self, other: "Bucket") -> bool:
        is_same = (self.name, self.endpoint) == (other.name, other.endpoint)
        return is_same and PurePosixPath(other.folder).is_relative_to(self.folder)

    def storage(self, **options: Any) -> dict[str, Any]:
        place = {"bucket_name": self.name, "location": self.folder}
        place |= {"endpoint_url": self.endpoint or None, "region_name": self.region or None}
        return {"BACKEND": "core.s3_storage.PrivateBucketStorage", "OPTIONS": {**place, **options}}


def read_bucket(name: str) -> Bucket | None:
    """The bucket in the variable `name`; None if files are kept on this machine's disk."""
    url = env.str(name, default="")
    if not url:
        return None
    try:
        parts, pairs = urlsplit(url), parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        stop(name, f"is bad: it must be {BUCKET_LOOKS}")
    query = {"endpoint": "", "region": "", **dict(pairs)}
    folder, endpoint, region = parts.path.strip("/"), query["endpoint"].rstrip("/"), query["region"]
    fits = [
        parts.scheme == "s3" and not parts.fragment and len(query) == 2,
        re.fullmatch("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc),
        re.fullmatch("([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?", folder) and not {".", ".."} & set(folder.split("/")),
        re.fullmatch(f"({ADDRESS})?", endpoint),
        re.fullmatch("[a-z0-9-]*", region),
    ]
    if not all(fits):
        keys = "; keys are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" if "@" in url else ""
        stop(name, f"is bad: it must be {BUCKET_LOOKS}{keys}")
    need_packages(name, "boto3", "storages")
    return Bucket(parts.netloc, folder, endpoint, region)


def need_packages(name: str, *packages: str) -> None:
    if not all(map(find_spec, packages)):
        stop(name, "needs packages: `pip install -r requirements-machines.txt` gets them")


def secret_key_of_this_checkout() -> str:
    """A key for development, made once and kept in `var/`, so that the code holds no fixed key."""
    file = VAR / "secret-key"
    if not file.exists():
        VAR.mkdir(exist_ok=True)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()


DEBUG = read_bool("DEBUG", default=False)

if DEBUG:
    SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key_of_this_checkout()
else:
    SECRET_KEY = read("SECRET_KEY", env.str, allowed="a long random text (`openssl rand -base64 48` makes one)")
    if not SECRET_KEY:
        stop("SECRET_KEY", "is empty")

# Earlier keys, the newest first: what they signed or digested is still recognised. `manage.py rotate_secret` tells when
# one is no longer needed, and the site doesn't start without one that is.
SECRET_KEY_FALLBACKS = [key for key in env.list("SECRET_KEY_FALLBACKS", default=[]) if key]

ALLOWED_HOSTS = read(
    "ALLOWED_HOSTS",
    env.list,
    *([["localhost", "127.0.0.1", "[::1]"]] if DEBUG else []),
    allowed="the host names of the site, separated by commas",
)
ALLOWED_HOSTS = [host.strip() for host in ALLOWED_HOSTS if host.strip()]
if not ALLOWED_HOSTS:
    stop("ALLOWED_HOSTS", "is empty: it must hold the host names of the site, separated by commas")

# Links in mails are built from SITE_URL and never from a request's Host header.
_host = ALLOWED_HOSTS[0].lstrip("*.")
_loopback = _host in {"localhost", "127.0.0.1", "[::1]"}
SITE_URL = env.str(
    "SITE_URL", default="http://127.0.0.1:8000" if DEBUG else f"http{'' if _loopback else 's'}://{_host}"
)
SITE_URL = SITE_URL.rstrip("/")
if not re.fullmatch(ADDRESS, SITE_URL):
    stop("SITE_URL", "is bad: it must look like https://vietmusic.example")
HTTPS = urlsplit(SITE_URL).scheme == "https"

WORK = read_choice("WORK", ("inline", "worker"))
TRUSTED_PROXIES = read("TRUSTED_PROXIES", env.int, 0, allowed="the number of proxies in front, 0 or more")
if TRUSTED_PROXIES < 0:
    stop("TRUSTED_PROXIES", "is bad: it must be the number of proxies in front, 0 or more")

# The name of this machine, where several serve one site: its visits wait on its own disk, and only it loads them.
MACHINE = env.str("MACHINE", default="")
if not re.fullmatch(r"[a-z0-9-]{0,32}", MACHINE):
    stop("MACHINE", "is bad: it must be a name of at most 32 small letters, digits and hyphens, or be empty")

# What operators see: the version that runs, and who may ask for /metrics from another machine.
VERSION = env.str("VERSION", default="unknown")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN and not re.fullmatch(r"[!-~]{20,}", METRICS_TOKEN):
    stop("METRICS_TOKEN", "is bad: it must be 20 or more letters, digits and signs (`openssl rand -hex 32` makes one)")

# The site's own apps, from the top down: an app may import those of the rows below its own, privacy and core.
APP_ROWS = [["pageant", "suggestions", "staff"]]
SITE_APPS = [*(app for row in APP_ROWS for app in row), "privacy"]

INSTALLED_APPS = [
    "staff.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "post_office",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "core.apps.CoreConfig",
    "vietmusic.apps.VietmusicConfig",
    "privacy",
    *(app for row in reversed(APP_ROWS) for app in row),
]

MIDDLEWARE = [
    "core.metrics.page.MetricsMiddleware",  # outside everything that looks at hosts or counts visits
    "core.http.compression.CompressionMiddleware",  # outside everything that sets Cache-Control
    "core.http.headers.HeadersMiddleware",
    "privacy.cookies.firewall.CookieFirewallMiddleware",  # outside everything that may set a cookie
    "privacy.cookies.preferences.PreferencesMiddleware",
    "core.http.headers.ContentSecurityMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Inside what serves static files, outside everything else that responds.
    "privacy.traffic.visit_log.VisitMiddleware",
    "privacy.traffic.visitor_counts.AudienceMiddleware",
    "core.http.language.LanguageMiddleware",
    "core.http.request_guards.PlainRequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.http.request_guards.CrossOriginMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "vietmusic.urls"
WSGI_APPLICATION = "vietmusic.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.l10n",
                "django.templatetags.static",
                "core.templatetags.site",
            ],
        },
    },
]

# Database, cache

_DATABASE_URL_LOOKS = "like postgres://user:password@host/name or sqlite:////path/to/file"
if not re.match(r"(postgres(ql)?|sqlite)://", env.str("DATABASE_URL", default="sqlite://")):
    stop("DATABASE_URL", f"is bad: it must be {_DATABASE_URL_LOOKS}")
DATABASES = {
    "default": read("DATABASE_URL", env.db_url, f"sqlite:///{VAR / 'db.sqlite3'}", allowed=_DATABASE_URL_LOOKS),
}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    VAR.mkdir(exist_ok=True)
    # Immediate transactions wait for their turn; deferred ones could fail halfway with “database is locked”.
    # A full commit (a millisecond more) is on the disk when it returns, as PostgreSQL's are.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    _database["CONN_MAX_AGE"] = 600
    _database["CONN_HEALTH_CHECKS"] = True

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_CACHE_URL = env.str("CACHE_URL", default="locmemcache://")
_REDIS_URL = rf"rediss?://([^@/?#]*@)?{HOST}(:[0-9]{{1,5}})?(/[0-9]*)?"
if re.fullmatch(_REDIS_URL, _CACHE_URL):
    need_packages("CACHE_URL", "redis")
    CACHES = {
        "default": {
            "BACKEND": "core.shared_cache.SharedCache",
            "LOCATION": _CACHE_URL,
            "KEY_PREFIX": urlsplit(SITE_URL).netloc,  # others may use the same server
        }
    }
elif _CACHE_URL == "locmemcache://":
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
else:
    stop(
        "CACHE_URL",
        "is bad: it must be like redis://:password@host:6379/0, or locmemcache:// for memory of each process",
    )

# Public pages in the memory of each process (core/kept_pages). While templates are being written, none.
_KEPT_PAGES_MB_ALLOWED = "the megabytes of memory for public pages in each process, 0 or more"
KEPT_PAGES_MB = read("KEPT_PAGES_MB", env.int, 0 if DEBUG else 64, allowed=_KEPT_PAGES_MB_ALLOWED)
if KEPT_PAGES_MB < 0:
    stop("KEPT_PAGES_MB", f"is bad: it must be {_KEPT_PAGES_MB_ALLOWED}")
KEPT_PAGES_BYTES = KEPT_PAGES_MB * 1024 * 1024
KEPT_PAGES_RAISE = False  # tests raise; a page that may not be kept is served all the same

# Files. Only what was approved is public; masters are private and have no URL.

MEDIA_ROOT = read_path("MEDIA_ROOT", VAR / "media")
MEDIA_URL = "/media/"
PRIVATE_MEDIA_ROOT = read_path("PRIVATE_MEDIA_ROOT", VAR / "private")
if PRIVATE_MEDIA_ROOT.is_relative_to(MEDIA_ROOT):
    stop("PRIVATE_MEDIA_ROOT", "is bad: it must not lie inside MEDIA_ROOT, which the public can read")
# Buckets instead, for several machines.
_public, _private = read_bucket("MEDIA_STORAGE_URL"), read_bucket("PRIVATE_STORAGE_URL")
if _public and _private and _public.holds(_private):
    stop("PRIVATE_STORAGE_URL", "is bad: it must not lie inside of MEDIA_STORAGE_URL")

# The erasures that were done, for when an older backup is restored; so the file must not be part of that backup.
ERASURE_LOG = read_path("ERASURE_LOG", VAR / "erasures.jsonl")

# Visits wait here until they are loaded into the database, with whole IP addresses: for the site's user alone.
VISIT_SPOOL = read_path("VISIT_SPOOL", VAR / "spool")
if VISIT_SPOOL.is_relative_to(MEDIA_ROOT):
    stop("VISIT_SPOOL", "is bad: it must not lie inside MEDIA_ROOT, which the public can read")
_VISIT_DAYS_ALLOWED = "the days for which visits are kept with their addresses, 1 to 365"
VISIT_DAYS = read("VISIT_DAYS", env.int, 30, allowed=_VISIT_DAYS_ALLOWED)
if not 1 <= VISIT_DAYS <= 365:
    stop("VISIT_DAYS", f"is bad: it must be {_VISIT_DAYS_ALLOWED}")

# Where machines share the day's salt of visitors: never on a disk, never in the database. Empty: each has its own.
DAY_SALT_URL = env.str("DAY_SALT_URL", default="")
if DAY_SALT_URL:
    if not re.fullmatch(r"rediss?://([^/@\s]*@)?([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[0-9]*)?", DAY_SALT_URL):
        stop("DAY_SALT_URL", "is bad: it must look like redis://host:6379/1, or be empty")
    need_packages("DAY_SALT_URL", "redis")

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

STORAGES = {
    # Names are random, so a file is only ever written again by a job that was killed before it was done.
    "default": _public.storage(base_url=MEDIA_URL)
    if _public
    else {"BACKEND": "core.durable_files.DurableFileSystemStorage"},
    "private": _private.storage()
    if _private
    else {
        "BACKEND": "core.durable_files.DurableFileSystemStorage",
        "OPTIONS": {"location": PRIVATE_MEDIA_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "core.static_files.BundlingStaticFilesStorage"
    },
}

# Decoding a hostile picture may take 1.25 GB, so there is a limit besides the processors.
_PHOTO_DECODERS_ALLOWED = "the number of photos that are decoded at once on this machine, 1 to 8"
PHOTO_DECODERS = read("PHOTO_DECODERS", env.int, min(4, os.cpu_count() or 1), allowed=_PHOTO_DECODERS_ALLOWED)
if not 1 <= PHOTO_DECODERS <= 8:
    stop("PHOTO_DECODERS", f"is bad: it must be {_PHOTO_DECODERS_ALLOWED}")

# Photos in forms that are not right yet, counted when they are put there; a day is Draft.LIFETIME. Beyond that people
# choose them again once the rest is right. A school or an office shares a network: 1 GB are some 200 forms of 3 photos.
_MEGABYTES_ALLOWED = "the megabytes of photos that forms in progress may hold in a day, 1 or more"
DRAFTS_MB_PER_NETWORK = read("DRAFTS_MB_PER_NETWORK", env.int, 1_000, allowed=_MEGABYTES_ALLOWED)
if DRAFTS_MB_PER_NETWORK < 1:
    stop("DRAFTS_MB_PER_NETWORK", f"is bad: it must be {_MEGABYTES_ALLOWED}")
DRAFTS_MB = read("DRAFTS_MB", env.int, 10_000, allowed=_MEGABYTES_ALLOWED)
if DRAFTS_MB < 1:
    stop("DRAFTS_MB", f"is bad: it must be {_MEGABYTES_ALLOWED}")

# Uploads. Pictures are held in files without a name: a killed process leaves none behind.
FILE_UPLOAD_HANDLERS = ["core.http.request_guards.NamelessFileUploadHandler"]
REQUEST_BODY_LIMIT = 80 * 1024 * 1024  # bytes: five photos of 15 MB and the words around them

# Mail, queued as rows of django-post-office in the transaction that needs them.

EMAIL = read("EMAIL_URL", env.email_url, "consolemail://", allowed="like smtp+tls://user:password@host:587")
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "core.smtp.EmailBackend"
EMAIL_HOST = EMAIL.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_SSL", False)
_EMAIL_TIMEOUT_ALLOWED = "the seconds to wait for each reply of the mail server, 1 to 30"
EMAIL_TIMEOUT = read("EMAIL_TIMEOUT", env.int, 10, allowed=_EMAIL_TIMEOUT_ALLOWED)
if not 1 <= EMAIL_TIMEOUT <= 30:
    stop("EMAIL_TIMEOUT", f"is bad: it must be {_EMAIL_TIMEOUT_ALLOWED}")
_mail_domain = urlsplit(SITE_URL).hostname if HTTPS else "localhost"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Vietmusic <hello@{_mail_domain}>")
_MAILBOX = r"[^<>@\s]+@[^<>@\s]+|[^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>"
if not re.fullmatch(_MAILBOX, DEFAULT_FROM_EMAIL):
    stop("DEFAULT_FROM_EMAIL", "is bad: it must look like Vietmusic <hello@vietmusic.example>")
# The address at which somebody reads replies to mails. Without it, mails say that nobody does.
REPLY_TO_EMAIL = env.str("REPLY_TO_EMAIL", default="")
if REPLY_TO_EMAIL and not re.fullmatch(_MAILBOX, REPLY_TO_EMAIL):
    stop("REPLY_TO_EMAIL", "is bad: it must look like Vietmusic <answers@vietmusic.example>, or be empty")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
POST_OFFICE = {"BACKENDS": {"default": "privacy.account.mail_backend.LinkMintingBackend"}}
DEV_MAILBOX = VAR / "mail"  # with DEBUG, a copy of each mail sent, for /dev/mail/

# Languages and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("vi", "Tiếng Việt")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["core.formats"]
USE_THOUSAND_SEPARATOR = True  # numbers for machines, as in attributes, need `unlocalize`
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

# Forms

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# Staff sign in; visitors never do.

AUTHENTICATION_BACKENDS = ["staff.second_factor.StaffBackend"]
SESSION_COOKIE_AGE = int(timedelta(days=1).total_seconds())  # at most: staff/sign_in.py sets its end when it begins
OTP_TOTP_ISSUER = "Vietmusic"
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0  # staff/rate_limits.py counts wrong codes

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# Security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY = {
    feature: []
    for feature in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
        "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
        "publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking",
    )
}  # fmt: skip
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
CSRF_FAILURE_VIEW = "core.http.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "session", "csrf"
CHOICE_COOKIE_NAME, PREFERENCES_COOKIE_NAME = "choice", "preferences"
COOKIE_FIREWALL_RAISES = False  # tests raise; a visitor's page is worth more than the cookie that it lacks
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
    SECURE_HSTS_SECONDS = int(timedelta(days=730).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    CHOICE_COOKIE_NAME, PREFERENCES_COOKIE_NAME = "__Host-choice", "__Host-preferences"
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Public forms have few fields; REQUEST_BODY_LIMIT limits the whole request.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 500  # so that the form, not an error page, tells people who choose a whole album

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "core.log_redaction.FormatterWithoutTokens",
            "format": "{levelname} {name}: {message}",
            "style": "{",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        # Django's own handlers would log a second time, and one of them mails whole requests.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "botocore": {"level": "WARNING"},
        "post_office": {"handlers": ["stderr"], "level": "CRITICAL", "propagate": False},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
