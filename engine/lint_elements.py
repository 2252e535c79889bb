"""Rules on what each element is: which are allowed, events and their triggers, tasks and the names they use."""

import re
from collections.abc import Callable, Iterable, Mapping

from lxml import etree

from core.errors import N_
from engine import feel, timing
from engine.findings import Finding
from engine.lint_drawing import ACTIVITIES, APPRODO, PEOPLE, B, Drawing, kind, owner_of

REFUSED = {
    "scriptTask": N_("gli script non sono ammessi: usa un servizio o una mappatura FEEL"),
    "complexGateway": N_("lo snodo complesso non è ammesso: usa snodi esclusivi, inclusivi o paralleli"),
    "adHocSubProcess": N_(
        "il sottopercorso ad hoc non è ammesso: avvia un percorso dalla scheda del caso quando serve"
    ),
    "choreographyTask": N_("le coreografie non sono ammesse: disegna un percorso"),
    "compensateEventDefinition": N_("la compensazione non è ammessa: disegna i passi che rimediano"),
    "globalUserTask": N_("le attività globali non sono ammesse: usa un percorso richiamato"),
    "callChoreography": N_("le coreografie non sono ammesse: disegna un percorso"),
}
# No data of ours is called like that; who writes it is looking for the inside of the program.
HIDDEN = re.compile(r"(?<!\w)__\w")
_MAY = {
    "startEvent": {"message", "signal", "timer", "conditional", "error", "escalation"},
    "intermediateCatchEvent": {"message", "signal", "timer", "conditional", "link"},
    "intermediateThrowEvent": {"message", "signal", "escalation", "link"},
    "endEvent": {"message", "signal", "escalation", "error", "cancel", "terminate"},
    "boundaryEvent": {"message", "signal", "timer", "conditional", "error", "escalation", "cancel"},
}
_REFERENCES = {"message": "messageRef", "signal": "signalRef", "error": "errorRef", "escalation": "escalationRef"}


def allowed(drawing: Drawing) -> Iterable[Finding]:
    """Elements that we cannot run right are refused with what to draw instead."""
    for element in drawing.root.iter():
        name = kind(element)
        if name in REFUSED:
            yield drawing.finding(element if element.get("id") else owner_of(element), REFUSED[name])
        if element.get("isForCompensation") == "true":
            yield drawing.finding(element, REFUSED["compensateEventDefinition"])


def events(drawing: Drawing) -> Iterable[Finding]:
    """Each event has a trigger that its kind can have, and what the trigger names exists."""
    names = {e.get("id"): e for e in drawing.root.iter(*(f"{B}{tag}" for tag in _REFERENCES))}
    for event in drawing.of(*_MAY):
        found = drawing.definitions(event)
        for trigger in set(found) - _MAY[kind(event)] - {"compensate"}:
            yield drawing.finding(
                event, N_("un evento di questo tipo non può avere il simbolo «%(what)s»"), what=trigger
            )
        if not found and kind(event) in ("boundaryEvent", "intermediateCatchEvent"):
            yield drawing.finding(
                event, N_("che cosa attende questo evento? Scegli messaggio, segnale, timer o condizione")
            )
        for definition in event:
            yield from _trigger(drawing, event, definition, names)


def _trigger(
    drawing: Drawing, event: etree._Element, definition: etree._Element, names: Mapping[str | None, etree._Element]
) -> Iterable[Finding]:
    trigger = kind(definition).removesuffix("EventDefinition")
    reference = definition.get(_REFERENCES.get(trigger, "none"))
    if reference is not None and reference.split(":")[-1] not in names:
        yield drawing.finding(event, N_("«%(ref)s» non è definito nel file"), ref=reference)
    elif trigger in ("message", "signal") and not (reference and names[reference.split(":")[-1]].get("name")):
        yield drawing.finding(event, N_("manca il nome del messaggio o del segnale"))
    if trigger == "timer":
        yield from _timer(drawing, event, definition)
    if trigger == "conditional":
        yield from _feel(drawing, event, definition.findtext(f"{B}condition") or "")


def _timer(drawing: Drawing, event: etree._Element, definition: etree._Element) -> Iterable[Finding]:
    shapes = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
    texts = [child for child in definition if kind(child) in shapes]
    problem = timing.check((texts[0].text or "") if texts else "", shapes[kind(texts[0])] if texts else "")
    if problem:
        yield drawing.finding(event, problem)


