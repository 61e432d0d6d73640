"""Organizations and their enrolments."""

from typing import Any

from connexion_plugin.models import Collaborator, Organization


def make_organization(name: str = "Étude Tremblay", **fields: Any) -> Organization:
    return Organization.unscoped.create(name=name, **{"telephone": "1 800 555-0142", **fields})


def enrol(organization: Organization, address: str, *, name: str = "", language: str = "fr") -> Collaborator:
    """An active enrolment, without the invitation that the administrator's verb would send."""
    return Collaborator.unscoped.create(
        organization=organization, address=address, name=name, language=language
    )
