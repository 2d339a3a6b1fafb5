"""Django settings. Everything that differs between places comes from the environment.

Variables (all optional in demo mode): DOORSTEP_MODE demo|lender|live, DOORSTEP_HOME state
directory, DOORSTEP_SECRET_KEY, DOORSTEP_HOSTS, DOORSTEP_ORIGINS, DATABASE_URL, DOORSTEP_PROXY_TLS,
DOORSTEP_ADMIN_USERNAME and DOORSTEP_ADMIN_PASSWORD (of the first administrator, at first start).
docs/reference/settings.md lists them with their meaning.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import quote, urlsplit

from doorstep.kernel.database import database_from_url
from doorstep.kernel.environment import Environment, refused

PACKAGE = Path(__file__).resolve().parent
REPOSITORY = PACKAGE.parent.parent

_env = Environment(os.environ)

# demo: accounts whose password anybody knows. lender: own accounts with a second factor, on this
# machine without TLS (`doorstep up --lender`). live: everything in force, behind TLS.
MODE = _env.choice("DOORSTEP_MODE", "demo", {"demo", "lender", "live"})
LIVE = MODE == "live"
HOME = _env.folder("DOORSTEP_HOME", Path.cwd() / ".state")


def _secret_key() -> str:
    """The key from the environment; in demo mode one made once and kept in the state directory."""
    key = _env.text("DOORSTEP_SECRET_KEY")
    if key and len(key) >= 50:
        return key
    if key or LIVE:
        raise refused(
            "DOORSTEP_SECRET_KEY",
            "The key is shorter than 50 characters." if key else "Live mode needs a secret key.",
            hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'.",
        )
    kept = HOME / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50), "utf-8")
    return kept.read_text("utf-8")


def _hosts() -> list[str]:
    """The names the site answers to; live mode wants them said, and none that means any."""
    hosts = _env.listing("DOORSTEP_HOSTS", [] if LIVE else ["localhost", "127.0.0.1", "[::1]"])
    if LIVE and (not hosts or "*" in hosts):
        raise refused(
            "DOORSTEP_HOSTS",
            "Live mode needs the names of the site, and * is none.",
            hint="For example desk.bank.example; several are separated by commas.",
        )
    return hosts


def _origins() -> list[str]:
    """Addresses that forms may come from, with their scheme; live mode takes https only."""
    origins = _env.listing("DOORSTEP_ORIGINS", [])
    schemes = ("https://",) if LIVE else ("https://", "http://")
    for origin in origins:
        if not origin.startswith(schemes):
            raise refused(
                "DOORSTEP_ORIGINS",
                f"{origin!r} does not start with {' or '.join(schemes)}.",
                hint="For example https://desk.bank.example.",
            )
    return origins


def _evidence_keys() -> Path:
    """The file with the keys of the evidence; live mode wants it named, apart from the database."""
    named = _env.text("DOORSTEP_EVIDENCE_KEYS")
    if LIVE and not named:
        raise refused(
            "DOORSTEP_EVIDENCE_KEYS",
            "Live mode needs the file with the keys of the evidence.",
            hint="Make it where no backup of the database goes: doorstep evidence keys FILE.",
        )
    return Path(named or HOME / "evidence-keys.toml").resolve()


def _seal() -> Path:
    """The file with the key that signs documents; live mode wants it named, like the evidence's."""
    named = _env.text("DOORSTEP_SEAL")
    if LIVE and not named:
        raise refused(
            "DOORSTEP_SEAL",
            "Live mode needs the file with the key and certificate that sign documents.",
            hint="One PEM file, kept where no backup of the database goes.",
        )
    return Path(named or HOME / "seal.pem").resolve()


def _checkpoint_place() -> Path:
    """The folder checkpoints of the evidence log are copied to, best on another machine."""
    place = _env.text("DOORSTEP_CHECKPOINT_PLACE")
    if "://" in place or place.startswith("mailto:"):
        raise refused(
            "DOORSTEP_CHECKPOINT_PLACE",
            "Copying checkpoints to a URL or by e-mail is not built yet.",
            hint="Name a folder, for example one of another machine that is mounted here.",
        )
    return Path(place or HOME / "checkpoints").resolve()


