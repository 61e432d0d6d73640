"""System checks: each names what is missing, with the line to paste (house.md)."""
