"""Times that only a clock which ran ahead can have written: no lease and no pause is as long (goals.md, fault 6)."""

from datetime import timedelta

BETWEEN_CLOCKS = timedelta(minutes=5)  # how far those of two nodes may lie apart
