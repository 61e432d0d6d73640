"""Connexion: private conversations between an organization and the people it writes to."""

__version__ = "0.1.0"
