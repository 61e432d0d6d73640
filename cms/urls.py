"""The plugin's doors come first: before Wagtail's own sign-in pages and before its catch-all."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("admin/", include("connexion_plugin.urls.admin_doors")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]

if settings.DEBUG:
    from django.conf.urls.static import static

    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)

urlpatterns += i18n_patterns(
    path("connexion/", include("connexion_plugin.urls.portal")),
    path("", include(wagtail_urls)),
)

handler400 = "connexion_plugin.views.errors.bad_request"
handler403 = "connexion_plugin.views.errors.permission_denied"
handler404 = "connexion_plugin.views.errors.page_not_found"
handler500 = "connexion_plugin.views.errors.server_error"
