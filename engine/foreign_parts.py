"""What the translation of foreign files works with: the names that exist here, what was done and what was left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from core.errors import N_
from engine.findings import Finding
from engine.lint_drawing import APPRODO, B, line_of, owner_of

ZEEBE: Final = "http://camunda.org/schema/zeebe/1.0"
SPACES: Final = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    ZEEBE: "Camunda 8",
    "http://flowable.org/bpmn": "Flowable",
    "http://activiti.org/bpmn": "Activiti",
    "http://www.signavio.com": "Signavio",
}
C7: Final = frozenset(space for space, name in SPACES.items() if name in ("Camunda 7", "Flowable", "Activiti"))
_SHOWN: Final = 120


@dataclass(frozen=True, slots=True)
class Names:
    """What a model may name here. `groups`: every name of a group, small letters, by which its id is found.

    None means that anything goes: a file looked at outside an office.
    """

    groups: Mapping[str, str] = field(default_factory=dict)
    services: frozenset[str] | None = None
    decisions: frozenset[str] | None = None


class Adoption:
    """One file on its way in."""

    def __init__(self, root: etree._Element, names: Names) -> None:
        self.root, self.names = root, names
        self.done: list[Finding] = []
        self.left: list[Finding] = []
        self.forms: dict[str, str] = {}
        # variables in which another engine would put who began: here nobody does
        self.initiators = {
            str(value)
            for each in root.iter(f"{B}startEvent")
            for key, value in each.attrib.items()
            if str(key).endswith("}initiator")
        }

    def write(self, element: etree._Element, name: str, value: str, sentence: str, was: str) -> None:
        """Set our attribute, unless the file has it already, and say so; `sentence` has places for `was` and `now`."""
        if element.get(f"{APPRODO}{name}") is None:
            element.set(f"{APPRODO}{name}", value)
            self.note(element, sentence, was, value)

    def note(self, element: etree._Element, sentence: str, was: str, now: str) -> None:
        """Say what something foreign has become."""
        self.done.append(self._finding(element, sentence, "done", {"was": _short(was), "now": _short(now)}))

    def leave(self, element: etree._Element, name: str, why: str, **params: object) -> None:
        """Say at its element why a foreign word has no equivalent; `params` of the finding hold its `name`."""
        texts = {key: _short(value) if isinstance(value, str) else value for key, value in params.items()}
        found = self._finding(element, why, "warning", {**texts, "name": _shown(element, name)})
        if found not in self.left:
            self.left.append(found)

    def map(self, element: etree._Element, which: str, target: str, expression: str) -> None:
        """Add a mapping of ours, unless there is one for the same target."""
        box = element.find(f"{B}extensionElements")
        if box is None:
            box = etree.Element(f"{B}extensionElements")
            element.insert(len(element.findall(f"{B}documentation")), box)
        if not any(each.get("target") == target for each in box.findall(f"{APPRODO}{which}")):
            etree.SubElement(box, f"{APPRODO}{which}", {"target": target, "expression": expression})
            self.note(element, N_("la mappatura «%(was)s» è diventata «%(now)s»"), target, f"{target} = {expression}")

    def _finding(self, element: etree._Element, sentence: str, level: str, params: Mapping[str, object]) -> Finding:
        owner = owner_of(element)
        label = " ".join((owner.get("name") or owner.get("id") or "").split())
        return Finding(line_of(element), owner.get("id") or "", label, sentence, level, params)


def _shown(element: etree._Element, name: str) -> str:
    """A word as it stands in the file, with its prefix; a bare one is looked for among the attributes."""
    full = next((each for each in map(str, element.attrib) if each.endswith(f"}}{name}")), name)
    space, _, local = full.removeprefix("{").rpartition("}")
    prefix = next((prefix for prefix, uri in element.nsmap.items() if uri == space and prefix), "")
    return f"{prefix}:{local}" if prefix else local


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
