"""Rules on what BPMN 2.0 says and this engine does not do: it is refused in words, never passed over in silence."""

from collections.abc import Callable, Iterable

from lxml import etree

from core.errors import N_
from engine.findings import Finding
from engine.lint_drawing import ACTIVITIES, B, Drawing, kind
from engine.normalize import BOOLEANS

MAPPINGS = N_("le associazioni di dati non assegnano nulla: scrivi le mappature approdo:input e approdo:output in FEEL")
DATA = ("dataInputAssociation", "dataOutputAssociation")


def booleans(drawing: Drawing) -> Iterable[Finding]:
    """What is yes or no says true or false (XML Schema 1.0, 3.2.2; "1" and "0" were rewritten before)."""
    for element in drawing.root.iter(f"{B}*"):
        for name in BOOLEANS & set(map(str, element.attrib)):
            if element.get(name) not in ("true", "false"):
                yield drawing.finding(
                    element,
                    N_("«%(name)s» vale solo «true» o «false», non «%(value)s»"),
                    name=name,
                    value=element.get(name),
                )


def quantities(drawing: Drawing) -> Iterable[Finding]:
    """One token begins an activity and one leaves it (BPMN 2.0, 10.2)."""
    for node in drawing.of(*ACTIVITIES):
        for name in ("startQuantity", "completionQuantity"):
            if node.get(name, "1").strip() != "1":
                yield drawing.finding(
                    node,
                    N_("«%(name)s» diverso da 1 non è ammesso: usa uno snodo parallelo o ripeti l'attività"),
                    name=name,
                )


def instantiating(drawing: Drawing) -> Iterable[Finding]:
    """A process begins at its start event; the first event behind a gateway is the only one that goes on."""
    for node in drawing.of("receiveTask", "eventBasedGateway"):
        if node.get("instantiate") == "true":
            yield drawing.finding(
                node, N_("qui non può cominciare un percorso: usa un evento di inizio con un messaggio")
            )
        if node.get("eventGatewayType", "Exclusive") != "Exclusive":
            yield drawing.finding(
                node,
                N_("uno snodo su eventi aspetta il primo, non tutti: per attenderli tutti usa uno snodo parallelo"),
            )


def repetitions(drawing: Drawing) -> Iterable[Finding]:
    """Instances of an activity tell the outside only that all are done; what they repeat over is a variable."""
    ids = {element.get("id"): element for element in drawing.root.iter(f"{B}*") if element.get("id")}
    for several in drawing.root.iter(f"{B}multiInstanceLoopCharacteristics"):
        node = several.getparent()
        if node is None:
            continue
        if several.get("behavior", "All") != "All" or several.find(f"{B}complexBehaviorDefinition") is not None:
            yield drawing.finding(
                node,
                N_("le ripetizioni non lanciano eventi da sole: disegna un evento dentro l'attività o dopo di essa"),
            )
        for tag in ("loopDataInputRef", "loopDataOutputRef"):
            name = (several.findtext(f"{B}{tag}") or "").strip()
            if name in ids and not _is_variable(ids[name], ids):
                yield drawing.finding(
                    node,
                    N_("la raccolta «%(name)s» non è un dato: indica un oggetto dati o il nome di un dato"),
                    name=name,
                )


def _is_variable(element: etree._Element, ids: dict[str | None, etree._Element]) -> bool:
    if kind(element) == "dataObjectReference":
        element = ids.get(element.get("dataObjectRef"), element)
    return kind(element) == "dataObject"


def links_join(drawing: Drawing) -> Iterable[Finding]:
    """A link is the flow: nothing else leaves where it jumps from, nothing else enters where it lands."""
    for event in drawing.nodes:
        if not drawing.is_link(event):
            continue
        name = event.get("id", "")
        if kind(event) == "intermediateThrowEvent" and drawing.outgoing.get(name):
            yield drawing.finding(
                event, N_("da un collegamento in partenza non escono frecce: il percorso continua dove arriva")
            )
        if kind(event) == "intermediateCatchEvent" and drawing.incoming.get(name):
            yield drawing.finding(
                event, N_("a un collegamento in arrivo non arrivano frecce: ci si arriva solo dal collegamento")
            )


def definitions(drawing: Drawing) -> Iterable[Finding]:
    """An event holds its definition itself, and a timer says one thing (BPMN 2.0, 10.5.1 and table 10.101)."""
    for event in drawing.root.iter(f"{B}eventDefinitionRef"):
        owner = event.getparent()
        yield drawing.finding(
            event if owner is None else owner,
            N_("l'evento rimanda a una definizione comune (eventDefinitionRef): disegna il simbolo nell'evento stesso"),
        )
    for timer in drawing.root.iter(f"{B}timerEventDefinition"):
        owner = timer.getparent()
        if sum(kind(child) in ("timeDate", "timeDuration", "timeCycle") for child in timer) > 1:
            yield drawing.finding(
                timer if owner is None else owner,
                N_("un timer ha una data, una durata o una ripetizione, non più d'una: usa due eventi"),
            )


def data(drawing: Drawing) -> Iterable[Finding]:
    """Data are mapped by our own mappings; arrows between data and tasks are drawing."""
    for association in drawing.root.iter(*(f"{B}{name}" for name in DATA)):
        owner = association.getparent()
        computes = any(kind(child) in ("assignment", "transformation") for child in association)
        if owner is not None and (computes or kind(owner) == "callActivity"):
            yield drawing.finding(owner, MAPPINGS)
    for specification in drawing.root.iter(f"{B}ioSpecification"):
        owner = specification.getparent()
        if owner is not None and kind(owner) in ("callActivity", "process"):
            yield drawing.finding(owner, MAPPINGS)


def caught_twice(drawing: Drawing) -> Iterable[Finding]:
    """Of two who wait in one place for the same error, escalation or message, the second would never run."""
    words = {"error": "errorCode", "escalation": "escalationCode", "message": "name"}
    elements = drawing.root.iter(*(f"{B}{tag}" for tag in words))
    names = {element.get("id"): element.get(words[kind(element)]) for element in elements}
    seen: set[tuple[object, str, str | None]] = set()
    for event in drawing.of("boundaryEvent", "startEvent"):
        place = _catches_at(event)
        for definition in event if place is not None else ():
            trigger = kind(definition).removesuffix("EventDefinition")
            if trigger not in words:
                continue
            what = (place, trigger, names.get((definition.get(f"{trigger}Ref") or "").split(":")[-1]))
            if what in seen:
                sentence = N_(
                    "un altro evento attende già la stessa cosa nello stesso posto: questo non scatterebbe mai"
                )
                yield drawing.finding(event, sentence)
            seen.add(what)


def _catches_at(event: etree._Element) -> object:
    """Return the activity or scope that an event listens at, None for the start of a process or subprocess."""
    if kind(event) == "boundaryEvent":
        return event.get("attachedToRef")
    parent = event.getparent()
    return parent.getparent() if parent is not None and parent.get("triggeredByEvent") == "true" else None


RULES: tuple[Callable[[Drawing], Iterable[Finding]], ...] = (
    booleans,
    quantities,
    instantiating,
    repetitions,
    links_join,
    definitions,
    data,
    caught_twice,
)
