"""The site whose posts are due to nobody, to tell what the notices take of a post (goals.md: at most a tenth)."""

from cms.wsgi import application as application
from connexion_plugin.mail import outbox
from connexion_plugin.statements import Statement

outbox.notices_of = lambda **post: Statement("SELECT 1 WHERE 1 = 0", [], lambda cursor: 0)
