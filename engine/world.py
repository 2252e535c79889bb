"""The world around one run: this database, this instance, this actor, this moment."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core import clock, log
from core.errors import N_, NotYours
from engine import decisions, feel, registry, services, timing
from engine.game.env import Fault
from engine.game.program import Event, Node, Program
from engine.tables import Instance


class World:
    """Answers what the token game asks (engine.game.env.Env)."""

    def __init__(self, db: Session, instance: Instance, by: str) -> None:
        self.db, self.instance, self.by = db, instance, by
        self.at = ""  # the service or decision that is at work, to be told when it breaks
        self._now = clock.now()

    def now(self) -> datetime:
        """One moment for the whole run."""
        return self._now

    def program(self, definition: str) -> Program:
        """The program of a definition, cached."""
        return registry.program(self.db, definition)

    def callee(self, node: Node) -> tuple[str, Program]:
        """The newest version of the called process; the scope keeps it until it ends."""
        try:
            definition = registry.current(self.db, node.called or "")
        except NotYours:
            raise Fault(node.id, N_("il percorso richiamato «%(name)s» non è pubblicato"), name=node.called) from None
        return definition.id, registry.program(self.db, definition.id)

    def service(self, node: Node, facts: dict[str, Any]) -> Mapping[str, Any] | None:
        """Call the service inside this transaction."""
        self.at = node.id
        given = services.Call(
            self.db, self.instance.business_key, self.instance.id, self.instance.tenant, node.id, facts, self.by
        )
        answer = services.call(node.service or "", given)
        self.at = ""
        return answer

    def decide(self, node: Node, facts: dict[str, Any]) -> Any:
        """Look the decision up as it is in force today."""
        self.at = node.id
        table, instance = decisions.required(self.db, node.decision or ""), self.instance
        answer = decisions.answer(table, facts)
        self.at = ""
        # which rules were asked; what they said stays in the state of the instance
        told: dict[str, Any] = {"decision": table.decision_id, "version": table.version, "element": node.id}
        told["instance"], case = instance.id, instance.business_key
        log.append(self.db, "decision.taken", instance.stream, by=self.by, case=case, **told)
        return answer

    def due(self, element: str, event: Event, facts: Mapping[str, Any]) -> tuple[datetime, int | None]:
        """When a timer is due for the first time."""
        return timing.due(element, event, facts, self._now)

    def again(
        self, element: str, event: Event, facts: Mapping[str, Any], base: datetime, turn: int
    ) -> tuple[datetime, int]:
        """When a cycle is due next."""
        return timing.again(element, event, facts, base, turn, self._now)

    def plain(self, value: Any) -> Any:
        """A FEEL value as JSON."""
        return feel.from_feel(value)
