"""gunicorn's settings for `bin/run`: it loads the site at once, and listens when its standard input ends."""

import os
import sys
from typing import Any

bind = f"127.0.0.1:{os.environ['PORT']}"
worker_class = "gthread"
threads = 8
timeout = 120
loglevel = "warning"
control_socket_disable = True
preload_app = True


def on_starting(server: Any) -> None:
    """Called when the site is loaded and no port is open yet: nobody is answered before there is what to answer."""
    sys.stdin.read()
