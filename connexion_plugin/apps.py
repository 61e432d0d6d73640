from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

REQUIRED_APPS = ("allauth", "allauth.account", "guardian", "django_otp", "django_q", "django_htmx")


class ConnexionConfig(AppConfig):
    name = "connexion_plugin"
    label = "connexion_plugin"
    verbose_name = _("Connexion")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Says which applications are missing, before the models fail to import in words of their own."""
        missing = [name for name in REQUIRED_APPS if not _is_installed(name)]
        if missing:
            line = f"INSTALLED_APPS = {['connexion_plugin', *missing]} + INSTALLED_APPS"
            raise ImproperlyConfigured(
                f"connexion.E001: connexion_plugin needs {', '.join(missing)}. Paste: {line}"
            )
        super().import_models()

    def ready(self) -> None:
        from django.contrib.auth import get_user_model
        from django.contrib.auth.signals import user_logged_in
        from django.db.models.signals import pre_delete

        from connexion_plugin import checks  # noqa: F401  registers the system checks
        from connexion_plugin.middleware.sessions import stamp_session

        user_logged_in.connect(stamp_session, dispatch_uid="connexion_stamp_session")
        # In the transaction of the deletion, whichever door it came through.
        pre_delete.connect(
            _give_up_account, sender=get_user_model(), dispatch_uid="connexion_give_up_account"
        )


def _give_up_account(*, instance: Any, **kwargs: Any) -> None:
    from connexion_plugin.actions.personas import give_up_account

    give_up_account(user=instance)


def _is_installed(name: str) -> bool:
    """By its name or by its configuration's path (`guardian.apps.GuardianConfig`)."""
    return any(app == name or app.startswith(f"{name}.apps.") for app in settings.INSTALLED_APPS)
