from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnexionConfig(AppConfig):
    name = "connexion_plugin"
    label = "connexion_plugin"
    verbose_name = _("Connexion")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from connexion_plugin import checks  # noqa: F401  registers the system checks