def boundaries(drawing: Drawing) -> Iterable[Finding]:
    """Boundary events sit on activities that can raise what they catch."""
    for event in drawing.of("boundaryEvent"):
        host = drawing.by_id.get(event.get("attachedToRef", ""))
        found = drawing.definitions(event)
        if host is None or kind(host) not in ACTIVITIES or host.getparent() is not event.getparent():
            yield drawing.finding(event, N_("l'evento di bordo non è attaccato a un'attività"))
            continue
        if "cancel" in found and kind(host) != "transaction":
            yield drawing.finding(event, N_("l'annullamento si può attendere solo su una transazione"))
        if "error" in found and event.get("cancelActivity") == "false":
            yield drawing.finding(event, N_("un errore interrompe sempre: togli «non interrompente»"))
        if not drawing.outgoing.get(event.get("id", "")):
            yield drawing.finding(event, N_("da questo evento di bordo non parte nessuna freccia"))
        if event.get("parallelMultiple") == "true" and len(found) > 1:
            yield drawing.finding(event, N_("un evento di bordo non può attendere più cose insieme: usa più eventi"))
    for end in drawing.of("endEvent"):
        if "cancel" in drawing.definitions(end):
            yield from _cancel_end(drawing, end)


def _cancel_end(drawing: Drawing, end: etree._Element) -> Iterable[Finding]:
    parent = end.getparent()
    if parent is None or kind(parent) != "transaction":
        yield drawing.finding(end, N_("una fine con annullamento sta solo dentro una transazione"))
        return
    boundaries_ = drawing.boundaries.get(parent.get("id", ""), [])
    if not any("cancel" in drawing.definitions(each) for each in boundaries_):
        yield drawing.finding(end, N_("sul bordo della transazione manca l'evento di annullamento: dove si va?"))


# Where a mapping means something: what a node is told, and what is made of its answer.
_TOLD = frozenset({"serviceTask", "businessRuleTask", "callActivity", "subProcess", "transaction"})
_ANSWERED = ACTIVITIES | {"intermediateCatchEvent", "boundaryEvent"}


def mappings(drawing: Drawing) -> Iterable[Finding]:
    """A mapping stands where it is applied, never where it would be ignored."""
    for element in drawing.root.iter(f"{APPRODO}input", f"{APPRODO}output"):
        owner = owner_of(element)
        told = str(element.tag).endswith("input")
        throws = kind(owner) in ("endEvent", "intermediateThrowEvent") and drawing.definitions(owner)
        caught = kind(owner) == "startEvent" and drawing.definitions(owner)
        if not (kind(owner) in _TOLD if told else kind(owner) in _ANSWERED or throws or caught):
            yield drawing.finding(owner, N_("qui una mappatura non avrebbe effetto: toglila"))


def event_subprocesses(drawing: Drawing) -> Iterable[Finding]:
    """An event subprocess starts by one event and hangs on no arrow; a process starts by itself or by a message."""
    for scope in drawing.of("subProcess", "transaction"):
        if scope.get("triggeredByEvent") != "true":
            continue
        if drawing.incoming.get(scope.get("id", "")) or drawing.outgoing.get(scope.get("id", "")):
            yield drawing.finding(
                scope, N_("un sottopercorso su evento non ha frecce: parte da solo quando arriva l'evento")
            )
        first = scope.findall(f"{B}startEvent")
        if len(first) != 1 or len(drawing.definitions(first[0])) != 1:
            yield drawing.finding(scope, N_("un sottopercorso su evento comincia da un solo evento con un simbolo"))
        for event in first:
            if "error" in drawing.definitions(event) and event.get("isInterrupting") == "false":
                yield drawing.finding(event, N_("un errore interrompe sempre: togli «non interrompente»"))
    for process in drawing.processes:
        for event in process.findall(f"{B}startEvent"):
            if set(drawing.definitions(event)) - {"message"}:
                yield drawing.finding(
                    event, N_("un percorso comincia da solo o con un messaggio; i timer di avvio li dà l'agenda")
                )


def links(drawing: Drawing) -> Iterable[Finding]:
    """Each link thrown has one catch of its name in its scope."""
    places: dict[object, dict[str, list[str]]] = {}
    for event in drawing.nodes:
        link = event.find(f"{B}linkEventDefinition")
        if link is not None:
            places.setdefault(event.getparent(), {}).setdefault(link.get("name") or "", []).append(kind(event))
    for event in drawing.nodes:
        link = event.find(f"{B}linkEventDefinition")
        if link is None:
            continue
        ends = places[event.getparent()][link.get("name") or ""]
        if ends.count("intermediateCatchEvent") != 1 or "intermediateThrowEvent" not in ends:
            yield drawing.finding(
                event,
                N_("il collegamento «%(name)s» non ha una partenza e un solo arrivo"),
                name=link.get("name") or "",
            )


