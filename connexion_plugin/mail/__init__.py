"""All mail of the product: written into the outbox with what causes it, carried by the worker (spec N1-N3).

`outbox` is what verbs call. `gathering` turns due notices into mails, `leases` hands mails to one worker at
a time, `rendering` writes them, `delivery` talks to the SMTP server, and `faults` reads what it answers.
"""
