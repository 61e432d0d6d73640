"""Only registers; what is registered lives in `wagtail_admin/`."""

from wagtail import hooks
from wagtail.snippets.models import register_snippet

from connexion_plugin.wagtail_admin import record
from connexion_plugin.wagtail_admin.bulk_actions import BULK_ACTIONS
from connexion_plugin.wagtail_admin.collaborators import CollaboratorViewSet
from connexion_plugin.wagtail_admin.history import register_log_actions
from connexion_plugin.wagtail_admin.home import summarize_administration
from connexion_plugin.wagtail_admin.organizations import OrganizationViewSet

register_snippet(OrganizationViewSet)
register_snippet(CollaboratorViewSet)

hooks.register("register_log_actions", register_log_actions)
hooks.register("register_admin_urls", record.register_urls)
hooks.register("register_reports_menu_item", record.register_menu_item)
hooks.register("construct_homepage_summary_items", summarize_administration)
for action in BULK_ACTIONS:
    # After Wagtail's own: the later action of one name is the one that answers.
    hooks.register("register_bulk_action", action, order=100)
