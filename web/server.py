"""The web process: gunicorn with our application in it, saying no more about itself than it must."""

from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.http import wsgi

from core.config import Config
from tasks import alarm
from web.app import App, create_app

_with_server_name = wsgi.Response.default_headers


def _without_server_name(response: Any) -> list[str]:
    """The header that names the program and helps nobody but an attacker (threats A63)."""
    return [line for line in _with_server_name(response) if not line.startswith("Server:")]


class Server(BaseApplication):  # type: ignore[misc]
    """Two workers with a few threads each; every worker makes its own application and its own connections."""

    def __init__(self, config: Config) -> None:
        self.office = config
        wsgi.Response.default_headers = _without_server_name
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn must know."""
        settings = {
            "bind": f"{self.office.host}:{self.office.port}",
            "workers": 2,
            "threads": 4,
            "worker_class": "gthread",
            "timeout": 30,
            "graceful_timeout": 10,
            "control_socket_disable": True,
            "loglevel": "warning",
            "proc_name": "approdo-web",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> App:
        """The application, made in the worker; beside it somebody who sees that the clock stands still."""
        app = create_app(self.office)
        alarm.watch(self.office)
        return app


def serve(config: Config) -> None:
    """Answer requests until SIGTERM or Ctrl-C; requests that have begun are finished first."""
    Server(config).run()