def _map() -> tuple[Path | None, str]:
    """The operator's map: a PMTiles file, or a tile service by its address; neither by default."""
    named = _env.text("DOORSTEP_MAP")
    if "://" in named:
        if not named.startswith(("https://", "http://")) or not all(
            part in named for part in ("{z}", "{x}", "{y}")
        ):
            raise refused(
                "DOORSTEP_MAP", f"{named!r} is no address of a tile service.",
                hint="For example https://tiles.bank.example/{z}/{x}/{y}.png.",
            )  # fmt: skip
        return None, named
    file = Path(named).resolve() if named else None
    if file is not None and not (file.is_file() and file.open("rb").read(7) == b"PMTiles"):
        raise refused(
            "DOORSTEP_MAP", f"{file} is no PMTiles file.",
            hint="Name a file that ends in .pmtiles, or the address of a tile service.",
        )  # fmt: skip
    return file, ""


def _travel() -> tuple[str, str]:
    """The operator's routing server: its kind, a space, its address; none by default."""
    named = _env.text("DOORSTEP_TRAVEL")
    kind, _space, url = named.partition(" ")
    if named and (kind not in ("osrm", "valhalla") or "://" not in url):
        raise refused(
            "DOORSTEP_TRAVEL", f"{named!r} names no routing server.",
            hint="For example: osrm https://routes.bank.example.",
        )  # fmt: skip
    return kind, url.strip()


SECRET_KEY = _secret_key()
# Rules and the one door. The key of numbers must outlive any change of the secret key.
RULEPACKS = _env.text("DOORSTEP_RULEPACKS")
JURISDICTION = _env.text("DOORSTEP_JURISDICTION", "cn")
ADDRESS_KEY = _env.text("DOORSTEP_ADDRESS_KEY")
CHANNELS_FILE = _env.text("DOORSTEP_CHANNELS", str(HOME / "channels.toml"))
ADMIN_USERNAME = _env.text("DOORSTEP_ADMIN_USERNAME")
ADMIN_PASSWORD = _env.text("DOORSTEP_ADMIN_PASSWORD")
DEBUG = False
ALLOWED_HOSTS = _hosts()
CSRF_TRUSTED_ORIGINS = _origins()
TIME_ZONE = _env.zone("DOORSTEP_TIME_ZONE", "Asia/Shanghai")
DATABASES = {
    "default": database_from_url(
        _env.text("DATABASE_URL", f"sqlite:///{quote(str(HOME))}/doorstep.sqlite3")
    )
}

# What was done, provable later: where keys and copies of checkpoints lie, the log's name.
EVIDENCE_KEYS = _evidence_keys()
CHECKPOINT_PLACE = _checkpoint_place()
SEAL = _seal()
EVIDENCE_NAME = _env.text("DOORSTEP_EVIDENCE_NAME", "doorstep.example/evidence")

# Whom our own people can call after something hard; shown on their pages.
COUNSELLING_LINE = _env.text("DOORSTEP_COUNSELLING_LINE", "" if LIVE else "400-000-0100")

# What the map of field days lies on; without either, a drawn grid of streets.
MAP_FILE, MAP_TILES = _map()
TRAVEL_KIND, TRAVEL_URL = _travel()
MAP_ATTRIBUTION = _env.text("DOORSTEP_MAP_ATTRIBUTION")
_MAP_ORIGIN = ["{0.scheme}://{0.netloc}".format(urlsplit(MAP_TILES))] if MAP_TILES else []

# Police stations near borrowers, as a CSV file of the operator; a trip pack names the nearest.
POLICE_STATIONS = _env.text("DOORSTEP_POLICE_STATIONS")

