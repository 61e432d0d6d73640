"""System checks: each names what is missing or unsafe, with the line to paste (house.md).

Errors are what the product cannot do without, warnings what it should have. Missing applications stop the
start earlier, in `apps.py` (E001): without them the models cannot even be imported. `docs/install.md` has
all lines in one piece.
"""

from connexion_plugin.checks import doors, environment, exact, people, scanner, storage

__all__ = ["doors", "environment", "exact", "people", "scanner", "storage"]
