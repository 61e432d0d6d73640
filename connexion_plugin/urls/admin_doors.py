"""Before Wagtail's admin and before Django's: their sign-in and password pages lead to the portal's (access.md).

Without names: `reverse("wagtailadmin_login")` still answers, with the same address. Django's admin, where a
host has it, would also let a superuser choose somebody's password and confirm somebody's address.
"""

from django.urls import include, path, re_path

from connexion_plugin.accounts import admin_doors
from connexion_plugin.second_factor.exemption import second_factor_exempt

urlpatterns = [
    path("login/", admin_doors.sign_in),
    path("logout/", second_factor_exempt(admin_doors.sign_out)),
    re_path(r"^password_reset/(?:.*)$", admin_doors.reset_password),
    re_path(r"^password_change/(?:.*)$", admin_doors.change_password),
    re_path(r"^[a-z_0-9]+/[a-z_0-9]+/[^/]+/password/$", admin_doors.closed_for_good),
    re_path(r"^account/email(?:address|confirmation)/(?:.*)$", admin_doors.closed_for_good),
    # A schedule calls any function by its name, those that confirm an address among them.
    re_path(r"^django_q/(?:.*)$", admin_doors.closed_for_good),
    path("", include("connexion_plugin.urls.operator_only")),
]
