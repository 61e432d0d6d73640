"""Keys for a demo on one's own machine, made on first start; production demands its own."""

import base64
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path


def demo_keys(folder: Path) -> tuple[str, str]:
    """Returns (SECRET_KEY, master key in base64), the same at every start. `folder` is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demo-keys.json"
    if not path.exists():
        keys = {
            "secret_key": secrets.token_urlsafe(50),
            "master_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(keys))
        with suppress(FileExistsError):
            os.link(temporary, path)  # whoever is first wins; the web and the worker start together
        temporary.unlink()
    keys = json.loads(path.read_text())
    return keys["secret_key"], keys["master_key"]
