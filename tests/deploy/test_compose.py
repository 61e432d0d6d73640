"""What `deploy/` asks for is what the project reads, and is said in the documentation."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"


def variables() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "env.example").read_text(), flags=re.M))


def test_every_variable_of_the_example_is_in_the_documentation() -> None:
    documented = (ROOT / "docs" / "configure.md").read_text()

    assert {name for name in variables() - {"POSTGRES_PASSWORD"} if f"`{name}`" not in documented} == set()


def test_every_variable_that_the_site_demands_is_in_the_example() -> None:
    demanded = re.findall(r'demanded\("([A-Z_]+)"', (ROOT / "cms/settings/production.py").read_text())

    assert set(demanded) <= variables()


def test_every_variable_that_the_compose_file_takes_is_in_the_example() -> None:
    taken = re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text())

    assert set(taken) <= variables()


def test_the_image_gets_every_file_that_it_copies() -> None:
    copied = re.findall(r"^COPY (\S+) ", (DEPLOY / "Dockerfile").read_text(), flags=re.M)

    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert not set(copied) & ignored()


def test_nothing_that_git_ignores_is_sent_to_whoever_builds_the_image() -> None:
    """`var/` holds the demo's keys and conversations, `deploy/` the certificate and `.env`."""
    private = {".git", ".venv", "var", "deploy", "staticfiles", "node_modules"}

    assert private <= ignored()


def ignored() -> set[str]:
    return set((DEPLOY / "Dockerfile.dockerignore").read_text().splitlines())


def test_the_memory_of_a_document_is_kept_alike_wherever_the_site_is_started() -> None:
    """One of the two thresholds alone makes an upload slower than neither, and both without the third let each thread
    keep 4 MiB of its own (decision 96)."""
    kept = re.compile(r'(MALLOC_\w+)[=": ,]+(\d+)')
    chosen = {
        "MALLOC_TRIM_THRESHOLD_": "4194304",
        "MALLOC_MMAP_THRESHOLD_": "2097152",
        "MALLOC_ARENA_MAX": "2",
    }
    places = ["deploy/Dockerfile", "docs/operate.md", "bin/run", "benchmarks/gunicorn_server.py"]

    found = [dict(kept.findall((ROOT / place).read_text())) for place in places]

    assert found == [chosen] * len(places)
