"""Reads decision models (DMN 1.3, clauses 6-8; files of 1.4 and 1.5 too): tables, literal expressions, requirements.

What is read becomes immutable parts with their FEEL ready to run (`dmn_run`) and to analyse (`dmn_check`). Whatever is
wrong becomes a Finding with line, element and sentence, and reading goes on, so that a coordinator sees all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from core.errors import N_
from engine import feel, xml
from engine.findings import Finding

NAMESPACES: Final = (
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
)
LISTS: Final = frozenset({"RULE ORDER", "OUTPUT ORDER", "COLLECT"})
POLICIES: Final = frozenset({"UNIQUE", "ANY", "PRIORITY", "FIRST"}) | LISTS
AGGREGATIONS: Final = frozenset({"", "SUM", "MIN", "MAX", "COUNT"})
MAX_RULES: Final = 1_000
MAX_COLUMNS: Final = 30
MAX_DECISIONS: Final = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One FEEL text of the file; `expression` is None if it cannot be read."""

    element: str
    line: int
    text: str
    expression: feel.Expression | None


@dataclass(frozen=True, slots=True)
class Column:
    """An input or output clause: what it is called, its type, its expression, its allowed values, its default."""

    element: str
    line: int
    name: str
    label: str
    type: str
    test: Cell | None
    allowed: Cell | None
    default: Cell | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table."""

    element: str
    line: int
    tests: tuple[Cell, ...]
    results: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table (clause 8)."""

    policy: str
    aggregation: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: its logic, and the ids of the decisions it needs first."""

    element: str
    line: int
    name: str
    variable: str
    logic: Table | Cell | None
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """All the decisions of one file, by id, in the order of the file."""

    decisions: dict[str, Decision]

    def in_order(self, decision_id: str) -> tuple[Decision, ...]:
        """Return the decisions that lead to one of them, each after those it needs, that one last."""
        found: dict[str, Decision] = {}

        def visit(each: str) -> None:
            if each in found or each not in self.decisions:
                return
            for needed in self.decisions[each].requires:
                visit(needed)
            found[each] = self.decisions[each]

        visit(decision_id)
        return tuple(found.values())


def read(data: bytes) -> tuple[Model, list[Finding]]:
    """Return the model of a file and what is wrong with it as a text; `dmn_check` looks at the meaning."""
    try:
        root = xml.parse(data)
    except xml.XmlError as problem:
        return Model({}), [Finding(problem.line, "", "", problem.sentence, params=problem.params)]
    namespace, _, name = root.tag.removeprefix("{").partition("}")
    if name != "definitions" or namespace not in NAMESPACES:
        return Model({}), [Finding(xml.line_of(root), "", "", N_("il file non è un modello DMN 1.3, 1.4 o 1.5"))]
    reading = _Reading(namespace)
    return Model(reading.decisions(root)), reading.findings


def _text(element: etree._Element | None, namespace: str) -> str:
    return (element.findtext(f"{{{namespace}}}text") or "").strip() if element is not None else ""


class _Reading:
    """One reading of one file: its namespace, and the findings so far."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.findings: list[Finding] = []
        self.names: tuple[str, ...] = ()
        self.name = ""

    # -- small things --------------------------------------------------------------------------------------------------

    def _find(self, element: etree._Element, name: str) -> etree._Element | None:
        return element.find(f"{{{self.namespace}}}{name}")

    def _all(self, element: etree._Element, name: str) -> Iterator[etree._Element]:
        return element.iterfind(f"{{{self.namespace}}}{name}")

    def _wrong(self, element: etree._Element, sentence: str, **params: object) -> None:
        finding = Finding(xml.line_of(element), element.get("id") or "", self.name, sentence, params=params)
        self.findings.append(finding)

    def _cell(self, element: etree._Element, text: str, *, unary: bool = False) -> Cell:
        expression = None
        language = (element.get("expressionLanguage") or "feel").rstrip("/").lower()
        if not language.endswith("feel"):
            self._wrong(element, N_("il linguaggio «%(language)s» non è ammesso: solo FEEL"), language=language)
        else:
            expression = self._compile(element, text, unary=unary)
        return Cell(element.get("id") or "", xml.line_of(element), text, expression)

    def _compile(self, element: etree._Element, text: str, *, unary: bool) -> feel.Expression | None:
        try:
            return feel.compile(text, unary=unary, names=self.names)
        except feel.FeelError as problem:
            self._wrong(element, N_("«%(text)s»: %(why)s"), text=text[:80], why=str(problem))
            return None

    # -- decisions -----------------------------------------------------------------------------------------------------

    def decisions(self, root: etree._Element) -> dict[str, Decision]:
        """Return every decision of the file that has an id of its own."""
        language = (root.get("expressionLanguage") or "feel").rstrip("/").lower()
        if not language.endswith("feel"):
            self._wrong(root, N_("il linguaggio «%(language)s» non è ammesso: solo FEEL"), language=language)
        self._refuse(root)
        elements = list(self._all(root, "decision"))
        if not elements or len(elements) > MAX_DECISIONS:
            self._wrong(root, N_("il file deve contenere da 1 a %(most)s decisioni"), most=MAX_DECISIONS)
            return {}
        self.names = tuple(
            each.get("name") or "" for kind in ("decision", "inputData") for each in self._all(root, kind)
        )
        found: dict[str, Decision] = {}
        for element in elements:
            self.name = element.get("name") or ""
            decision = self._decision(element)
            if not decision.element or decision.element in found:
                self._wrong(element, N_("ogni decisione deve avere un id che non si ripete"))
            found.setdefault(decision.element, decision)
        self._check_requirements(found)
        return found

    def _refuse(self, root: etree._Element) -> None:
        for kind in ("businessKnowledgeModel", "import", "decisionService"):
            for element in self._all(root, kind):
                self.name = element.get("name") or ""
                self._wrong(
                    element, N_("gli elementi «%(kind)s» non sono ammessi: usa una tabella o un'espressione"), kind=kind
                )

    def _decision(self, element: etree._Element) -> Decision:
        variable = self._find(element, "variable")
        name = element.get("name") or element.get("id") or ""
        return Decision(
            element=element.get("id") or "",
            line=xml.line_of(element),
            name=name,
            variable=(variable.get("name") if variable is not None else "") or name,
            logic=self._logic(element),
            requires=tuple(self._requirements(element)),
        )

    def _requirements(self, element: etree._Element) -> Iterator[str]:
        for requirement in self._all(element, "informationRequirement"):
            needed = self._find(requirement, "requiredDecision")
            if needed is not None:
                yield (needed.get("href") or "").removeprefix("#")

    def _check_requirements(self, found: dict[str, Decision]) -> None:
        for decision in found.values():
            for needed in decision.requires:
                if needed not in found:
                    self._misled(decision, N_("la decisione richiesta «%(needed)s» non è nel file"), needed=needed)
                elif _leads_to(found, needed, decision.element):
                    self._misled(
                        decision, N_("la decisione dipende da se stessa passando per «%(needed)s»"), needed=needed
                    )

    def _misled(self, decision: Decision, sentence: str, **params: object) -> None:
        self.findings.append(Finding(decision.line, decision.element, decision.name, sentence, params=params))

    def _logic(self, element: etree._Element) -> Table | Cell | None:
        table, literal = self._find(element, "decisionTable"), self._find(element, "literalExpression")
        if table is not None:
            return self._table(table)
        if literal is not None:
            return self._cell(literal, _text(literal, self.namespace))
        self._wrong(element, N_("la decisione non ha né una tabella né un'espressione"))
        return None

    # -- tables --------------------------------------------------------------------------------------------------------

    def _table(self, element: etree._Element) -> Table:
        policy, aggregation = element.get("hitPolicy") or "UNIQUE", element.get("aggregation") or ""
        inputs = tuple(self._input(each) for each in self._all(element, "input"))
        outputs = tuple(self._output(each) for each in self._all(element, "output"))
        rows = list(self._all(element, "rule"))
        if policy not in POLICIES or aggregation not in AGGREGATIONS:
            rule = f"{policy} {aggregation}".strip()
            self._wrong(element, N_("la regola di selezione «%(rule)s» non esiste"), rule=rule)
        if not outputs or len(inputs) > MAX_COLUMNS or len(outputs) > MAX_COLUMNS:
            sentence = N_(
                "la tabella deve avere un risultato e al massimo %(most)s colonne di condizioni e di risultati"
            )
            self._wrong(element, sentence, most=MAX_COLUMNS)
        if not rows or len(rows) > MAX_RULES:
            self._wrong(element, N_("la tabella deve avere da 1 a %(most)s righe"), most=MAX_RULES)
        self._check_outputs(element, policy, aggregation, outputs)
        rules = tuple(self._rule(row, len(inputs), len(outputs)) for row in rows[:MAX_RULES])
        return Table(policy, aggregation, inputs, outputs, rules)

    def _check_outputs(
        self, element: etree._Element, policy: str, aggregation: str, outputs: tuple[Column, ...]
    ) -> None:
        if len(outputs) > 1 and aggregation:
            self._wrong(element, N_("una tabella con più risultati non può sommarli o contarli: lascia l'elenco"))
        if aggregation and policy != "COLLECT":
            self._wrong(element, N_("solo una tabella che raccoglie (COLLECT) può sommare o contare i risultati"))
        names = [each.name for each in outputs]
        if len(outputs) > 1 and (not all(names) or len(set(names)) < len(names)):
            self._wrong(element, N_("ogni colonna di risultato deve avere un nome che non si ripete"))
        if policy in ("PRIORITY", "OUTPUT ORDER") and not any(each.allowed for each in outputs):
            self._wrong(element, N_("per ordinare i risultati serve l'elenco dei valori ammessi, dal più importante"))

    def _input(self, element: etree._Element) -> Column:
        inner = self._find(element, "inputExpression")
        text = _text(inner, self.namespace)
        if inner is None or not text:
            self._wrong(element, N_("la colonna non dice quale dato guardare"))
        test = self._cell(inner, text) if inner is not None and text else None
        kind = (inner.get("typeRef") if inner is not None else "") or ""
        return self._column(element, text, kind, test, "inputValues")

    def _output(self, element: etree._Element) -> Column:
        return self._column(element, element.get("name") or "", element.get("typeRef") or "", None, "outputValues")

    def _column(self, element: etree._Element, name: str, kind: str, test: Cell | None, values: str) -> Column:
        allowed, default = self._find(element, values), self._find(element, "defaultOutputEntry")
        allowed_text, default_text = _text(allowed, self.namespace), _text(default, self.namespace)
        return Column(
            element=element.get("id") or "",
            line=xml.line_of(element),
            name=name,
            label=element.get("label") or name or self.name,
            type=kind.rpartition(":")[2],
            test=test,
            allowed=self._cell(allowed, allowed_text, unary=True) if allowed is not None and allowed_text else None,
            default=self._cell(default, default_text) if default is not None and default_text else None,
        )

    def _rule(self, element: etree._Element, inputs: int, outputs: int) -> Rule:
        tests, results = list(self._all(element, "inputEntry")), list(self._all(element, "outputEntry"))
        if len(tests) != inputs or len(results) != outputs:
            self._wrong(element, N_("la riga non ha tante celle quante sono le colonne"))
        return Rule(
            element=element.get("id") or "",
            line=xml.line_of(element),
            tests=tuple(self._cell(each, _text(each, self.namespace) or "-", unary=True) for each in tests[:inputs]),
            results=tuple(self._result(each) for each in results[:outputs]),
        )

    def _result(self, element: etree._Element) -> Cell:
        text = _text(element, self.namespace)
        return self._cell(element, "null" if text in ("", "-") else text)


def _leads_to(found: dict[str, Decision], start: str, goal: str) -> bool:
    waiting, seen = [start], set()
    while waiting:
        each = waiting.pop()
        if each == goal:
            return True
        if each not in seen and each in found:
            seen.add(each)
            waiting.extend(found[each].requires)
    return False
