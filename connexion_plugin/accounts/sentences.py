"""What the account pages say, in our words instead of allauth's."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# allauth's errors, by its own keys. Nothing here may tell whether an address has an account (spec I6).
_MISMATCH = _("The user name, the address or the password is not right.")
ERRORS: dict[str, str | Promise] = {
    "account_inactive": _("This account is closed."),
    "cannot_remove_primary_email": _("Choose another main address first."),
    "duplicate_email": _("This address is already on your list."),
    "email_password_mismatch": _MISMATCH,
    "username_password_mismatch": _MISMATCH,
    "invalid_login": _MISMATCH,
    "email_taken": _("This address is already confirmed in another account."),
    "enter_current_password": _("This is not your current password."),
    "incorrect_code": _("This code is not right. Use the one of the last e-mail that you received."),
    "incorrect_password": _("This is not your password."),
    "invalid_or_expired_key": _("This link no longer works."),
    "invalid_password_reset": _("This link no longer works."),
    "max_email_addresses": _("An account holds at most %d addresses."),
    "too_many_login_attempts": _("Too many attempts. Wait a few minutes, then try again."),
    "unverified_primary_email": _("Confirm this address before making it the main one."),
    "username_blacklisted": _("Choose another user name."),
    "username_taken": _("Choose another user name: this one is taken."),
    "rate_limited": _("Too many requests. Wait a minute, then try again."),
    "same_as_current": _("This is already the current value."),
}
USER_NAME_WITH_AT = _("A user name has no @. To sign in with your address, leave this field empty.")
USER_NAME_SIGNS = _("A user name has only letters, digits and the signs . + - and _, and no space.")

# allauth's messages, by the template it would render. Those that are not here are not shown: the page says it.
MESSAGES: dict[str, str | Promise] = {
    "account/messages/email_confirmed.txt": _("%(email)s is confirmed."),
    "account/messages/email_confirmation_failed.txt": _("%(email)s is already confirmed in another account."),
    "account/messages/email_deleted.txt": _("%(email)s is no longer on your list."),
    "account/messages/cannot_delete_primary_email.txt": _(
        "%(email)s cannot be removed: an account keeps its main address, and one confirmed address at least."
    ),
    "account/messages/primary_email_set.txt": _("Your main address has changed."),
    "account/messages/unverified_primary_email.txt": _("Confirm this address before making it the main one."),
    "account/messages/password_changed.txt": _("Your password has changed."),
    "account/messages/password_set.txt": _("Your password is set."),
    "account/messages/logged_out.txt": _("You are signed out."),
}
