"""Static files whose addresses are worked out once: they change with a deployment, and a page names sixteen."""

from functools import cached_property

from whitenoise.storage import CompressedManifestStaticFilesStorage


class RememberedAddresses:
    """For a storage of hashed names; a process that serves pages never collects files."""

    @cached_property
    def _addresses(self) -> dict[str, str]:
        return {}

    def url(self, name: str, force: bool = False) -> str:
        if name not in self._addresses:
            self._addresses[name] = super().url(name, force)  # type: ignore[misc]
        return self._addresses[name]


class StaticFiles(RememberedAddresses, CompressedManifestStaticFilesStorage):
    pass
