"""Services, decisions, calls, repetitions, mappings: the words of other programs for work that the system does."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from core.errors import N_
from engine import editing_tree as tree
from engine import feel, juel
from engine.foreign_parts import C7, Adoption
from engine.lint_drawing import ACTIVITIES, B, kind

_LATEST: Final = N_("qui vale sempre la versione in vigore: una versione o un rilascio precisi non si scelgono")
_SERVICE: Final = N_("il lavoro «%(was)s» è diventato il servizio «%(now)s»")
_DECISION: Final = N_("la decisione «%(was)s» è diventata la tabella «%(now)s»")
_RESULT: Final = N_("il risultato «%(was)s» è diventato «%(now)s»")
_SHAPES: Final = ("singleEntry", "singleResult", "collectEntries")
# The order in which the schema of BPMN 2.0 wants the parts of a repetition.
_ORDER: Final = ("loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem")
_ANSWERED: Final = ACTIVITIES | {"intermediateCatchEvent", "boundaryEvent", "startEvent"}
_BEFORE: Final = N_("la preparazione dei dati qui non c'è: chi lavora vede tutti i dati del percorso")
_NO_PASSAGE: Final = N_("questo passaggio di dati non si può tradurre: scrivi una mappatura")
_ALL_PASS: Final = N_("il caso e tutti i dati passano comunque, se nessuna mappatura li sceglie")
_NONE_PASS: Final = N_("là passano solo i dati nominati, qui tutti finché nessuna mappatura li sceglie: scrivine una")


def _service(adoption: Adoption, task: etree._Element, name: str) -> None:
    known = adoption.names.services
    if kind(task) == "serviceTask" and (known is None or name in known):
        adoption.write(task, "service", name, _SERVICE, name)
    else:
        adoption.leave(task, "topic", N_("il servizio «%(text)s» qui non esiste: scegline uno dell'elenco"), text=name)


def _type(adoption: Adoption, task: etree._Element, text: str) -> None:
    if text != "external":
        why = N_("«%(text)s» esegue qualcosa fuori di qui: scegli un servizio dell'elenco o un'attività di una persona")
        adoption.leave(task, "type", why, text=text)


def _decision(adoption: Adoption, task: etree._Element, name: str) -> None:
    known = adoption.names.decisions
    if juel.is_juel(name) or name.startswith("="):
        adoption.leave(task, "decisionRef", N_("una decisione che si calcola non c'è: scegli la tabella"))
    elif known is None or name in known:
        adoption.write(task, "decision", name, _DECISION, name)
    else:
        adoption.leave(task, "decisionRef", N_("la tabella «%(text)s» qui non esiste: importala o creala"), text=name)


def _result(adoption: Adoption, task: etree._Element, name: str) -> None:
    """The result of a decision in Camunda 7 has our shape only where the model says which."""
    shape = next((task.get(each) for each in map(str, task.attrib) if each.endswith("}mapDecisionResult")), None)
    if kind(task) == "businessRuleTask" and shape in _SHAPES:
        adoption.write(task, "result", name, _RESULT, name)
    elif kind(task) == "businessRuleTask":
        why = N_("là il risultato è un elenco di righe, qui il valore stesso: controlla chi usa «%(text)s»")
        adoption.leave(task, "resultVariable", why, text=name)
    else:
        adoption.leave(task, "resultVariable", N_("un servizio risponde con i nomi dei suoi dati"))


def _shape(_adoption: Adoption, _task: etree._Element, _text: str) -> None:
    """Told of with the result."""


def _binding(adoption: Adoption, element: etree._Element, text: str) -> None:
    if text != "latest":
        adoption.leave(element, "binding", _LATEST)


def _task_definition(adoption: Adoption, task: etree._Element, each: etree._Element) -> None:
    name = each.get("type") or ""
    if name.startswith("="):
        adoption.leave(each, "type", N_("un servizio che si calcola non c'è: scegli il servizio"))
    else:
        _service(adoption, task, name)


def _called_decision(adoption: Adoption, task: etree._Element, each: etree._Element) -> None:
    """In Camunda 8 a single output is the value itself, several are a context, a collection is a list: as here."""
    _decision(adoption, task, each.get("decisionId") or "")
    if result := each.get("resultVariable"):
        adoption.write(task, "result", result, _RESULT, result)
    _binding(adoption, each, each.get("bindingType") or "latest")


def _called_element(adoption: Adoption, call: etree._Element, each: etree._Element) -> None:
    name = each.get("processId") or ""
    if name.startswith("="):
        adoption.leave(each, "processId", N_("un percorso che si calcola non c'è: scegli il percorso"))
    elif name and not call.get("calledElement"):
        call.set("calledElement", name)
        adoption.note(call, N_("il percorso richiamato «%(was)s» è «%(now)s»"), name, name)
    _binding(adoption, each, each.get("bindingType") or "latest")


def _mappings(adoption: Adoption, node: etree._Element, each: etree._Element) -> None:
    """Outputs name all that is kept, as here; inputs only where a call passes nothing else."""
    called = next(iter(node.iter("{*}calledElement")), None)
    only = called is not None and called.get("propagateAllParentVariables") == "false"
    for one in each.iterchildren(tag=etree.Element):
        which = "input" if str(one.tag).endswith("}input") else "output"
        target, source = one.get("target") or "", _value(one.get("source") or "")
        if which == "input" and not (kind(node) == "callActivity" and only):
            adoption.leave(one, str(one.tag), _BEFORE)
        elif which == "output" and kind(node) not in _ANSWERED:
            adoption.leave(one, str(one.tag), N_("qui una mappatura non avrebbe effetto"))
        elif not target.isidentifier() or source is None:
            adoption.leave(one, str(one.tag), N_("la mappatura verso «%(text)s» non si può tradurre"), text=target)
        else:
            adoption.map(node, which, target, source)


def _value(text: str) -> str | None:
    """Camunda 8: `=` begins FEEL, anything else is the text itself."""
    made = text.strip()[1:].strip() if text.strip().startswith("=") else json.dumps(text, ensure_ascii=False)
    try:
        feel.compile(made)
    except feel.FeelError:
        return None
    return made


def _into(adoption: Adoption, call: etree._Element, each: etree._Element) -> None:
    """`camunda:in` and `camunda:out` with source and target name all that goes in or comes out, as here; beside one
    that passes everything they only add to it, which a mapping of ours cannot say."""
    which = "input" if str(each.tag).endswith("}in") else "output"
    source, target = each.get("source") or "", each.get("target") or ""
    if kind(call) != "callActivity":
        adoption.leave(each, str(each.tag), _NO_PASSAGE)
    elif each.get("variables") == "all" or each.get("businessKey"):
        adoption.leave(each, str(each.tag), _ALL_PASS)
    elif _passes_all(call, each):
        why = N_(
            "là «%(text)s» si aggiunge a tutti i dati, qui una mappatura passerebbe solo ciò che nomina: mappali tutti"
        )
        adoption.leave(each, str(each.tag), why, text=target or source)
    elif _is_named(each):
        adoption.map(call, which, target, source)
    else:
        adoption.leave(each, str(each.tag), _NO_PASSAGE)


def _passes_all(call: etree._Element, each: etree._Element) -> bool:
    """Whether all passes besides: Camunda says so in a part of its own, Flowable at the call, and of what goes in."""
    box = each.getparent()
    if box is not None and any(other.get("variables") == "all" for other in box.findall(str(each.tag))):
        return True
    return str(each.tag).endswith("}in") and any(_is_true(call.get(f"{{{space}}}inheritVariables")) for space in C7)


def _is_named(each: etree._Element) -> bool:
    return (each.get("source") or "").isidentifier() and (each.get("target") or "").isidentifier()


def _is_true(text: str | None) -> bool:
    return (text or "").lower() == "true"


def _inherit(adoption: Adoption, call: etree._Element, text: str) -> None:
    """Flowable: whether all the data go into a call; where only some do by name, it is as here."""
    parts = call.iterfind(f"{B}extensionElements/{{*}}in")
    if kind(call) != "callActivity":
        adoption.leave(call, "inheritVariables", _NO_PASSAGE)
    elif _is_true(text):
        adoption.leave(call, "inheritVariables", _ALL_PASS)
    elif not any(_is_named(each) for each in parts):
        adoption.leave(call, "inheritVariables", _NONE_PASS)


def _same_deployment(adoption: Adoption, call: etree._Element, text: str) -> None:
    if _is_true(text):
        adoption.leave(call, "sameDeployment", _LATEST)


def _parameters(adoption: Adoption, _node: etree._Element, each: etree._Element) -> None:
    for one in each.iterchildren(tag=etree.Element):
        why = N_("il parametro «%(text)s» qui non c'è: se serve, scrivi una mappatura in FEEL")
        adoption.leave(one, str(one.tag), why, text=one.get("name") or "")


def _collection(adoption: Adoption, several: etree._Element, text: str) -> None:
    name = juel.to_feel(text) if juel.is_juel(text) else text.strip()
    _repeat(adoption, several, name or "", text, "loopDataInputRef")


def _item(adoption: Adoption, several: etree._Element, text: str) -> None:
    _repeat(adoption, several, text.strip(), text, "inputDataItem")


def _loop(adoption: Adoption, _node: etree._Element, each: etree._Element) -> None:
    """Camunda 8 hangs the collection into the repetition itself."""
    parts = (
        ("inputCollection", "loopDataInputRef"),
        ("inputElement", "inputDataItem"),
        ("outputCollection", "loopDataOutputRef"),
        ("outputElement", "outputDataItem"),
    )
    for word, part in parts:
        if text := each.get(word):
            _repeat(adoption, _node, text.strip().removeprefix("=").strip(), text, part)


def _repeat(adoption: Adoption, several: etree._Element, name: str, text: str, part: str) -> None:
    if kind(several) != "multiInstanceLoopCharacteristics" or not name.isidentifier():
        why = N_("si ripete solo su una variabile: «%(text)s» va calcolata prima, da una mappatura")
        adoption.leave(several, part, why, text=text)
        return
    if several.find(f"{B}{part}") is not None:
        return
    made = etree.Element(f"{B}{part}")
    if part.endswith("Item"):
        owner = several.getparent()
        made.set("id", f"{part}_{owner.get('id', '') if owner is not None else ''}")
        made.set("name", name)
    else:
        made.text = name
        tree.offer_data(several, name)
    earlier = {*_ORDER[: _ORDER.index(part)], "documentation", "extensionElements"}
    several.insert(sum(kind(child) in earlier for child in several), made)
    adoption.note(several, N_("la ripetizione «%(was)s» è diventata «%(now)s»"), text, name)


WORK_ATTRIBUTES: Final[Mapping[str, Callable[[Adoption, etree._Element, str], None]]] = {
    "topic": _service,
    "type": _type,
    "decisionRef": _decision,
    "resultVariable": _result,
    "mapDecisionResult": _shape,
    **dict.fromkeys(("decisionRefBinding", "calledElementBinding"), _binding),
    "inheritVariables": _inherit,
    "sameDeployment": _same_deployment,
    "collection": _collection,
    "elementVariable": _item,
}
WORK_ELEMENTS: Final[Mapping[str, Callable[[Adoption, etree._Element, etree._Element], None]]] = {
    "taskDefinition": _task_definition,
    "calledDecision": _called_decision,
    "calledElement": _called_element,
    "ioMapping": _mappings,
    "loopCharacteristics": _loop,
    "7:in": _into,
    "7:out": _into,
    "7:inputOutput": _parameters,
}
