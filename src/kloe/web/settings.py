"""Settings. What a site changes comes from the environment: see docs/reference/settings.md."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from kloe.web.environment import backend, choice, flag, number, postgresql, time_zone

WEB = Path(__file__).resolve().parent
DATA_DIR = Path(os.environ.get("KLOE_DATA", "kloe-data")).expanduser().resolve()


def _secret_key() -> str:
    """Made on first use and kept in the data directory, readable by its owner only."""
    if given := os.environ.get("KLOE_SECRET_KEY"):
        return given
    path = DATA_DIR / "secret-key"
    if path.exists():
        return path.read_text().strip()
    key = secrets.token_urlsafe(50)
    if DATA_DIR.is_dir():
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(fd, "w") as f:
            f.write(key)
    return key


SECRET_KEY = _secret_key()
DEBUG = flag("KLOE_DEBUG")
ALLOWED_HOSTS = [
    h for h in os.environ.get("KLOE_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h
]
_https = [f"https://{h}" for h in ALLOWED_HOSTS if h not in {"localhost", "127.0.0.1", "[::1]"}]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("KLOE_ORIGINS", "").split(",") if o] or _https
SECURE = flag("KLOE_HTTPS")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "kloe.web.accounts",
    "kloe.web.organisations",
    "kloe.web.audit",
    "kloe.web.jobs",
    "kloe.web.library",
    "kloe.web.assessments",
    "kloe.web.evidence",
    "kloe.web.documents",
    "kloe.web.judgements",
    "kloe.web.moderation",
    "kloe.web.indicators",
    "kloe.web.inspections",
    "kloe.web.readings",
    "kloe.web.records",
    "kloe.web.plans",
    "kloe.web.checks",
    "kloe.web.texts",
    "kloe.web.reporting",
    "kloe.web.summaries",
    "kloe.web.publication",
    "kloe.web.challenges",
    "kloe.web.moving",
    "kloe.web.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kloe.web.middleware.SpeakMiddleware",
    "kloe.web.middleware.ErrorsMiddleware",
]

ROOT_URLCONF = "kloe.web.urls"
WSGI_APPLICATION = "kloe.web.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kloe.web.context.site",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "kloe.web.site.templatetags.kloe",
                "kloe.web.assessments.templatetags.assessing",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    if found := postgresql("KLOE_DATABASE_URL"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            **found,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "kloe.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # IMMEDIATE: a writer waits at the start of its transaction, never fails in the middle.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000;"
            ),
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "kloe.web.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

EMAIL_BACKEND = backend("KLOE_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = os.environ.get("KLOE_EMAIL_FROM", "kloe@localhost")
EMAIL_HOST = os.environ.get("KLOE_EMAIL_HOST", "localhost")
EMAIL_PORT = number("KLOE_EMAIL_PORT", "25", least=1, most=65535)
EMAIL_HOST_USER = os.environ.get("KLOE_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("KLOE_EMAIL_PASSWORD", "")
_email_security = choice("KLOE_EMAIL_SECURITY", "none", of=("none", "starttls", "tls"))
EMAIL_USE_TLS, EMAIL_USE_SSL = _email_security == "starttls", _email_security == "tls"
#: Seconds that a page waits for a mail server.
EMAIL_TIMEOUT = 10

# Sessions are read on every request and written only when they change.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = False
# Not for this machine alone: browsers would then refuse http://localhost for a year.
SECURE_HSTS_SECONDS = 31_536_000 if SECURE and _https else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "worker-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [WEB / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# Served from the package itself: no collecting step, nothing written outside the data directory.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English")), ("cy", _("Welsh"))]
LOCALE_PATHS = [WEB.parent / "locale"]
TIME_ZONE = time_zone("KLOE_TIME_ZONE", "Europe/London")
USE_TZ = True
USE_I18N = True

FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
FILE_UPLOAD_HANDLERS = ["kloe.web.sent.TemporaryFiles"]
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "tmp") if (DATA_DIR / "tmp").is_dir() else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

#: Largest evidence file in bytes.
EVIDENCE_MAX_BYTES = number("KLOE_EVIDENCE_MAX_MB", "50", least=1) << 20
#: What reading the text of one document may cost: seconds, and megabytes of memory.
READ_SECONDS = number("KLOE_READ_SECONDS", "120", least=1)
READ_MEGABYTES = number("KLOE_READ_MB", "1024", least=64)
#: Largest file of an extract of records, and all files of one extract together, in bytes.
RECORDS_MAX_BYTES = number("KLOE_RECORDS_MAX_MB", "1024", least=1) << 20
RECORDS_MAX_TOTAL = number("KLOE_RECORDS_TOTAL_MB", "4096", least=1) << 20
#: Days after which the files of an extract that nobody loaded are removed.
RECORDS_DRAFT_DAYS = number("KLOE_RECORDS_DRAFT_DAYS", "30")
#: So many days before an action of a plan is due its owner is reminded by e-mail; 0 never.
PLAN_REMIND_DAYS = number("KLOE_PLAN_REMIND_DAYS", "7")
#: Working days that a landlord has to answer a draft report, where none are chosen.
DRAFT_DAYS = number("KLOE_DRAFT_DAYS", "20", least=1)
#: Days after which jobs that ended are forgotten; what they made stays.
JOBS_DAYS = number("KLOE_JOBS_DAYS", "90", least=1)
#: Whether search engines may list published reports; those on invented landlords never.
PUBLISHED_INDEXED = flag("KLOE_PUBLISHED_INDEXED", default=True)
#: Rows on a page of a list.
PAGE_SIZE = 50

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.request": {"level": "ERROR"}, "kloe": {"level": "INFO"}},
}
