"""Rules on words that are not BPMN's: our own, each in its place, and those of other tools, which do nothing here."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from lxml import etree

from core.errors import N_
from engine.findings import Finding
from engine.lint_drawing import APPRODO, PEOPLE, B, Drawing, kind, line_of, owner_of

# Our attributes, and the elements that each means something on; `nameEn` may stand anywhere.
PLACES = {
    "group": PEOPLE | {"lane"},
    **dict.fromkeys(("assignee", "due", "dueSource", "phase", "reminders"), PEOPLE),
    "form": frozenset({"userTask"}),
    "startable": frozenset({"process"}),
    "service": frozenset({"serviceTask"}),
    **dict.fromkeys(("decision", "result"), frozenset({"businessRuleTask"})),
}
ANYWHERE = frozenset({"nameEn"})
ELEMENTS = frozenset({"input", "output"})
# Places where other tools keep code or the name of code.
CODE = re.compile(
    r"(script(?!ion)|listener|connector|class|expression|delegate|prescript|postscript|serviceTaskOperator|instancescript)",
    re.I,
)
# Colours, shapes and the name of the program that drew them: nothing that anybody would expect to happen.
DRAWING = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/",
    "http://www.omg.org/spec/BPMN/non-normative/color/",
    "http://bpmn.io/schema/bpmn/",
    "http://camunda.org/schema/modeler/",
    "http://www.w3.org/",
)


def ours(drawing: Drawing) -> Iterable[Finding]:
    """A slip of the pen in our own words would mean a due date or a mapping that never comes to be."""
    for element in drawing.root.iter("*"):
        if element.tag.startswith(APPRODO):
            yield from _own_element(drawing, element)
        here = kind(element)
        for attribute in map(str, element.attrib):
            slip = _slip(attribute, here)
            if slip:
                yield _at_owner(drawing, element, slip, _local(attribute))


def _own_element(drawing: Drawing, element: etree._Element) -> Iterable[Finding]:
    name, parent = _local(element.tag), element.getparent()
    if name not in ELEMENTS:
        sentence = N_("approdo:%(name)s non esiste: ci sono approdo:input e approdo:output")
        yield _at_owner(drawing, element, sentence, name)
    elif parent is None or kind(parent) != "extensionElements":
        yield _at_owner(drawing, element, N_("approdo:%(name)s va direttamente dentro extensionElements"), name)
    for attribute in map(str, element.attrib):
        if attribute not in ("target", "expression"):
            sentence = N_("una mappatura ha «target» ed «expression», non «%(name)s»")
            yield _at_owner(drawing, element, sentence, _local(attribute))


@lru_cache(1_000)
def _slip(attribute: str, here: str) -> str | None:
    """What is wrong with an attribute on this kind of element, if something is; a model says the same few a thousand
    times.
    """
    name = _local(attribute)
    if attribute == name:
        unmarked = here in PLACES.get(name, ())
        return N_("scrivi approdo:%(name)s: senza il prefisso l'attributo non ha effetto") if unmarked else None
    if not attribute.startswith(APPRODO) or (name in ANYWHERE and here):
        return None
    if name not in PLACES:
        return N_("l'attributo approdo:%(name)s non esiste: controlla come è scritto")
    return None if here in PLACES[name] else N_("l'attributo approdo:%(name)s qui non ha effetto: toglilo")


def code(drawing: Drawing) -> Iterable[Finding]:
    """Code of other tools is refused, wherever it hides."""
    for element in drawing.root.iter("*"):
        for name in filter(_is_foreign, map(str, element.attrib)):
            if CODE.search(_local(name)):
                sentence = N_("l'attributo «%(name)s» di un altro programma contiene codice: non è ammesso")
                yield _at_owner(drawing, element, sentence, _local(name))
        if _is_foreign(element.tag) and CODE.search(_local(element.tag)) and _is_extension(element):
            sentence = N_("l'estensione «%(name)s» di un altro programma contiene codice: non è ammessa")
            yield _at_owner(drawing, element, sentence, _local(element.tag))


def foreign(drawing: Drawing) -> Iterable[Finding]:
    """What other tools say is kept in the file; of each of their words it is said once that nothing is done of it."""
    found: dict[str, list[etree._Element]] = {}
    for element in drawing.root.iter("*"):
        names = [element.tag] if _is_foreign(element.tag) else [*filter(_is_foreign, map(str, element.attrib))]
        parent = element.getparent()
        if parent is not None and _is_foreign(parent.tag):
            continue  # a part of what was named already
        for name in names:
            if not CODE.search(_local(name)) and not name[1:].startswith(DRAWING):
                found.setdefault(name, []).append(element)
    sentence = N_("«%(name)s» di un altro programma qui non ha effetto (righe: %(lines)s): se serve, ridisegnalo")
    for name, elements in found.items():
        lines = ", ".join(str(line_of(element)) for element in elements[:5]) + ", …" * (len(elements) > 5)
        yield _at_owner(drawing, elements[0], sentence, _shown(elements[0], name), "warning", lines=lines)


def _is_extension(element: etree._Element) -> bool:
    return next(element.iterancestors(f"{B}extensionElements"), None) is not None


@lru_cache(1_000)
def _is_foreign(name: str) -> bool:
    return name.startswith("{") and not name.startswith((APPRODO, B))


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _shown(element: etree._Element, name: str) -> str:
    """Return a name as it stands in the file, with its prefix."""
    prefix = next((prefix for prefix, space in element.nsmap.items() if name == f"{{{space}}}{_local(name)}"), None)
    return f"{prefix}:{_local(name)}" if prefix else _local(name)


def _at_owner(
    drawing: Drawing, element: etree._Element, sentence: str, name: str, level: str = "error", **params: object
) -> Finding:
    """Return a finding on the line of a word, at the drawn element that it belongs to."""
    owner = owner_of(element)
    return Finding(
        line_of(element), owner.get("id") or "", drawing.label(owner), sentence, level, {"name": name, **params}
    )


RULES: tuple[Callable[[Drawing], Iterable[Finding]], ...] = (ours, code, foreign)
