"""Before Wagtail's own: its sign-in, sign-out and password pages lead to the portal's (access.md).

Without names: `reverse("wagtailadmin_login")` still answers, with the same address.
"""

from django.urls import include, path, re_path

from connexion_plugin.accounts import admin_doors
from connexion_plugin.second_factor.exemption import second_factor_exempt

urlpatterns = [
    path("login/", admin_doors.sign_in),
    path("logout/", second_factor_exempt(admin_doors.sign_out)),
    re_path(r"^password_reset/(?:.*)$", admin_doors.reset_password),
    path("", include("connexion_plugin.urls.operator_only")),
]
