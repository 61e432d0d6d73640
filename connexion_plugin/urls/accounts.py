"""allauth's doors by allauth's names, each with our policy and our headers."""

from allauth.account import views as allauth_views
from django.urls import path, re_path

from connexion_plugin.accounts import views
from connexion_plugin.second_factor.exemption import second_factor_exempt
from connexion_plugin.views.policy import Policy, door

public = door(Policy.PUBLIC, "GET", "POST")
signed_in = door(Policy.SIGNED_IN, "GET", "POST")

urlpatterns = [
    path("sign-in/", public(views.SignIn.as_view()), name="account_login"),
    path("sign-out/", second_factor_exempt(public(allauth_views.logout)), name="account_logout"),
    path("inactive/", public(allauth_views.account_inactive), name="account_inactive"),
    path("sign-up/", public(views.SignUp.as_view()), name="account_signup"),
    path("confirm/", public(views.ConfirmAddress.as_view()), name="account_email_verification_sent"),
    path("reauthenticate/", signed_in(views.Reauthenticate.as_view()), name="account_reauthenticate"),
    path("addresses/", signed_in(views.Addresses.as_view()), name="account_email"),
    path("password/", signed_in(views.ChangePassword.as_view()), name="account_change_password"),
    path("password/set/", signed_in(views.SetPassword.as_view()), name="account_set_password"),
    path("password/reset/", public(views.PasswordReset.as_view()), name="account_reset_password"),
    path(
        "password/reset/sent/", public(allauth_views.password_reset_done), name="account_reset_password_done"
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(views.NewPassword.as_view()),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        public(allauth_views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