def conditions(drawing: Drawing) -> Iterable[Finding]:
    """Conditions and mappings are FEEL that can be read."""
    for flow in drawing.flows:
        condition = flow.find(f"{B}conditionExpression")
        if condition is not None:
            yield from _feel(drawing, flow, condition.text or "")
            language = condition.get("language", "")
            if language and "feel" not in language.lower():
                yield drawing.finding(flow, N_("le condizioni si scrivono in FEEL"))
    for element in drawing.root.iter(f"{APPRODO}input", f"{APPRODO}output"):
        owner = owner_of(element)
        if not re.fullmatch(r"[^\W\d]\w*", element.get("target", "")):
            yield drawing.finding(owner, N_("la mappatura non dice a quale dato assegnare il valore"))
        yield from _feel(drawing, owner, element.get("expression", ""))


def _feel(drawing: Drawing, element: etree._Element, text: str) -> Iterable[Finding]:
    text = text.strip().removeprefix("=")
    if not text:
        yield drawing.finding(element, N_("la condizione è vuota"))
        return
    if HIDDEN.search(text):
        yield drawing.finding(element, N_("i nomi che cominciano con due trattini bassi non sono ammessi"))
        return
    try:
        feel.compile(text)
    except feel.FeelError as problem:
        yield drawing.finding(
            element, N_("l'espressione «%(text)s» non si può leggere: %(why)s"), text=text[:80], why=str(problem)
        )


def loops(drawing: Drawing) -> Iterable[Finding]:
    """A repetition says how often, within bounds."""
    for node in drawing.of(*ACTIVITIES):
        several = node.find(f"{B}multiInstanceLoopCharacteristics")
        if several is not None:
            yield from _several(drawing, node, several)
        again = node.find(f"{B}standardLoopCharacteristics")
        if again is not None:
            condition, most = again.findtext(f"{B}loopCondition"), again.get("loopMaximum")
            if not (condition or most):
                yield drawing.finding(node, N_("il ciclo non dice quando finisce: dai una condizione o un massimo"))
            if condition:
                yield from _feel(drawing, node, condition)
            if most is not None and not (most.isdigit() and 0 < int(most) <= 10_000):
                yield drawing.finding(node, N_("il massimo del ciclo deve stare tra 1 e 10000"))
            if (
                not condition
                and kind(node) not in PEOPLE | {"receiveTask", "subProcess", "transaction", "callActivity"}
                and most
                and most.isdigit()
                and int(most) > 200
            ):
                yield drawing.finding(node, N_("un ciclo automatico può girare al massimo 200 volte"))


def _several(drawing: Drawing, node: etree._Element, several: etree._Element) -> Iterable[Finding]:
    number, collection = several.findtext(f"{B}loopCardinality"), several.findtext(f"{B}loopDataInputRef")
    if bool(number) == bool(collection):
        yield drawing.finding(node, N_("quante volte? Dai un numero oppure una raccolta, non entrambi"))
    if number:
        yield from _feel(drawing, node, number)
        if re.fullmatch(r"-?[\d.]+", number.strip()) and not 0 <= float(number) <= 200:
            yield drawing.finding(node, N_("il numero di ripetizioni deve stare tra 0 e %(most)s"), most=200)
    if (condition := several.findtext(f"{B}completionCondition")) is not None:
        yield from _feel(drawing, node, condition)


def tasks(drawing: Drawing) -> Iterable[Finding]:
    """Every task that a person does has a group and a due date that can be read; a service has a name."""
    grouped = {(ref.text or "").strip() for ref in drawing.root.iter(f"{B}flowNodeRef")}
    for node in drawing.of(*PEOPLE):
        ancestors = [node, *node.iterancestors()]
        if not node.get(f"{APPRODO}group") and not any(each.get("id") in grouped for each in ancestors):
            yield drawing.finding(node, N_("chi fa questa attività? Mettila in una corsia con un gruppo"))
        due = node.get(f"{APPRODO}due")
        if due is not None and (problem := timing.check(due, "due")):
            yield drawing.finding(node, problem)
        leads = node.get(f"{APPRODO}reminders")
        if leads is not None and (problem := timing.check_leads(leads)):
            yield drawing.finding(node, problem)
        if leads is not None and due is None:
            yield drawing.finding(node, N_("ci sono promemoria ma nessuna data a cui riferirli: manca la scadenza"))
    messages = {message.get("id") for message in drawing.root.iter(f"{B}message")}
    for node in drawing.of("sendTask", "receiveTask"):
        reference = node.get("messageRef")
        if reference and reference.split(":")[-1] not in messages:
            yield drawing.finding(node, N_("«%(ref)s» non è definito nel file"), ref=reference)
        if not node.get("messageRef") and node.find(f"{B}messageEventDefinition") is None:
            yield drawing.finding(node, N_("manca il nome del messaggio o del segnale"))
    for element in drawing.root.iter(f"{B}dataStoreReference"):
        yield drawing.finding(
            element, N_("l'archivio dati è solo un disegno: i dati stanno nella scheda del caso"), "warning"
        )


