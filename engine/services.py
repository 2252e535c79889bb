"""The services that models may call, by name. The engine knows the names; `tasks/services/` brings the functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.game.env import BpmnError

__all__ = ["BpmnError", "Call", "call", "known", "service"]


@dataclass(frozen=True, slots=True)
class Call:
    """What a service is told. `facts` is a copy of the process data: codes, dates, choices, numbers and ids only."""

    db: Session
    business_key: str
    instance_id: str
    tenant: str
    element: str
    facts: dict[str, Any]
    by: str


Service = Callable[[Call], Mapping[str, Any] | None]
_services: dict[str, Service] = {}


def service(name: str) -> Callable[[Service], Service]:
    """Offer a function to models as the service `name`. What it returns is merged into the process data.

    It runs inside the transaction: whatever leaves the process (mail, HTTP) is a row that another job sends.
    It may raise `BpmnError(code)`, which the model can catch; any other exception undoes the whole step.
    """

    def offer(function: Service) -> Service:
        if _services.get(name, function).__qualname__ != function.__qualname__:
            raise ValueError(f"two functions offer the service {name!r}")
        _services[name] = function
        return function

    return offer


def call(name: str, given: Call) -> Mapping[str, Any] | None:
    """Call the service `name`."""
    return _services[name](given)


def known() -> frozenset[str]:
    """Return the names that models may use."""
    return frozenset(_services)
