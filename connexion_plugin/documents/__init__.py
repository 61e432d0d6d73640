"""Documents on their way in and out; at rest they are sealed parts (spec D1–D6, sealing.md)."""
