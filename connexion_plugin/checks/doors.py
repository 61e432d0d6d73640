"""One door: the order of what a request goes through, and who answers at which URL (access.md)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from connexion_plugin.checks.findings import Apps, error

MIDDLEWARE = (
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "connexion_plugin.middleware.DeviceMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "connexion_plugin.middleware.SecondFactorMiddleware",
    "connexion_plugin.middleware.ScopeMiddleware",
)
BACKEND = "connexion_plugin.accounts.authentication.OneHashBackend"
OTHER_DOORS = (
    "django.contrib.auth.backends.ModelBackend",
    "django.contrib.auth.backends.AllowAllUsersModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
)
OURS = "connexion_plugin."
NOT_MOUNTED = "not mounted"


@register()
def check_order_of_apps(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The plugin's templates must be found before allauth's and Wagtail's."""
    apps = [path.partition(".apps.")[0] for path in settings.INSTALLED_APPS]
    later = [name for name in ("allauth", "allauth.account", "wagtail.admin") if name in apps]
    if all(apps.index("connexion_plugin") < apps.index(name) for name in later):
        return []
    line = 'INSTALLED_APPS = ["connexion_plugin", …, *INSTALLED_APPS]'
    return [error("E002", "connexion_plugin must come before allauth and wagtail.admin.", line)]


@register()
def check_middleware(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Who one is, then by which second factor, then what one may see: in this order."""
    given = [path for path in settings.MIDDLEWARE if path in MIDDLEWARE]
    if given == list(MIDDLEWARE):
        return []
    missing = [path for path in MIDDLEWARE if path not in given]
    if missing:
        return [error("E003", f"MIDDLEWARE lacks {path}.", f"MIDDLEWARE += [{path!r}]") for path in missing]
    return [error("E003", "The middlewares stand in another order.", f"MIDDLEWARE += {list(MIDDLEWARE[1:])}")]


@register()
def check_authentication_backends(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """One hash whatever the answer: any other back end beside ours tells by its time who has an account."""
    line = f"AUTHENTICATION_BACKENDS = [{BACKEND!r}]"
    given = settings.AUTHENTICATION_BACKENDS
    if BACKEND not in given:
        return [error("E004", "AUTHENTICATION_BACKENDS does not name the plugin's back end.", line)]
    return [error("E004", f"{path} is a second door.", line) for path in given if path in OTHER_DOORS]


@register(Tags.urls)
def check_portal_urls(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Included, and before Wagtail's catch-all, with or without a language prefix."""
    if _answers_at("connexion:inbox").startswith(OURS):
        return []
    line = (
        'path("connexion/", include("connexion_plugin.urls.portal")), above path("", include(wagtail_urls))'
    )
    return [error("E016", "The portal's URLs are missing, or stand below Wagtail's catch-all.", line)]


@register(Tags.urls)
def check_admin_doors(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Wagtail's own sign-in page answers by itself unless ours stands above it."""
    if _answers_at("wagtailadmin_login").startswith((OURS, NOT_MOUNTED)):
        return []
    line = 'path("admin/", include("connexion_plugin.urls.admin_doors")), above include(wagtailadmin_urls)'
    return [error("E017", "Wagtail's own sign-in page is a second door.", line)]


@register(Tags.urls)
def check_django_admin_door(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The same for Django's admin, where it is mounted."""
    if _answers_at("admin:login").startswith((OURS, NOT_MOUNTED)):
        return []
    line = 'path("django-admin/", include("connexion_plugin.urls.admin_doors")), above admin.site.urls'
    return [error("E018", "The sign-in page of Django's admin is a second door.", line)]


def _answers_at(name: str) -> str:
    """The module of the view that answers where this URL name leads."""
    try:
        view = resolve(reverse(name)).func
    except NoReverseMatch:
        return NOT_MOUNTED
    except Resolver404:
        return "nothing"
    return str(getattr(view, "view_class", view).__module__)
