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
    yield from lint_elements.calls(drawing, known.calls)


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
    yield from _begins(program, drawing, known.chains)


def _begins(program: Program, drawing: Drawing, known: Mapping[str, Chains]) -> Iterable[Finding]:
    """What a message begins comes to rest, and no other process is begun by the same message."""
    others = {process: found for process, found in known.items() if process != program.process_id}
    for start, message in chains.rings(program, others.values()):
        yield drawing.finding(
            drawing.by_id[start],
            N_("il messaggio «%(name)s» avvia percorsi che tornano qui senza mai fermarsi: mettici un'attesa"),
            name=message,
        )
    for message, start in program.begins.items():
        for process in sorted(process for process, found in others.items() if message in found):
            sentence = N_("il messaggio «%(name)s» avvia già il percorso «%(process)s»: ne parte uno solo")
            yield drawing.finding(drawing.by_id[start], sentence, "warning", name=message, process=process)
