"""The second factor over django-otp: who must have one, enrolling, and checking a code (spec I5)."""
