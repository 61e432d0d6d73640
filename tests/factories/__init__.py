"""People and organizations for the tests, with sensible names; each function does what a person would do."""

from tests.factories.organizations import enrol, make_organization
from tests.factories.people import make_person, verify_address

__all__ = ["enrol", "make_organization", "make_person", "verify_address"]