# by the attribute that names it, which is also the kind of the draft
ONLY_DRAFTS = {
    "form": N_("il modulo «%(what)s» è ancora una bozza: mettilo in vigore, poi proponi il percorso"),
    "decision": N_("la tabella di decisione «%(what)s» è ancora una bozza: mettila in vigore, poi proponi il percorso"),
}


def names(
    drawing: Drawing,
    services: frozenset[str] | None,
    decisions: frozenset[str] | None,
    forms: frozenset[str] | None,
    groups: frozenset[str] | None,
    *,
    drafts: Mapping[str, frozenset[str]],
) -> Iterable[Finding]:
    """What a model names - services, decisions, forms, groups - exists, and not as a draft only."""
    wanted = (
        ("serviceTask", "service", services, N_("scegli il servizio"), N_("il servizio «%(what)s» non esiste")),
        (
            "businessRuleTask",
            "decision",
            decisions,
            N_("scegli la tabella di decisione"),
            N_("la tabella di decisione «%(what)s» non esiste"),
        ),
        ("userTask", "form", forms, None, N_("il modulo «%(what)s» non esiste")),
    )
    for tag, attribute, known, missing, unknown in wanted:
        for node in drawing.of(tag):
            what = node.get(f"{APPRODO}{attribute}")
            if not what and missing:
                yield drawing.finding(node, missing)
            elif what and known is not None and what not in known:
                only = ONLY_DRAFTS.get(attribute, unknown) if what in drafts.get(attribute, ()) else unknown
                yield drawing.finding(node, only, what=what)
    for node in drawing.of(*PEOPLE):
        group = node.get(f"{APPRODO}group")
        if group and groups is not None and group not in groups:
            yield drawing.finding(node, N_("il gruppo «%(what)s» non esiste"), what=group)
    for lane in drawing.root.iter(f"{B}lane"):
        group = lane.get(f"{APPRODO}group") or lane.get("name")
        inside = [drawing.by_id.get((ref.text or "").strip()) for ref in lane.iterfind(f"{B}flowNodeRef")]
        people = any(node is not None and kind(node) in PEOPLE for node in inside)
        if groups is not None and people and group not in groups:
            yield drawing.finding(lane, N_("il gruppo della corsia non esiste"))


def calls(
    drawing: Drawing, known: Mapping[str, frozenset[str]] | None, to_come: Mapping[str, frozenset[str]]
) -> Iterable[Finding]:
    """A called process exists, and calls never come back to where they started, in no version to come either.

    Whatever their days: each of them may still be taken back, and then another one stays in force.
    """
    process = drawing.process
    own = process.get("id", "") if process is not None else ""
    for node in drawing.of("callActivity"):
        called = node.get("calledElement")
        if not called:
            yield drawing.finding(node, N_("quale percorso richiama? Sceglilo"))
        elif called == own or (known is not None and own in _called_from(called, [known])):
            yield drawing.finding(node, N_("i percorsi si richiamano in cerchio attraverso «%(name)s»"), name=called)
        elif known is not None and called not in known:
            yield drawing.finding(node, N_("il percorso «%(name)s» non è pubblicato"), name=called)
        elif known is not None and own in _called_from(called, [known, to_come]):
            yield drawing.finding(node, _RING_TO_COME, name=called)


_RING_TO_COME = N_(
    "con una versione già confermata, e non ancora in vigore, i percorsi si richiamerebbero in cerchio attraverso"
    " «%(name)s»: ritira quella o togli la chiamata"
)


def _called_from(name: str, known: Iterable[Mapping[str, frozenset[str]]]) -> set[str]:
    reached: set[str] = set()
    todo = [name]
    while todo:
        process = todo.pop()
        new = frozenset().union(*(calls.get(process, ()) for calls in known)) - reached
        reached |= new
        todo += new
    return reached


RULES: tuple[Callable[[Drawing], Iterable[Finding]], ...] = (
    allowed,
    events,
    boundaries,
    event_subprocesses,
    links,
    conditions,
    mappings,
    loops,
    tasks,
)
