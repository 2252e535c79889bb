"""Rules on how things are connected: ids, flows, gateways, starts and ends, loops that never wait, the diagram."""

import math
import re
from collections.abc import Callable, Iterable

from lxml import etree

from core.errors import N_
from engine.findings import Finding
from engine.lint_drawing import GATEWAYS, PEOPLE, SCOPES, B, Drawing, kind, line_of

MAX_NODES = 400
RESERVED = frozenset({"Start", "End", "Root"})
UNCONDITIONAL = frozenset({"parallelGateway", "eventBasedGateway"})
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def one_process(drawing: Drawing) -> Iterable[Finding]:
    """A file models one pathway, of a size that a person can read."""
    if not drawing.processes:
        yield Finding(1, "", "", N_("il file non contiene nessun percorso"))
    for process in drawing.processes[1:]:
        yield drawing.finding(
            process,
            N_("un file descrive un solo percorso: sposta «%(name)s» in un altro file"),
            name=drawing.label(process),
        )
    if len(drawing.nodes) > MAX_NODES:
        yield Finding(
            None,
            "",
            "",
            N_("il modello ha %(count)s elementi: al massimo %(most)s, dividilo in sottopercorsi"),
            params={"count": len(drawing.nodes), "most": MAX_NODES},
        )


def ids(drawing: Drawing) -> Iterable[Finding]:
    """Ids are there, unique, plain, and not the parser's own."""
    seen: set[str] = set()
    for element in drawing.root.iter():
        if kind(element) == "" or element.get("id") is None:
            continue
        name = element.get("id", "")
        if name in seen:
            yield drawing.finding(element, N_("l'identificativo «%(id)s» è usato due volte"), id=name)
        seen.add(name)
    for node in (*drawing.nodes, *drawing.flows, *drawing.processes):
        name = node.get("id", "")
        if not _ID.fullmatch(name):
            yield drawing.finding(
                node, N_("l'identificativo «%(id)s» non va bene: solo lettere, cifre, _ e -"), id=name
            )
        elif name in RESERVED:
            yield drawing.finding(node, N_("l'identificativo «%(id)s» è riservato: scegline un altro"), id=name)


def flows(drawing: Drawing) -> Iterable[Finding]:
    """Flows lead from a node to a node of the same scope."""
    for flow in drawing.flows:
        source, target = drawing.by_id.get(flow.get("sourceRef", "")), drawing.by_id.get(flow.get("targetRef", ""))
        if source is None or target is None:
            yield drawing.finding(flow, N_("questa freccia non parte o non arriva da nessuna parte"))
        elif source.getparent() is not target.getparent():
            yield drawing.finding(flow, N_("una freccia non può entrare o uscire da un sottopercorso: usa un evento"))
        elif kind(target) in ("startEvent", "boundaryEvent"):
            yield drawing.finding(flow, N_("una freccia non può arrivare a un evento di inizio o di bordo"))
        elif kind(source) == "endEvent":
            yield drawing.finding(flow, N_("da un evento di fine non può partire una freccia"))


def starts(drawing: Drawing) -> Iterable[Finding]:
    """A pathway starts in one place; a subprocess at one start event without a trigger."""
    for scope in (element for element in drawing.root.iter() if kind(element) in SCOPES):
        events = scope.findall(f"{B}startEvent")
        plain = [event for event in events if not drawing.definitions(event)]
        if len(plain) > 1 or (kind(scope) != "process" and len(events) > 1):
            yield drawing.finding(events[1], N_("c'è più di un evento di inizio: lasciane uno"))
        if kind(scope) != "process" and scope.get("triggeredByEvent") != "true":
            for event in set(events) - set(plain):
                yield drawing.finding(event, N_("un sottopercorso comincia da un evento di inizio semplice"))


