"""What other programs say in a BPMN file, in our words: Camunda 7 and 8, Flowable, Activiti, bpmn.io, Signavio.

Where something of ours means exactly the same it is written beside the foreign word (`done`); what has no equivalent is
explained at its element (`left`); what would run code is refused by name (`refused`). The foreign words stay in the
file, so that it goes back to the program it came from as it was; a word of ours that is already there wins.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from core.errors import N_
from engine import foreign_people, foreign_texts, lint_vocabulary, xml
from engine.findings import Finding
from engine.foreign_parts import C7, SPACES, ZEEBE, Adoption, Names
from engine.foreign_people import PEOPLE_ATTRIBUTES, PEOPLE_ELEMENTS
from engine.foreign_work import WORK_ATTRIBUTES, WORK_ELEMENTS
from engine.lint_drawing import APPRODO, B, Drawing, kind

_URI: Final = APPRODO[1:-1]
# Words that change nothing here, each with why.
_IDLE: Final = {
    "historyTimeToLive": N_("quanto si conserva lo dicono le regole di conservazione, non il modello"),
    "versionTag": N_("le versioni qui si numerano da sole"),
    "candidateStarterGroups": N_("chi può avviare il percorso lo dice la corsia dell'inizio"),
    "candidateStarterUsers": N_("chi può avviare il percorso lo dice la corsia dell'inizio"),
    "isStartableInTasklist": N_("dove si può avviare il percorso lo dice la proprietà «avviabile»"),
    "initiator": N_("chi comincia sta già nella storia del caso: la variabile non viene creata"),
    "properties": N_("le proprietà libere restano nel file e non cambiano nulla"),
    "priority": N_("le attività stanno in ordine di scadenza: una priorità non c'è"),
    "priorityDefinition": N_("le attività stanno in ordine di scadenza: una priorità non c'è"),
    "followUpDate": N_("il giorno in cui riguardarla lo sceglie chi lavora, nella sua lista"),
    "diagramRelationId": N_("serve solo al programma che l'ha scritta"),
    "userTask": N_("serve solo al programma che l'ha scritta"),
    **dict.fromkeys(
        ("inheritBusinessKey", "businessKey"),
        N_("il percorso richiamato è sempre dello stesso caso: una chiave a parte non c'è"),
    ),
    "modelerTemplate": N_("i modelli di attività di un altro programma qui non ci sono"),
    **dict.fromkeys(
        ("asyncBefore", "asyncAfter", "async", "exclusive", "jobPriority", "taskPriority", "failedJobRetryTimeCycle"),
        N_("come e quando riprovare lo decide il sistema"),
    ),
}
_UNKNOWN: Final = N_("resta nel file, ma qui non ha effetto")
_QUIET: Final = (*lint_vocabulary.DRAWING, "http://www.signavio.com")

Handler = Callable[[Adoption, etree._Element, str], None]
_ATTRIBUTES: Final[Mapping[str, Handler]] = {**PEOPLE_ATTRIBUTES, **WORK_ATTRIBUTES}
_ELEMENTS: Final[Mapping[str, Callable[[Adoption, etree._Element, etree._Element], None]]] = {
    **PEOPLE_ELEMENTS,
    **WORK_ELEMENTS,
}


@dataclass(frozen=True, slots=True)
class Adopted:
    """A file as we can work on it, and what was made of it; `forms` are forms that were drawn inside the model."""

    data: bytes
    done: list[Finding] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    forms: dict[str, str] = field(default_factory=dict)


def adopt(data: bytes, names: Names) -> Adopted:
    """Return a BPMN file with our words beside those of other programs; the very same bytes if there is nothing to add.

    Raises xml.XmlError for what nobody should open.
    """
    root = xml.parse(data, whole=True)
    adoption = Adoption(root, names)
    for element in list(root.iter(f"{B}*")):
        _attributes(adoption, element)
        _extensions(adoption, element)
        foreign_people.adopt(adoption, element)
        foreign_texts.adopt(adoption, element)
    _lanes(adoption)
    refused = list(lint_vocabulary.code(Drawing(root)))
    made = _written(root) if adoption.done else data
    return Adopted(made, adoption.done, adoption.left, refused, adoption.forms)


def _attributes(adoption: Adoption, element: etree._Element) -> None:
    for name in map(str, element.attrib):
        space, local = _split(name)
        if not space or space.startswith((_URI, *_QUIET)) or lint_vocabulary.CODE.search(local):
            continue
        handler = _ATTRIBUTES.get(local) if space in C7 else None
        if handler:
            handler(adoption, element, element.get(name) or "")
        else:
            adoption.leave(element, name, _IDLE.get(local, _UNKNOWN) if space in SPACES else _UNKNOWN)


def _extensions(adoption: Adoption, element: etree._Element) -> None:
    """What hangs in `extensionElements`; the parts of a thing are told of with the thing."""
    for box in element.findall(f"{B}extensionElements"):
        for each in box.iterchildren(tag=etree.Element):
            space, local = _split(str(each.tag))
            if space.startswith((_URI, *_QUIET)) or lint_vocabulary.CODE.search(local):
                continue
            handler = _ELEMENTS.get(local) if space == ZEEBE else _ELEMENTS.get(f"7:{local}") if space in C7 else None
            if handler:
                handler(adoption, element, each)
            else:
                adoption.leave(each, str(each.tag), _IDLE.get(local, _UNKNOWN) if space in SPACES else _UNKNOWN)


def _lanes(adoption: Adoption) -> None:
    """A lane that is called like one of our groups, in the words that people see, is that group's."""
    for lane in adoption.root.iter(f"{B}lane"):
        name = " ".join((lane.get("name") or "").split())
        group = adoption.names.groups.get(name.casefold())
        if group and group != name and not lane.get(f"{APPRODO}group"):
            adoption.write(lane, "group", group, N_("la corsia «%(was)s» è del gruppo «%(now)s»"), name)


def _split(name: str) -> tuple[str, str]:
    space, _, local = name.removeprefix("{").rpartition("}")
    return space, local


def _written(root: etree._Element) -> bytes:
    """The tree as a file; prefixes stay, because texts such as `bpmn:tFormalExpression` speak of them."""
    prefixes = {prefix for each in root.iter("*") for prefix in each.nsmap if prefix}
    if _URI not in root.nsmap.values():
        free = next(
            name for name in ("approdo", *(f"approdo{n}" for n in range(len(prefixes) + 1))) if name not in prefixes
        )
        etree.cleanup_namespaces(root, top_nsmap={free: _URI}, keep_ns_prefixes=sorted(prefixes))
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def tool_of(data: bytes) -> str:
    """Return the program that wrote a BPMN file, as it calls itself ("" if it does not say). Raises xml.XmlError."""
    root = xml.parse(data)
    spaces = {space for each in root.iter("*") for space in each.nsmap.values()}
    for space, name in SPACES.items():
        if space in spaces and kind(root):
            return name
    return " ".join((root.get("exporter") or "").split())[:60]
