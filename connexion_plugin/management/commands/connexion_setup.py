"""The first accounts, before any e-mail can go out: a superuser, an organization, its administrator."""

import os
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from connexion_plugin import access, exceptions
from connexion_plugin.actions import accounts, organizations
from connexion_plugin.actions.documents import mark_storage
from connexion_plugin.documents.mounts import MARK

PASSWORD_VARIABLE = "CONNEXION_SETUP_PASSWORD"


class Command(BaseCommand):
    help = (
        "Gives a superuser a confirmed address, without which they cannot sign in; creates an organization and "
        "its first administrator; marks the storage of documents. What exists already is kept: it may be run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--superuser", help="user name or e-mail address; the account is made if there is none"
        )
        parser.add_argument(
            "--address", help="the superuser's e-mail address, when --superuser is a user name"
        )
        parser.add_argument("--organization", help="its name")
        parser.add_argument("--administrator", help="e-mail address of the organization's administrator")
        parser.add_argument(
            "--language", choices=["fr", "en"], default="fr", help="of the accounts and the organization"
        )
        parser.add_argument(
            "--documents",
            action="store_true",
            help="say that the storage of documents, as it is now, is this installation's and no other's: where a copy "
            "without its mark was restored, or before `connexion_expire --strays`",
        )
        parser.add_argument(
            "--no-input",
            action="store_true",
            help=f"ask nothing: accounts get the password in {PASSWORD_VARIABLE}, or choose one by e-mail",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["superuser"] and not options["organization"] and not options["documents"]:
            raise CommandError(
                "Name a --superuser, or an --organization with its --administrator, or both; or --documents."
            )
        if bool(options["organization"]) != bool(options["administrator"]):
            raise CommandError("--organization and --administrator go together.")
        try:
            with transaction.atomic():
                if options["superuser"]:
                    self._superuser(options)
                if options["organization"]:
                    self._organization(options)
        except exceptions.AddressTaken as error:
            raise CommandError(str(error.sentence)) from error
        if options["documents"]:
            self._documents()

    def _documents(self) -> None:
        try:
            mark_storage(signs=True)
        except exceptions.StorageTrouble as error:
            raise CommandError(
                f"The storage of documents cannot be written to, or its file {MARK} is another installation's: give "
                "this one a storage of its own. Where the other is no more, remove that file, and run this again."
            ) from error
        self.stdout.write("The storage of documents is marked as this installation's.")

    def _superuser(self, options: dict[str, Any]) -> None:
        login: str = options["superuser"]
        address: str | None = login if "@" in login else options["address"]
        user: Any = accounts.account_of(login)
        if user is None:
            if address is None:
                raise CommandError(f"There is no account {login}. Give its --address, and it will be made.")
            name = "" if "@" in login else login
            user = self._open(address, options, user_name=name, is_superuser=True)
        elif not user.is_superuser:
            raise CommandError(f"The account {login} exists and is not a superuser's. Choose another one.")
        if address is not None:
            accounts.vouch_for_address(user=user, address=_checked(address))
        self.stdout.write(f"Superuser {user.get_username()}: {address or 'as before'}.")

    def _organization(self, options: dict[str, Any]) -> None:
        organization, made = organizations.found_organization(
            name=options["organization"], language=options["language"]
        )
        address: str = options["administrator"]
        user = accounts.account_of(_checked(address)) or self._open(address, options)
        access.make_administrator(user=user, organization=organization)
        self.stdout.write(f"Organization {organization.name}{'' if made else ' (it was there)'}.")
        self.stdout.write(
            f"Administrator {address}. A second factor is set up at the first visit of the admin."
        )

    def _open(self, address: str, options: dict[str, Any], **account: Any) -> Any:
        password = self._password(address, asks=not options["no_input"])
        if password is None:
            self.stdout.write(
                f'{address} has no password yet: "Forgotten password" on the sign-in page sends a link.'
            )
        return accounts.open_account(
            address=_checked(address), password=password, language=options["language"], **account
        )

    def _password(self, address: str, *, asks: bool) -> str | None:
        """From the environment, else from the keyboard; None where there is neither."""
        password = os.environ.get(PASSWORD_VARIABLE, "")
        if not password and asks and sys.stdin.isatty():
            password = getpass(f"Password of {address} (empty: chosen later, by e-mail): ")
        if not password:
            return None
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password


def _checked(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError as error:
        raise CommandError(f"{address} is not an e-mail address.") from error
    return address
