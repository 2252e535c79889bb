"""What the token game asks of the outside world, and the faults it may meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from engine.game.program import Event, Node, Program


class Fault(Exception):
    """The model met a situation it has no answer for. `element` is where, `sentence` an Italian msgid with `params`."""

    def __init__(self, element: str, sentence: str, **params: object) -> None:
        super().__init__(f"{element}: {sentence % params if params else sentence}")
        self.element, self.sentence, self.params = element, sentence, params


class BpmnError(Exception):
    """A service answers with a BPMN error that the model may catch by its code."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message or signal that left the instance."""

    kind: str
    name: str
    facts: dict[str, Any]
    correlation: dict[str, Any]


class Env(Protocol):
    """The world around one run."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""

    def program(self, definition: str) -> Program:
        """Return the program of a definition that a scope was started with."""

    def callee(self, node: Node) -> tuple[str, Program]:
        """Return the definition id and program that a call activity starts now."""

    def service(self, node: Node, facts: dict[str, Any]) -> Mapping[str, Any] | None:
        """Call the registered function that a service task names."""

    def decide(self, node: Node, facts: dict[str, Any]) -> Any:
        """Return the result of the decision that a business rule task names."""

    def due(self, element: str, event: Event, facts: Mapping[str, Any]) -> tuple[datetime, int | None]:
        """Return when a timer is due for the first time, and how often a cycle fires (None: without end)."""

    def again(
        self, element: str, event: Event, facts: Mapping[str, Any], base: datetime, turn: int
    ) -> tuple[datetime, int]:
        """Return when a cycle that began at `base` is due after its `turn`, and the number of that turn.

        After a standstill it is the first moment still to come: what was missed in between counts as one firing.
        """

    def plain(self, value: Any) -> Any:
        """Return a FEEL value as a JSON value."""
