"""The address book's doors (spec B6)."""

from django.urls import path

from connexion_plugin.views import address_book, contact_files, suggestions

urlpatterns = [
    path("", address_book.address_book, name="address_book"),
    path("<uuid:collaborator_id>/", address_book.address_book, name="address_book"),
    path("<uuid:collaborator_id>/add/", address_book.add_contact, name="add_contact"),
    path("<uuid:collaborator_id>/delete/", address_book.delete_contacts, name="delete_contacts"),
    path("<uuid:collaborator_id>/restore/", address_book.restore_contacts, name="restore_contacts"),
    path("<uuid:collaborator_id>/write/", address_book.write_to_contacts, name="write_to_contacts"),
    path("suggestions/", suggestions.contact_suggestions, name="contact_suggestions"),
    path("<uuid:collaborator_id>/suggestions/", suggestions.contact_suggestions, name="contact_suggestions"),
    path("<uuid:collaborator_id>/import/", contact_files.import_contacts, name="import_contacts"),
    path("<uuid:collaborator_id>/export.<str:kind>", contact_files.export_contacts, name="export_contacts"),
    path("<uuid:collaborator_id>/<uuid:contact_id>/", address_book.change_contact, name="change_contact"),
]
