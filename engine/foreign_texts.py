"""Texts of BPMN itself that other programs write in their language: conditions, timers, numbers of repetitions."""

from typing import Final

from lxml import etree

from core.errors import N_
from engine import juel, timing
from engine.foreign_parts import Adoption
from engine.lint_drawing import kind

_YES_OR_NO: Final = frozenset({"conditionExpression", "condition", "completionCondition", "loopCondition"})
_TIMES: Final = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_COUNTED: Final = {
    "nrOfInstances": "numberOfInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
}
_BECAME: Final = N_("«%(was)s» è diventato «%(now)s»")


def adopt(adoption: Adoption, element: etree._Element) -> None:
    """Write FEEL in the place of what means exactly the same, and explain the rest."""
    name, text = kind(element), element.text or ""
    if name not in _YES_OR_NO and name not in _TIMES and name != "loopCardinality":
        return
    if juel.is_juel(text):
        _translate(adoption, element, text)
    elif text.strip().startswith("=") and name in _TIMES:
        _set(adoption, element, text, text.strip()[1:].strip())


def _translate(adoption: Adoption, element: etree._Element, text: str) -> None:
    counted = text
    for theirs, ours in _COUNTED.items():
        counted = counted.replace(theirs, ours)
    name = kind(element)
    found = juel.to_feel(counted, condition=name in _YES_OR_NO)
    if found is None or (name in _TIMES and timing.check(found, _TIMES[name]) is not None):
        adoption.leave(element, name, N_("«%(text)s» non si può tradurre: scrivilo in FEEL"), text=text)
        return
    _set(adoption, element, text, found)


def _set(adoption: Adoption, element: etree._Element, was: str, now: str) -> None:
    element.text = now
    if "language" in element.attrib:
        del element.attrib["language"]
    adoption.note(element, _BECAME, was, now)
