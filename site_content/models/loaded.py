"""What lets the loader recognize its own pages, and see whether an editor changed them since."""

import json
from hashlib import sha256
from typing import Any

from django.db import models
from wagtail.fields import StreamField
from wagtail.models import Page


class LoadedPage(Page):
    """A page that `site_content_load` may have written. `loaded_fields` are those that it fills."""

    loaded_as = models.CharField(max_length=40, blank=True, editable=False)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    loaded_fields: tuple[str, ...] = ()
    exclude_fields_in_copy = ["loaded_as", "loaded_digest"]

    class Meta:
        abstract = True

    def content_digest(self) -> str:
        """SHA-256 of the loaded fields as they would be stored, whether or not they were stored yet."""
        content = {name: self._stored(name) for name in self.loaded_fields}
        return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def is_as_loaded(self) -> bool:
        """True while no editor has changed, or begun to change, what the loader wrote."""
        return not self.has_unpublished_changes and self.content_digest() == self.loaded_digest

    def _stored(self, name: str) -> Any:
        field = self._meta.get_field(name)
        stored = field.get_prep_value(getattr(self, name))
        if not isinstance(field, StreamField):
            return stored
        # A stream keeps the raw value of blocks not looked at: read them all, so that equals compare equal.
        return field.stream_block.get_prep_value(field.stream_block.to_python(stored))
