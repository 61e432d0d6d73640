"""Address books as files: CSV as spreadsheets write it, and vCard (spec B6). Knows no row and no request."""

from connexion_plugin.contact_files.reading import FileRefused, Line, read
from connexion_plugin.contact_files.writing import as_csv, as_vcards

__all__ = ["FileRefused", "Line", "as_csv", "as_vcards", "read"]
