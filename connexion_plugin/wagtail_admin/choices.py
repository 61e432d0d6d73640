"""What filters may choose from, asked for at each request."""

from django.db.models import QuerySet
from django.http import HttpRequest

from connexion_plugin.models import Organization


def organizations_of_the_request(request: HttpRequest | None) -> QuerySet[Organization]:
    """Called for each request: a queryset made at import would keep the scope of nobody."""
    return Organization.objects.all()
