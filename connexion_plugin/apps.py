from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnexionConfig(AppConfig):
    name = "connexion_plugin"
    label = "connexion_plugin"
    verbose_name = _("Connexion")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from connexion_plugin import checks  # noqa: F401  registers the system checks
        from connexion_plugin.middleware.sessions import stamp_session

        user_logged_in.connect(stamp_session, dispatch_uid="connexion_stamp_session")
