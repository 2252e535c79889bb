"""Random answers that a form accepts, made from the form's own definition."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random

from sqlalchemy.orm import Session

from core import clock
from core.errors import InvalidForm
from engine import registry
from engine.game.program import PEOPLE
from tasks import formbook, forms, lists
from tasks.components import SEVERAL, WRITTEN, Component, Form, Option
from tasks.forms import Paper

Values = dict[str, str | list[str]]
TRIES = 40
# What keeps cases moving through the whole pathway; anything else is chosen often enough.
LIKELY: Mapping[str, str] = {
    "call_class": "pertinente_qualificata",
    "wants_out": "si",
    "province": "MI",
    "pickup_outcome": "case",
    "placement_kind": "struttura",
    "communication_basis": "consent",
    "attestato_outcome": "issued",
}
HOW_LIKELY, HOW_CHATTY = 0.7, 0.3
# A card that a person shows must exist, and a call cannot end before it began.
LEFT_EMPTY = frozenset({"person_code", "ended_at"})


class Forms:
    """The forms of the office as they stand now: their options, and which task asks for which."""

    def __init__(self, db: Session) -> None:
        def options(name: str) -> list[Option]:
            return list(lists.options(db, name))

        self.by_name = {name: forms.with_lists(formbook.read(db, name), options) for name in formbook.known(db)}
        self.of_title: dict[str, Form | None] = {}
        every = (each for model in registry.newest(db) for each in registry.versions(db, model.process_id))
        for definition in every:  # running cases keep their version
            for node in registry.program(db, definition.id).nodes.values():
                if node.kind in PEOPLE:
                    self.of_title[node.name or node.id] = self.by_name.get(node.form or "")


def fill(form: Form, random: Random, mark: str) -> Values:
    """What a careful person might type; every text holds `mark`."""
    for _ in range(TRIES):
        values = {part.key: _value(part, random, mark) for part in form.fields if _wanted(part, random)}
        try:
            forms.answers(form, Paper(values))
        except InvalidForm:
            continue
        return values
    raise RuntimeError(f"{form.name}: no valid answers found")


def _wanted(part: Component, random: Random) -> bool:
    return part.key not in LEFT_EMPTY and (part.required or part.key in LIKELY or random.random() < HOW_CHATTY)


def _value(part: Component, random: Random, mark: str) -> str | list[str]:
    if part.type in SEVERAL:
        values = [option.value for option in part.options]
        return random.sample(values, min(len(values), random.randint(1, 2)))
    if part.type in ("radio", "select"):
        return _choice(part, random)
    if part.type == "checkbox":
        return "true"
    if part.type == "number":
        low, high = int(str(part.rules.get("min", 1))), int(str(part.rules.get("max", 9)))
        return str(random.randint(low, min(high, low + 3)))
    if part.type == "datetime":
        return _moment(part, random)
    return mark if part.type in WRITTEN else ""


def _choice(part: Component, random: Random) -> str:
    values = [option.value for option in part.options]
    if LIKELY.get(part.key) in values and random.random() < HOW_LIKELY:
        return LIKELY[part.key]
    return random.choice(values) if values else ""


def _moment(part: Component, random: Random) -> str:
    if part.subtype == "datetime":
        at = clock.now() - timedelta(minutes=random.randint(0, 20))
        return f"{at.astimezone(clock.ROME):%Y-%m-%dT%H:%M}"
    ahead = random.randint(1, 2) if part.not_past else 0
    return (clock.today() + timedelta(days=ahead)).isoformat()
