"""Before Wagtail's own addresses: its pages that show every organization's names at once."""

from django.urls import path

from connexion_plugin.wagtail_admin import operator_only

urlpatterns = [
    path("reports/site-history/", operator_only.site_history),
    path("reports/site-history/results/", operator_only.site_history_results),
]
