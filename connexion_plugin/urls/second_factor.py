"""The second factor's doors, and the page for a forgotten user name: in the portal's namespace."""

from django.urls import path

from connexion_plugin.accounts import second_factor_views, views
from connexion_plugin.second_factor.exemption import second_factor_exempt
from connexion_plugin.views.policy import Policy, door

signed_in = door(Policy.SIGNED_IN, "GET", "POST")
public = door(Policy.PUBLIC, "GET", "POST")

urlpatterns = [
    path(
        "second-factor/",
        second_factor_exempt(signed_in(second_factor_views.second_factor)),
        name="second_factor",
    ),
    path(
        "second-factor/set-up/",
        second_factor_exempt(signed_in(second_factor_views.second_factor_setup)),
        name="second_factor_setup",
    ),
    path(
        "second-factor/recovery-codes/", signed_in(second_factor_views.recovery_codes), name="recovery_codes"
    ),
    path(
        "second-factor/remove/",
        signed_in(second_factor_views.second_factor_remove),
        name="second_factor_remove",
    ),
    path(
        "second-factor/needed/",
        second_factor_exempt(
            door(Policy.SIGNED_IN, "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")(
                second_factor_views.second_factor_needed
            )
        ),
        name="second_factor_needed",
    ),
    path("forgotten-user-name/", public(views.forgotten_user_name), name="forgotten_user_name"),
    path(
        "forgotten-user-name/sent/", public(views.forgotten_user_name_done), name="forgotten_user_name_done"
    ),
]
