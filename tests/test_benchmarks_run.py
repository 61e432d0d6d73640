"""The benchmarks themselves run to their end; their figures are looked at by people (`make bench`)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.faults
@pytest.mark.skipif(
    "CONNEXION_FAULT_ROUNDS" not in os.environ, reason="takes over a minute; make faults runs it"
)
def test_the_small_benchmark_prints_its_table():
    found = subprocess.run([sys.executable, "bin/find-postgresql"], cwd=ROOT, capture_output=True, text=True)
    if found.returncode:
        pytest.skip("needs PostgreSQL")
    environment = {**os.environ, "SMALL": "1", "DATABASE_URL": found.stdout.strip()}
    for name in ("CONNEXION_VAR", "CONNEXION_VAR_OF", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for line in ("inbox, heavy, 1x", "statements of a post", "start to first answer"):
        assert line in done.stdout
