"""A believable demo in both languages, written by the verbs themselves; for `make run`, never for production."""
