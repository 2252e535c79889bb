"""Writes DMN files as dmn-js does, from a few words."""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{namespace}" '
    'xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" '
    'xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0" id="Definitions_1" name="Prova" '
    'namespace="http://camunda.org/schema/1.0/dmn" exporter="dmn-js" exporterVersion="17.10.2">\n'
)


@dataclass
class Column:
    """An input (`text` is its expression) or an output (`text` is its name)."""

    text: str
    type: str = "string"
    values: str = ""
    default: str = ""


@dataclass
class Table:
    """A decision table: the rows are texts with `|` between the cells, conditions first."""

    inputs: list[Column]
    outputs: list[Column]
    rows: list[str]
    policy: str = ""
    aggregation: str = ""
    id: str = "table"
    name: str = "Tabella"
    needs: list[str] = field(default_factory=list)

    def xml(self) -> str:
        policy = f' hitPolicy="{self.policy}"' if self.policy else ""
        policy += f' aggregation="{self.aggregation}"' if self.aggregation else ""
        parts = [f'  <decision id="{self.id}" name="{self.name}">', *map(_need, self.needs)]
        parts.append(f'    <decisionTable id="{self.id}_logic"{policy}>')
        parts += [_input(f"{self.id}_in{n}", each) for n, each in enumerate(self.inputs, 1)]
        parts += [_output(f"{self.id}_out{n}", each) for n, each in enumerate(self.outputs, 1)]
        parts += [self._rule(f"{self.id}_row{n}", each) for n, each in enumerate(self.rows, 1)]
        return "\n".join([*parts, "    </decisionTable>", "  </decision>"])

    def _rule(self, name: str, row: str) -> str:
        cells = [each.strip() for each in row.split("|")]
        inputs, outputs = cells[: len(self.inputs)], cells[len(self.inputs) :]
        parts = [f'      <rule id="{name}">', "        <description></description>"]
        parts += [_cell("inputEntry", f"{name}_if{n}", each) for n, each in enumerate(inputs, 1)]
        parts += [_cell("outputEntry", f"{name}_then{n}", each) for n, each in enumerate(outputs, 1)]
        return "\n".join([*parts, "      </rule>"])


def literal(decision: str, text: str, *, needs: tuple[str, ...] = ()) -> str:
    """Return a decision that is an expression."""
    inner = f'    <literalExpression id="{decision}_logic"><text>{escape(text)}</text></literalExpression>'
    return "\n".join([f'  <decision id="{decision}" name="{decision}">', *map(_need, needs), inner, "  </decision>"])


def file(*decisions: Table | str, namespace: str = NAMESPACE) -> bytes:
    """Return a whole DMN file."""
    parts = [each if isinstance(each, str) else each.xml() for each in decisions]
    return "\n".join([HEAD.format(namespace=namespace), *parts, "</definitions>\n"]).encode()


def _need(decision: str) -> str:
    inner = f'<requiredDecision href="#{decision}" />'
    return f'    <informationRequirement id="needs_{decision}">{inner}</informationRequirement>'


def _cell(kind: str, name: str, text: str) -> str:
    return f'        <{kind} id="{name}"><text>{escape("" if text == "-" else text)}</text></{kind}>'


def _values(kind: str, name: str, text: str) -> str:
    return f'<{kind} id="{name}_{kind}"><text>{escape(text)}</text></{kind}>' if text else ""


def _input(name: str, column: Column) -> str:
    text = f"<text>{escape(column.text)}</text>"
    inner = f'<inputExpression id="{name}_expression" typeRef="{column.type}">{text}</inputExpression>'
    inner += _values("inputValues", name, column.values)
    return f'      <input id="{name}" label={quoteattr(column.text)} biodi:width="192">{inner}</input>'


def _output(name: str, column: Column) -> str:
    inner = _values("outputValues", name, column.values) + _values("defaultOutputEntry", name, column.default)
    label = quoteattr(column.text)
    return f'      <output id="{name}" label={label} name={label} typeRef="{column.type}">{inner}</output>'
