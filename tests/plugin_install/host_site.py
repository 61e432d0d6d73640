"""A site made by `wagtail start`, into which docs/install.md is followed to the letter."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```\w+ (?P<name>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> dict[str, str]:
    """The fenced blocks of docs/install.md by the name after their language."""
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    return {match["name"]: match["text"] for match in BLOCK.finditer(page)}


def build_wheel(folder: Path) -> Path:
    """The plugin's wheel, by the build back end that pyproject.toml names."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@dataclass
class HostSite:
    """The folder of the site, its own virtual environment, and what was exported in its shell."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def programs(self) -> Path:
        return self.folder.parent / f"{self.folder.name}-environment" / "bin"

    def shell(self, text: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs lines as one types them; what they export is still exported in the next block."""
        script = f"set -euo pipefail\n{text}\nenv -0 > {self.folder}.exported\n"
        answer = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.variables(), text=True, capture_output=True
        )
        if check:
            assert answer.returncode == 0, f"{text}\n{answer.stdout[-4000:]}\n{answer.stderr[-4000:]}"
            exported = Path(f"{self.folder}.exported").read_text().split("\0")
            self.environment |= {
                name: value
                for name, _, value in (line.partition("=") for line in exported)
                if "CONNEXION" in name
            }
        return answer

    def variables(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DJANGO_", "CONNEXION_", "DATABASE_", "PYTHON", "VIRTUAL_ENV", "COV_"))
        }
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        # What is imported is compiled then; pip would compile all that there is. Its "no" is no mistake: what an option
        # turns off is turned off by a false value (pip's User Guide, Boolean options).
        return {**inherited, "PATH": path, "PIP_NO_COMPILE": "no", **self.environment}


def make_environment(programs: Path) -> None:
    """An empty one. Its `pip` is the one that runs the tests: to install another takes as long as all that it brings."""
    command = [sys.executable, "-m", "venv", "--without-pip", str(programs.parent)]
    subprocess.run(command, check=True, capture_output=True)
    pip = programs / "pip"
    pip.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pip --python "{programs}/python" "$@"\n')
    pip.chmod(0o755)


def start(folder: Path, *, wagtail: str) -> HostSite:
    """`wagtail start` in an environment with nothing but that Wagtail."""
    site = HostSite(folder)
    folder.mkdir(parents=True)
    make_environment(site.programs)
    site.shell(f'pip install --quiet --disable-pip-version-check "{wagtail}"\nwagtail start mysite .')
    return site


def follow_the_page(site: HostSite, wheel: Path, *, wagtail: str) -> None:
    """docs/install.md, block by block; only the registry is replaced by the wheel that was built just now."""
    text = blocks()
    install = text["install"].replace("wagtail-connexion", f'"{wheel}" "{wagtail}"')
    site.shell(install.replace("pip install", "pip install --quiet --disable-pip-version-check"))
    _append(site.folder / "mysite" / "settings" / "base.py", text["settings"])
    _append(site.folder / "mysite" / "urls.py", text["urls"])
    site.shell(text["prepare"])


def _append(path: Path, text: str) -> None:
    path.write_text(f"{path.read_text()}\n\n{text}")
