"""What a model may contain: every rule gives a line, an element and a sentence that says what to draw instead.

The order is deliberate (docs/architecture.md): hardened XML, the rules on the drawing, and only then the parser, so
that nothing hostile or half-drawn reaches it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from core.errors import N_
from engine import chains, feel, lint_elements, lint_flows, lint_standard, lint_vocabulary, spiff, xml
from engine.chains import Chains
from engine.findings import Finding
from engine.game.program import Program
from engine.lint_drawing import Drawing, line_of
from engine.normalize import normalize, plain_booleans

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


@dataclass(frozen=True)
class Known:
    """The names that a model may use. A set that is None is not judged (a file looked at outside an office)."""

    services: frozenset[str] | None = None
    decisions: frozenset[str] | None = None
    forms: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    drafts: Mapping[str, frozenset[str]] = field(default_factory=dict)  # kind -> of which tables and forms there is one
    calls: Mapping[str, frozenset[str]] | None = field(default=None)  # process -> the processes it calls
    chains: Mapping[str, Chains] = field(default_factory=dict)  # process -> what begins it, and what it throws at once
    begins: Mapping[str, str] = field(default_factory=dict)  # message -> the one process that it begins
    # the same of all versions that are confirmed and not in force yet
    calls_to_come: Mapping[str, frozenset[str]] = field(default_factory=dict)
    chains_to_come: Mapping[str, Chains] = field(default_factory=dict)


def check(data: bytes, known: Known | None = None) -> list[Finding]:
    """Return what is wrong with a BPMN file, in the order of its lines; no "error" means that it may be published."""
    try:
        root = xml.parse(data)
    except xml.XmlError as problem:
        return [Finding(problem.line, "", "", problem.sentence, params=problem.params)]
    return check_tree(root, known)


def check_tree(root: etree._Element, known: Known | None = None) -> list[Finding]:
    """As `check`, of a file that `xml.parse` has read; the tree is the check's own from now on."""
    if root.tag != f"{{{BPMN}}}definitions":
        return [Finding(line_of(root), "", "", N_("il file non è un modello BPMN 2.0"))]
    plain_booleans(root)
    drawing = Drawing(root)
    found = list(_rules(drawing, known or Known()))
    if not any(finding.level == "error" for finding in found):
        found += _parse(root, drawing, known or Known())
    return sorted(found, key=lambda finding: finding.line or 0)


def _rules(drawing: Drawing, known: Known) -> Iterable[Finding]:
    rules: tuple[Callable[[Drawing], Iterable[Finding]], ...] = (
        *lint_flows.RULES,
        *lint_elements.RULES,
        *lint_standard.RULES,
        *lint_vocabulary.RULES,
    )
    for rule in rules:
        yield from rule(drawing)
    yield from lint_elements.names(
        drawing, known.services, known.decisions, known.forms, known.groups, drafts=known.drafts
    )
    yield from lint_elements.calls(drawing, known.calls, known.calls_to_come)


def _parse(root: etree._Element, drawing: Drawing, known: Known) -> Iterable[Finding]:
    """Let the parser have the last word, and see that nothing that was drawn got lost on the way."""
    process = drawing.process
    if process is None:
        return
    try:
        program = spiff.read(normalize(root), process.get("id", ""))
    except (spiff.Unreadable, feel.FeelError) as problem:
        line, element = getattr(problem, "line", None), getattr(problem, "element", "")
        yield Finding(line, element, "", N_("il modello non si può leggere: %(why)s"), params={"why": str(problem)})
        return
    for node in drawing.nodes:
        if node.get("id") not in program.nodes and not drawing.is_link(node):
            yield drawing.finding(node, N_("questo elemento non è collegato: nessun percorso lo raggiunge"))
    yield from _begins(program, drawing, known)


def _begins(program: Program, drawing: Drawing, known: Known) -> Iterable[Finding]:
    """What a message begins comes to rest, and no other process is begun by the same message."""
    own = program.process_id
    others = {process: found for process, found in known.chains.items() if process != own}
    to_come = {process: found for process, found in known.chains_to_come.items() if process != own}
    rings = set(chains.rings(program, others.values()))
    for start, message in chains.rings(program, [*others.values(), *to_come.values()]):
        sentence = _RING if (start, message) in rings else _RING_TO_COME
        yield drawing.finding(drawing.by_id[start], sentence, name=message)
    for message, start in program.begins.items():
        for process, sentence in _rivals(message, known.begins.get(message), others, to_come):
            yield drawing.finding(drawing.by_id[start], sentence, "warning", name=message, process=process)


def _rivals(
    message: str, first: str | None, others: Mapping[str, Chains], to_come: Mapping[str, Chains]
) -> Iterable[tuple[str, str]]:
    """Which other processes a message might begin, and the sentence that says which one it does begin."""
    beside = {process for process, found in others.items() if message in found}
    if first in beside:
        return [(first, _LATER)]
    soon = {process for process, found in to_come.items() if message in found} - beside
    return [*((process, _BESIDE) for process in sorted(beside)), *((process, _SOON) for process in sorted(soon))]


_RING = N_("il messaggio «%(name)s» avvia percorsi che tornano qui senza mai fermarsi: mettici un'attesa")
_RING_TO_COME = N_(
    "con una versione già confermata, e non ancora in vigore, il messaggio «%(name)s» avvierebbe percorsi che tornano"
    " qui senza mai fermarsi: ritira quella o metti un'attesa"
)
_LATER = N_("il messaggio «%(name)s» avvia già il percorso «%(process)s»: per ora questo non parte")
_BESIDE = N_(
    "con il messaggio «%(name)s» comincia anche il percorso «%(process)s»: parte questo, che comincia così da prima"
)
_SOON = N_(
    "con il messaggio «%(name)s» comincerà anche il percorso «%(process)s», in una versione già confermata: ne parte"
    " uno solo, quello che comincia così per primo"
)
