"""Who does a task, by when, with which form: the words of other programs for user tasks."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from core.errors import N_
from engine import juel, timing
from engine.foreign_parts import Adoption
from engine.lint_drawing import B, kind

_FORM: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_EMBEDDED: Final = "camunda-forms:bpmn:"
_PLACES: Final = re.compile(r"camunda-forms:(?:deployment|app):(.+)\.form")
_ONE_TEXT: Final = re.compile(r'=\s*\[?\s*"([^"\\]*)"\s*\]?\s*')
_IN_GROUP: Final = re.compile(r"group\(([^()]*)\)")
_GROUP: Final = N_("il gruppo «%(was)s» è diventato «%(now)s»")
_FORM_SET: Final = N_("il modulo «%(was)s» è diventato «%(now)s»")
_DUE: Final = N_("la scadenza «%(was)s» è diventata «%(now)s»")
_NO_PERSON: Final = N_("una persona non si scrive nel modello: scegli un gruppo, l'attività si assegna quando c'è")
_FIELDS: Final = N_("i campi scritti dentro l'attività non sono un modulo: crea il modulo e sceglilo qui")


def _groups(adoption: Adoption, task: etree._Element, text: str, word: str = "candidateGroups") -> None:
    names = [name.strip() for name in text.split(",") if name.strip()]
    found = adoption.names.groups.get(names[0].casefold()) if len(names) == 1 else None
    if juel.is_juel(text) or text.lstrip().startswith("="):
        adoption.leave(task, word, N_("un gruppo che si calcola non c'è: scegli il gruppo o mettila in una corsia"))
    elif len(names) != 1:
        adoption.leave(task, word, N_("qui un'attività è di un solo gruppo: scegli tra «%(text)s»"), text=text)
    elif found:
        adoption.write(task, "group", found, _GROUP, names[0])
    else:
        adoption.leave(task, word, N_("il gruppo «%(text)s» qui non esiste: scegline uno della rete"), text=names[0])


def _assignee(adoption: Adoption, task: etree._Element, text: str, word: str = "assignee") -> None:
    """The name of a variable that holds whose task it is means the same here; anything else does not."""
    found = juel.to_feel(text)
    if found and found.isidentifier() and found not in adoption.initiators:
        adoption.write(task, "assignee", found, N_("l'assegnatario «%(was)s» è il dato «%(now)s»"), text)
    else:
        adoption.leave(task, word, _NO_PERSON)


def adopt(adoption: Adoption, element: etree._Element) -> None:
    """BPMN's own words for whose task it is (BPMN 2.0, 10.3.4), read as Activiti and Flowable do: a potential owner is
    a group unless it says `user(…)`, a human performer is a person.
    """
    task, word = element.getparent(), kind(element)
    if task is None or word not in ("potentialOwner", "humanPerformer") or kind(task) != "userTask":
        return
    named = {each.get("id"): each.get("name") or "" for each in adoption.root.iter(f"{B}resource")}
    texts = [each.text or "" for each in element.iter(f"{B}formalExpression", f"{B}expression")]
    texts += [named.get((each.text or "").rpartition(":")[2].strip(), "") for each in element.iter(f"{B}resourceRef")]
    text = " ".join(" ".join(texts).split())
    group = _IN_GROUP.fullmatch(text)
    if word == "humanPerformer" and text:
        _assignee(adoption, task, text, word)
    elif "user(" in text:
        adoption.leave(task, word, _NO_PERSON)
    elif text:
        _groups(adoption, task, group[1] if group else text, word)


def _users(adoption: Adoption, task: etree._Element, _text: str) -> None:
    adoption.leave(task, "candidateUsers", _NO_PERSON)


def _due(adoption: Adoption, task: etree._Element, text: str) -> None:
    if juel.is_juel(text):
        found = juel.to_span(text) or juel.to_feel(text)
    else:
        found = text.strip() if re.match(r"[\dP]", text.strip()) else None
    _set_due(adoption, task, text, found)


def _set_due(adoption: Adoption, task: etree._Element, text: str, found: str | None) -> None:
    if found is not None and timing.check(found, timing.DUE) is None:
        adoption.write(task, "due", found, _DUE, text)
    else:
        why = N_("la scadenza «%(text)s» non si può tradurre: scrivila come P3D, come data o in FEEL")
        adoption.leave(task, "dueDate", why, text=text)


def _form(adoption: Adoption, task: etree._Element, text: str) -> None:
    place = _PLACES.fullmatch(text.strip())
    name = place[1] if place else text.strip()
    if kind(task) == "startEvent":
        adoption.leave(task, "formKey", N_("un inizio non ha modulo: mettilo nella prima attività"))
    elif _FORM.fullmatch(name):
        adoption.write(task, "form", name, _FORM_SET, text)
    else:
        adoption.leave(task, "formKey", N_("il modulo «%(text)s» qui non esiste: crealo e sceglilo"), text=text)


def _binding(adoption: Adoption, task: etree._Element, text: str) -> None:
    if text != "latest":
        adoption.leave(task, "formRefBinding", N_("qui vale sempre la versione del modulo in vigore"))


def _fields(adoption: Adoption, _task: etree._Element, each: etree._Element) -> None:
    adoption.leave(each, str(each.tag), _FIELDS)


def _assignment(adoption: Adoption, task: etree._Element, each: etree._Element) -> None:
    if groups := each.get("candidateGroups"):
        one = _ONE_TEXT.fullmatch(groups)
        _groups(adoption, task, one[1] if one else groups)
    if assignee := each.get("assignee"):
        name = assignee.strip().removeprefix("=").strip()
        if assignee.strip().startswith("=") and name.isidentifier():
            adoption.write(task, "assignee", name, N_("l'assegnatario «%(was)s» è il dato «%(now)s»"), assignee)
        else:
            adoption.leave(each, "assignee", _NO_PERSON)
    if each.get("candidateUsers"):
        adoption.leave(each, "candidateUsers", _NO_PERSON)


def _schedule(adoption: Adoption, task: etree._Element, each: etree._Element) -> None:
    if due := each.get("dueDate"):
        text = due.strip()
        _set_due(adoption, task, due, text.removeprefix("=").strip() if text[:1] in "=P0123456789" else None)
    if each.get("followUpDate"):
        adoption.leave(each, "followUpDate", N_("il giorno in cui riguardarla lo sceglie chi lavora, nella sua lista"))


def _definition(adoption: Adoption, task: etree._Element, each: etree._Element) -> None:
    """A form by its id, or one that is drawn inside the model, which comes out as a form of its own."""
    key, form_id = each.get("formKey") or "", each.get("formId") or ""
    if each.get("externalReference"):
        adoption.leave(each, "externalReference", N_("i moduli stanno qui dentro: creane uno e sceglilo"))
    elif key.startswith(_EMBEDDED):
        _take_out(adoption, task, key[len(_EMBEDDED) :])
    elif form_id or key:
        _form(adoption, task, form_id or key)
    if each.get("bindingType") not in (None, "latest"):
        adoption.leave(each, "bindingType", N_("qui vale sempre la versione del modulo in vigore"))


def _take_out(adoption: Adoption, task: etree._Element, form_id: str) -> None:
    drawn = (each for each in adoption.root.iter("{*}userTaskForm") if each.get("id") == form_id)
    text = next((each.text or "" for each in drawn), "")
    name = re.sub(r"[^a-z0-9]+", "_", form_id.lower()).strip("_")[:60]
    if not _FORM.fullmatch(name) or not _is_form(text):
        adoption.leave(task, "formDefinition", N_("il modulo disegnato nel file non si può leggere: crealo qui"))
        return
    adoption.forms[name] = text
    adoption.write(task, "form", name, N_("il modulo «%(was)s», disegnato nel file, è diventato «%(now)s»"), form_id)


def _is_form(text: str) -> bool:
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(schema, dict) and isinstance(schema.get("components"), list)


def _drawn_form(_adoption: Adoption, _task: etree._Element, _each: etree._Element) -> None:
    """Told of where it is used."""


PEOPLE_ATTRIBUTES: Final[Mapping[str, Callable[[Adoption, etree._Element, str], None]]] = {
    "candidateGroups": _groups,
    "candidateUsers": _users,
    "assignee": _assignee,
    "dueDate": _due,
    "formKey": _form,
    "formRef": _form,
    "formRefBinding": _binding,
}
PEOPLE_ELEMENTS: Final[Mapping[str, Callable[[Adoption, etree._Element, etree._Element], None]]] = {
    "assignmentDefinition": _assignment,
    "taskSchedule": _schedule,
    "formDefinition": _definition,
    "userTaskForm": _drawn_form,
    "7:formData": _fields,
    "7:formProperty": _fields,
}
