"""Reading form-js: the JSON that a coordinator draws becomes components, or findings in words.

Refused, because the page or the check could not be the same with and without JavaScript: HTML, pictures, frames,
tables, repeated groups, options taken from data, templated texts, own file fields (documents have their own page).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.errors import N_
from engine import feel
from engine.findings import Finding
from tasks.components import CHOICES, CLASSES, FACTUAL, INPUTS, STATIC, Component, Option

NEWEST_SCHEMA = 19
LIMITS = ("minLength", "maxLength", "min", "max")
LONGEST_PATTERN = 200
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?", re.ASCII)
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
Hides = tuple[feel.Expression, ...]
INNERMOST_GROUP = re.compile(r"\(([^()]*)\)([*+{]?)")


class Reader:
    """Reads one form-js schema; `findings` holds what the form may not contain, `parts` the rest."""

    def __init__(self, lists: frozenset[str] | None = None) -> None:
        self.parts: list[Component] = []
        self.findings: list[Finding] = []
        self._lists = lists
        self._where = ("", "")

    def read(self, schema: Mapping[str, Any]) -> None:
        """Walk the whole schema."""
        if schema.get("type") != "default" or not isinstance(schema.get("components"), list):
            self._say(N_("non è un modulo form-js"))
            return
        if _number(schema.get("schemaVersion", 1)) > NEWEST_SCHEMA:
            self._say(N_("è fatto con un editor più recente (schema %(schema)s)"), schema=schema["schemaVersion"])
        self._walk(schema["components"], "", {}, ())
        self._check_whole()

    def _walk(self, raw: Sequence[Any], group: str, heading: Mapping[str, str], hides: Hides) -> None:
        for component in raw:
            if not isinstance(component, dict):
                self._say(N_("contiene un elemento che non è un componente"))
                continue
            self._where = (str(component.get("key") or component.get("id") or ""), str(component.get("label") or ""))
            inherited = hides + self._hide(component)
            inside = component.get("components")
            if (
                component.get("type") == "group"
                and not component.get("path")
                and isinstance(inside, list)
                and not group
            ):
                said = _properties(component)
                about = {"group_en": said.get("label_en", ""), "fold": said.get("fold", "")}
                self._walk(inside, str(component.get("label") or " "), about, inherited)
            else:
                self._part(component, group, heading, inherited)

    def _part(self, raw: dict[str, Any], group: str, heading: Mapping[str, str], hides: Hides) -> None:
        kind = str(raw.get("type"))
        if kind not in INPUTS | STATIC:
            self._say(N_("il componente «%(type)s» non è ammesso"), type=kind)
            return
        rules = _mapping(raw.get("validate"))
        part = Component(
            type=kind,
            key=str(raw.get("key") or raw.get("id") or ""),
            label=str(raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel") or ""),
            description=str(raw.get("description") or ""),
            text=str(raw.get("text") or ""),
            subtype=str(raw.get("subtype") or "date") if kind == "datetime" else "",
            group=group,
            options=self._options(raw, kind),
            limits=self._limits(rules),
            rules=rules,
            hides=hides,
            properties={**_properties(raw), **heading},
            default=raw.get("defaultValue"),
            decimals=_decimals(raw.get("decimalDigits")),
            step=str(raw.get("increment") or ""),
            not_past=bool(raw.get("disallowPassedDates")),
            locked=raw.get("disabled") is True or raw.get("readonly") is True,
        )
        self.parts.append(part)
        self._check_part(part, raw)

    def _hide(self, raw: dict[str, Any]) -> tuple[feel.Expression, ...]:
        condition = _mapping(raw.get("conditional")).get("hide")
        if not condition:
            return ()
        made = self._feel(str(condition))
        return (made,) if made else ()

    def _limits(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        """The four limits that may be numbers (or text with one: the editor's habit) or FEEL."""
        limits = {}
        for name in LIMITS:
            value = rules.get(name)
            if value not in (None, ""):
                limits[name] = self._limit(value)
        return limits

    def _limit(self, value: Any) -> feel.Expression | str | None:
        if isinstance(value, str) and value.startswith("="):
            return self._feel(value)
        if not NUMBER.fullmatch(str(value)):
            self._say(N_("il limite «%(value)s» non è un numero"), value=str(value)[:40])
            return None
        return str(value)

    def _feel(self, text: str) -> feel.Expression | None:
        if not text.startswith("="):
            self._say(N_("la condizione «%(text)s» deve cominciare con ="), text=text)
            return None
        try:
            return feel.compile(text[1:])
        except feel.FeelError as problem:
            self._say(N_("l'espressione «%(text)s» non è valida: %(why)s"), text=text, why=str(problem))
            return None

    def _options(self, raw: dict[str, Any], kind: str) -> tuple[Option, ...]:
        if kind not in CHOICES:
            return ()
        properties = _properties(raw)
        if name := properties.get("list", ""):
            if self._lists is not None and name not in self._lists:
                self._say(N_("l'elenco «%(list)s» non esiste"), list=name)
            return ()
        values = raw.get("values")
        if not isinstance(values, list) or not values or not all(isinstance(v, dict) and "value" in v for v in values):
            self._say(N_("ha bisogno di un elenco di scelte"))
            return ()
        return tuple(_option(value, properties) for value in values)

    def _check_part(self, part: Component, raw: dict[str, Any]) -> None:
        if (which := part.asked[0]) and self._lists is not None and which not in self._lists:
            self._say(N_("l'elenco «%(list)s» non esiste"), list=which)
        if part.is_input:
            self._check_field(part)
        elif part.type == "text" and "{{" in part.text:
            self._say(N_("i testi non possono contenere espressioni {{ }}"))
        if raw.get("valuesKey") or raw.get("valuesExpression"):
            self._say(N_("le scelte non possono venire dai dati: usare un elenco con nome"))
        wanted = part.label if part.is_input else part.text
        if wanted and not part.properties.get("label_en" if part.is_input else "text_en"):
            self._say(N_("manca il testo in inglese"), level="warning")
        if any(not option.label_en for option in part.options):
            self._say(N_("manca il testo in inglese di qualche scelta"), level="warning")

    def _check_field(self, part: Component) -> None:
        if not KEY.fullmatch(part.key):
            self._say(N_("la chiave «%(key)s» deve essere una sola parola minuscola"), key=part.key)
        if not part.label:
            self._say(N_("il campo non ha etichetta"))
        if part.cls not in CLASSES:
            self._say(N_("la classe di protezione «%(cls)s» non esiste"), cls=part.cls)
        if part.is_fact and (part.type not in FACTUAL or part.cls != "P1"):
            self._say(N_("solo scelte, date, numeri e spunte di classe P1 possono passare al percorso"))
        if part.type == "datetime" and part.subtype not in ("date", "time", "datetime"):
            self._say(N_("il tipo di data «%(subtype)s» non è ammesso"), subtype=part.subtype)
        self._check_pattern(part.rules.get("pattern"))

    def _check_pattern(self, pattern: Any) -> None:
        if not pattern:
            return
        try:
            re.compile(str(pattern))
        except re.error as problem:
            self._say(N_("l'espressione regolare non è utilizzabile: %(why)s"), why=str(problem))
        if _may_explode(str(pattern)):
            self._say(N_("l'espressione regolare è troppo complessa: niente ripetizioni dentro ripetizioni"))

    def _check_whole(self) -> None:
        keys = [part.key for part in self.parts if part.is_input]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self._where = (key, "")
            self._say(N_("la chiave è usata due volte"))
        for part in self.parts:
            self._where = (part.key, part.label)
            for name in sorted(set(_names(part)) - set(keys)):
                self._say(N_("la condizione nomina il campo «%(field)s», che non c'è"), field=name)

    def _say(self, sentence: str, *, level: str = "error", **params: object) -> None:
        self.findings.append(Finding(None, *self._where, sentence, level, params))


def _names(part: Component) -> Iterator[str]:
    for expression in (*part.hides, *part.limits.values()):
        if isinstance(expression, feel.Expression):
            yield from expression.names


def _may_explode(pattern: str) -> bool:
    """Whether a search could take very long: repeating what repeats or chooses, back-references, many repetitions."""
    plain = re.sub(r"\\[^1-9]|\[(?:\\.|[^\]\\])*\]", "x", pattern)
    if len(pattern) > LONGEST_PATTERN or re.search(r"\\[1-9]|\(\?P=", plain):
        return True
    if len(re.findall(r"[*+]|\{\d*,\}", plain)) > 2:
        return True
    while group := INNERMOST_GROUP.search(plain):
        repeats = re.search(r"[*+{|~]", group[1])
        if repeats and group[2]:
            return True
        plain = plain[: group.start()] + ("~" if repeats else "x") + group[2] + plain[group.end() :]
    return False


def _option(raw: Mapping[str, Any], properties: Mapping[str, str]) -> Option:
    value = str(raw["value"])
    return Option(value, str(raw.get("label") or value), properties.get(f"option_en.{value}", ""))


def _properties(raw: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in _mapping(raw.get("properties")).items()}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _decimals(value: Any) -> int | None:
    return int(value) if str(value).isdigit() else None


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
