"""Organizations come into being by the site operator's hand (product.md: organizations, keys, health)."""

from connexion_plugin.models import Organization


def found_organization(*, name: str, language: str) -> tuple[Organization, bool]:
    """The organization of this name, and whether it was made just now. One statement or two, no lock."""
    return Organization.unscoped.get_or_create(name=name, defaults={"language": language})