def nothing_drawn_is_lost(drawing: Drawing) -> Iterable[Finding]:
    """Every node can be reached from a start of its scope."""
    for scope in (element for element in drawing.root.iter() if kind(element) in SCOPES):
        inner = [node for node in drawing.nodes if node.getparent() is scope]
        starts_here = [n for n in inner if kind(n) == "startEvent"] or [n for n in inner if not _entered(drawing, n)]
        reached = {node.get("id") for node in starts_here}
        todo = list(starts_here)
        todo += [node for node in inner if node.get("triggeredByEvent") == "true"]
        reached |= {node.get("id") for node in todo}
        links = {_link(c): c for c in inner if kind(c) == "intermediateCatchEvent"}
        while todo:
            node = todo.pop()
            following = [
                drawing.by_id.get(flow.get("targetRef", "")) for flow in drawing.outgoing.get(node.get("id", ""), ())
            ]
            following += drawing.boundaries.get(node.get("id", ""), [])
            if kind(node) == "intermediateThrowEvent" and drawing.is_link(node):
                following.append(links.get(_link(node)))
            for target in following:
                if target is not None and target.get("id") not in reached:
                    reached.add(target.get("id"))
                    todo.append(target)
        for node in inner:
            if node.get("id") not in reached:
                yield drawing.finding(node, N_("questo elemento non è collegato: nessun percorso lo raggiunge"))


def _entered(drawing: Drawing, node: etree._Element) -> bool:
    return bool(drawing.incoming.get(node.get("id", ""))) or kind(node) == "boundaryEvent"


def _link(node: etree._Element) -> str | None:
    link = node.find(f"{B}linkEventDefinition")
    return None if link is None else link.get("name")


def gateways(drawing: Drawing) -> Iterable[Finding]:
    """A gateway always has a way out, and its conditions are where they belong."""
    for gateway in drawing.of(*GATEWAYS):
        outgoing = drawing.outgoing.get(gateway.get("id", ""), [])
        conditional = [flow for flow in outgoing if flow.find(f"{B}conditionExpression") is not None]
        default = gateway.get("default")
        if not outgoing:
            yield drawing.finding(gateway, N_("da questo snodo non esce nessuna freccia"))
        if default and default not in {flow.get("id") for flow in outgoing}:
            yield drawing.finding(gateway, N_("l'uscita predefinita non è una delle sue frecce"))
        if kind(gateway) in ("exclusiveGateway", "inclusiveGateway") and len(outgoing) > 1:
            for flow in outgoing:
                if flow not in conditional and flow.get("id") != default:
                    yield drawing.finding(
                        flow, N_("a questa uscita manca la condizione (oppure segnala come predefinita)")
                    )
            if not default:
                yield drawing.finding(
                    gateway, N_("manca l'uscita predefinita: che cosa succede se nessuna condizione è vera?")
                )
        if kind(gateway) in UNCONDITIONAL:
            for flow in conditional:
                yield drawing.finding(
                    flow, N_("le uscite di questo snodo non hanno condizioni: usa uno snodo esclusivo o inclusivo")
                )
        if kind(gateway) == "eventBasedGateway":
            yield from _after_event_gateway(drawing, gateway, outgoing)


def ways_out(drawing: Drawing) -> Iterable[Finding]:
    """Where every way out has a condition, one of them is the default: else the path stops when none is true."""
    for node in drawing.nodes:
        outgoing = drawing.outgoing.get(node.get("id", ""), [])
        names = {flow.get("id") for flow in outgoing}
        default = node.get("default")
        if kind(node) not in GATEWAYS and default and default not in names:
            yield drawing.finding(node, N_("l'uscita predefinita non è una delle sue frecce"))
        if not outgoing or default in names or (kind(node) in GATEWAYS and len(outgoing) > 1):
            continue
        if all(flow.find(f"{B}conditionExpression") is not None for flow in outgoing):
            yield drawing.finding(
                node,
                N_("tutte le uscite hanno una condizione: se nessuna è vera ci si ferma. Segnane una come predefinita"),
            )


def default_ways(drawing: Drawing) -> Iterable[Finding]:
    """The way that is taken when no condition holds has none itself: nobody would ever ask it."""
    for node in drawing.nodes:
        for flow in drawing.outgoing.get(node.get("id", ""), ()) if kind(node) not in UNCONDITIONAL else ():
            said = flow.findtext(f"{B}conditionExpression") or ""
            if flow.get("id") == node.get("default") and said.strip():
                yield drawing.finding(
                    flow,
                    N_(
                        "è la via di quando nessuna condizione vale: la sua condizione non viene mai guardata. "
                        "Toglila, o segna come predefinita un'altra via"
                    ),
                    "warning",
                )


