"""Compiles the plugin's catalogues into the wheel; a bare machine has no `msgfmt`."""

from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for po in Path(self.root, "connexion_plugin", "locale").glob("*/LC_MESSAGES/*.po"):
            compiled, target = polib.pofile(str(po)).to_binary(), po.with_suffix(".mo")
            # Nothing is written where it is there already: a process that just starts may be reading it.
            if not target.exists() or target.read_bytes() != compiled:
                target.write_bytes(compiled)