INSTALLED_APPS = [
    "doorstep.evidence",
    "doorstep.rules",
    "doorstep.workforce",
    "doorstep.portfolio",
    "doorstep.protections",
    "doorstep.agreements",
    "doorstep.cases",
    "doorstep.outreach",
    "doorstep.visits",
    "doorstep.dispatch",
    "doorstep.cycle",
    "doorstep.sites.office",
    "doorstep.sites.portal",
    "doorstep.sites.field",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "django_vite",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "doorstep.sites.field.shell.PhoneFiles",
    "doorstep.sites.office.sos.SosMiddleware",
    "doorstep.sites.office.quiet_session.QuietSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "doorstep.sites.office.access.GateMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "doorstep.sites.office.shell.shell",
            ],
        },
    }
]

ROOT_URLCONF = "doorstep.urls"
ASGI_APPLICATION = "doorstep.asgi.application"
WSGI_APPLICATION = "doorstep.wsgi.application"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "doorstep_language"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["doorstep.sites.office.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns where there is none
ASSETS = Path(_env.text("DOORSTEP_ASSETS", str(REPOSITORY / "office_ui" / "dist")))
PHONE = Path(_env.text("DOORSTEP_PHONE", str(REPOSITORY / "field" / "dist")))
STATICFILES_DIRS = [ASSETS] if ASSETS.is_dir() else []
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": ASSETS / "manifest.json"}}
WHITENOISE_USE_FINDERS = True
# Names that carry their digest.
WHITENOISE_IMMUTABLE_FILE_TEST = r"/(?:office|field/assets)/[^/]+-[\w-]{8}\.\w+$"

# Who may sign in, and how: staff accounts are made by an administrator, never by themselves.
AUTH_USER_MODEL = "workforce.Staff"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "office:today"
ACCOUNT_ADAPTER = "doorstep.sites.office.access.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# Beside the package's own for signing in: the borrowers' page of copies, and other systems.
ACCOUNT_RATE_LIMITS = {"copies": "20/5m/ip", "payments_api": "120/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Doorstep"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not LIVE
SECOND_FACTOR_REQUIRED = MODE != "demo"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_CLIENT_IP_CALLABLE = "doorstep.sites.office.access.client_address"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # nothing leaves by mail yet

# Sessions end after an hour without use and after twelve hours at most (GateMiddleware).
SESSION_COOKIE_AGE = 3600
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_LONGEST_SECONDS = 12 * 3600
SESSION_COOKIE_NAME = "__Host-doorstep" if LIVE else "doorstep"
SESSION_COOKIE_SECURE = LIVE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = LIVE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf" if LIVE else "csrftoken"
LANGUAGE_COOKIE_SECURE = LIVE
LANGUAGE_COOKIE_HTTPONLY = True

SECURE_SSL_REDIRECT = LIVE
SECURE_HSTS_SECONDS = 31_536_000 if LIVE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = LIVE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if _env.flag("DOORSTEP_PROXY_TLS", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *_MAP_ORIGIN],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *_MAP_ORIGIN],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Uploads: a lender's files may be large, but never without bound.
UPLOAD_MOST_BYTES = _env.integer("DOORSTEP_UPLOAD_MOST_MB", 2048, least=1, most=65536) * 1024**2
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
FILE_UPLOAD_HANDLERS = ["doorstep.sites.office.upload_gate.GatedUpload"]

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

_LOG_LEVEL = _env.choice(
    "DOORSTEP_LOG_LEVEL", "WARNING", {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": _LOG_LEVEL},
    # A request for another host is refused; it is no fault of ours that needs a trace.
    "loggers": {"django.security.DisallowedHost": {"level": "CRITICAL"}},
}

SILENCED_SYSTEM_CHECKS = ["security.W021"]  # HSTS preload is for the owner of the domain to ask
_misspelt = _env.unknown("DOORSTEP_")
if _misspelt:
    raise refused(
        _misspelt[0],
        "Doorstep knows no setting of this name.",
        hint=f"Known: {', '.join(sorted(_env.known))}.",
    )
