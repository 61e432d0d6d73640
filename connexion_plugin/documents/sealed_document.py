"""A closed document, read by ranges from its sealed parts (sealing.md)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from django.core.files.storage import FileSystemStorage, Storage

from connexion_plugin.documents import damage
from connexion_plugin.documents.parts import part_name, reading
from connexion_plugin.documents.reading_ahead import PartsAhead
from connexion_plugin.exceptions import StorageUnreachable
from connexion_plugin.sealing.segments import DocumentDamaged, Manifest
from connexion_plugin.sealing.unsealing import unseal_range


@dataclass(frozen=True)
class SealedDocument:
    """One closed document, ready to be read by ranges."""

    id: UUID
    manifest: Manifest
    key: bytes = field(repr=False)
    context: bytes = field(repr=False)
    storage: Storage = field(repr=False)

    @classmethod
    def opened(
        cls, *, id: UUID, manifest_sealed: bytes, size: int, key: bytes, context: bytes, storage: Storage
    ) -> Self:
        """From what the attachment's row keeps. Raises DocumentDamaged when manifest and row disagree."""
        manifest = Manifest.unseal(manifest_sealed, key=key, context=context)
        if manifest.size != size:
            # An older manifest of the same document, from a sending that ended earlier.
            raise DocumentDamaged(f"the manifest of document {id} is of another size than its row")
        return cls(id=id, manifest=manifest, key=key, context=context, storage=storage)

    @property
    def size(self) -> int:
        """Plain bytes."""
        return self.manifest.size

    @property
    def etag(self) -> str:
        """A strong validator, unquoted; it changes with any sealing and tells nothing of the bytes."""
        return hashlib.sha256(self.id.bytes + b"".join(self.manifest.part_digests)).hexdigest()[:32]

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the plain bytes of a range.

        Raises DocumentDamaged before the first byte of a damaged part, StorageUnreachable, ValueError outside
        the document.
        """
        try:
            if stop is None or stop == self.size:
                self._refuse_appended_part()
            with PartsAhead(
                storage=self.storage,
                document=self.id,
                manifest=self.manifest,
                stop=self.size if stop is None else stop,
            ) as parts:
                yield from unseal_range(
                    key=self.key,
                    context=self.context,
                    manifest=self.manifest,
                    read_part=parts.read,
                    start=start,
                    stop=stop,
                )
        except DocumentDamaged:
            damage.remember(self.id)
            raise

    def check(self) -> None:
        """Raises DocumentDamaged where it is known to be, by the sizes of its parts or by who read it before.

        Only what was found damaged before is read, to its first fault: it may have been mended. Raises
        StorageUnreachable.
        """
        self.check_sizes()
        if damage.is_remembered(self.id):
            for _piece in self.read():
                pass
            damage.forget(self.id)

    def check_sizes(self) -> None:
        """Is every part there, of the length that was sealed, and none behind them? None is read.

        Raises DocumentDamaged, StorageUnreachable. On S3 that is a HEAD for each 4 MiB: cheap beside the reading that
        follows, and the interface of Django's storages tells the sizes of many in no other way.
        """
        for index in range(self.manifest.part_count):
            with reading(self.storage, self.id, index):
                size = self.storage.size(part_name(self.id, index))
            if size != self.manifest.sealed_bytes_in(index):
                raise DocumentDamaged(f"part {index} of document {self.id} is not as long as was sealed")
        self._refuse_appended_part()

    def check_listed(self) -> None:
        """`check_sizes` at the price of one listing where each size would be a request; errors the same.

        Such a storage keeps an object whole or not at all: what is there has its length.
        """
        if isinstance(self.storage, FileSystemStorage):
            self.check_sizes()
            return
        with reading(self.storage, self.id, "any"):
            _folders, names = self.storage.listdir(self.id.hex)
        there = {name for name in names if name.isdecimal()}
        if there != {str(index) for index in range(self.manifest.part_count)}:
            raise DocumentDamaged(f"document {self.id} has not the parts that were sealed")

    def _refuse_appended_part(self) -> None:
        try:
            is_longer = self.storage.exists(part_name(self.id, self.manifest.part_count))
        except Exception as error:
            raise StorageUnreachable from error
        if is_longer:
            raise DocumentDamaged(f"document {self.id} has more parts than were sealed")