def _after_event_gateway(
    drawing: Drawing, gateway: etree._Element, outgoing: list[etree._Element]
) -> Iterable[Finding]:
    if len(outgoing) < 2:
        yield drawing.finding(gateway, N_("dopo uno snodo su eventi servono almeno due eventi"))
    for flow in outgoing:
        target = drawing.by_id.get(flow.get("targetRef", ""))
        if target is None:
            continue
        if kind(target) not in ("intermediateCatchEvent", "receiveTask"):
            yield drawing.finding(target, N_("dopo uno snodo su eventi può venire solo un evento da attendere"))
        elif len(drawing.incoming.get(target.get("id", ""), [])) > 1:
            yield drawing.finding(
                target, N_("un evento che segue uno snodo su eventi non può avere altre frecce in arrivo")
            )
        elif target.get("parallelMultiple") == "true":
            yield drawing.finding(target, N_("dopo uno snodo su eventi ogni evento attende una cosa sola"))
        elif kind(target) == "receiveTask" and drawing.boundaries.get(target.get("id", "")):
            yield drawing.finding(
                target, N_("dopo uno snodo su eventi un'attività di ricezione non può avere eventi di bordo")
            )


WAITING = PEOPLE | {"receiveTask", "intermediateCatchEvent", "eventBasedGateway", "callActivity"}


def loops_wait(drawing: Drawing) -> Iterable[Finding]:
    """A loop in which nobody and nothing waits would never stop."""
    automatic = {node.get("id", ""): node for node in drawing.nodes if not _waits(drawing, node)}
    state: dict[str, int] = {}
    for root in automatic:
        if state.get(root):
            continue
        stack = [(root, iter(_next(drawing, root, automatic)))]
        state[root] = 1
        while stack:
            name, following = stack[-1]
            target = next(following, None)
            if target is None:
                state[name] = 2
                stack.pop()
            elif state.get(target) == 1:
                yield drawing.finding(
                    automatic[target], N_("questo giro non si ferma mai: mettici un'attività o un'attesa")
                )
                return
            elif not state.get(target):
                state[target] = 1
                stack.append((target, iter(_next(drawing, target, automatic))))


def _waits(drawing: Drawing, node: etree._Element) -> bool:
    """Return whether a token may rest here; a subprocess in which nothing waits passes like a service."""
    if drawing.is_link(node):
        return False
    if kind(node) in ("subProcess", "transaction"):
        return any(kind(inner) in WAITING and not drawing.is_link(inner) for inner in node.iter())
    return kind(node) in WAITING


def _next(drawing: Drawing, name: str, among: dict[str, etree._Element]) -> list[str]:
    """Return the automatic nodes that come after one: by its arrows, its boundary errors, or its link."""
    node = among[name]
    following = [flow.get("targetRef", "") for flow in drawing.outgoing.get(name, ())]
    following += [event.get("id", "") for event in drawing.boundaries.get(name, ())]
    if kind(node) == "intermediateThrowEvent" and drawing.is_link(node):
        scope = node.getparent()
        following += [
            other.get("id", "")
            for other in drawing.of("intermediateCatchEvent")
            if other.getparent() is scope and _link(other) == _link(node)
        ]
    return [target for target in following if target in among]


def diagram(drawing: Drawing) -> Iterable[Finding]:
    """Shapes stand at finite places of a size that a browser can draw."""
    waypoints = drawing.root.iter("{http://www.omg.org/spec/DD/20100524/DI}waypoint")
    for point in (*drawing.root.iter("{http://www.omg.org/spec/DD/20100524/DC}Bounds"), *waypoints):
        for attribute in ("x", "y", "width", "height") if str(point.tag).endswith("Bounds") else ("x", "y"):
            try:
                value = float(point.get(attribute, "nan"))
            except ValueError:
                value = math.nan
            if not math.isfinite(value) or abs(value) > 100_000 or (attribute in ("width", "height") and value < 0):
                shape = point.getparent()
                name = shape.get("bpmnElement", "") if shape is not None else ""
                yield Finding(line_of(point), name, name, N_("la posizione nel disegno non è valida"))
                break


RULES: tuple[Callable[[Drawing], Iterable[Finding]], ...] = (
    one_process,
    ids,
    flows,
    starts,
    nothing_drawn_is_lost,
    gateways,
    ways_out,
    default_ways,
    loops_wait,
    diagram,
)
