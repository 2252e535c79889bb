"""The draft of a model as a list: the same steps without a drawing, changed, added and removed by keyboard alone."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from cases.actions import TASK_ROLES
from core.errors import N_, BadInput, InvalidForm, NotYours, Refused
from engine import differ_names, differ_words, drafts, editing, editing_parts
from engine.drafts import PROCESS
from engine.editing import Editor, Step, edit
from engine.editing_tree import plain
from engine.normalize import BOOLEANS
from tasks import workshop as work
from web import labels
from web.language import named, say
from web.spans import PLAIN, as_rule, in_words
from web.workshop import words

pages = Blueprint("workshop_list", __name__, url_prefix="/models")
# Which words of the vocabulary name the value of a field.
NAMED = {"phase": "phases", "form": "forms", "service": "services", "decision": "decisions", "calledElement": "calls"}
SPANS = ("reminders", "timer")
MODEL = "model"
YES_OR_NO = frozenset(
    {
        *("cancelActivity", "isSequential", "required", "fact", "not_future", "disallowPassedDates", "showOutline"),
        *(*BOOLEANS, "waitForCompletion", "isImmediate", "isUnlimited", "isRequired", "cancelRemainingInstances"),
        *("not_past", "fold", "use24h", "disabled", "readonly", "searchable", "mustUnderstand"),
    }
)
LONGEST = {"name": 120, "name_en": 120, "documentation": 4000}
LONGEST_FACT = 500
BLANKS = dict.fromkeys(map(ord, "\n\r\t\u00a0"))  # what is pasted from other programs has them
TRIGGERS = {
    "timer": N_("tempo"),
    "message": N_("messaggio"),
    "signal": N_("segnale"),
    "error": N_("errore"),
    "escalation": N_("avviso"),
    "conditional": N_("condizione"),
    "terminate": N_("ferma tutto"),
    "link": N_("rimando"),
}
SORTS = {
    "userTask": N_("un'attività di una persona"),
    "serviceTask": N_("un servizio, che fa il sistema"),
    "businessRuleTask": N_("una tabella di decisione"),
}


PARTS = {
    "timer": N_("Quando scatta"),
    "loop_number": N_("Quante volte"),
    "loop_list": N_("Una volta per ogni voce di"),
    "loop_until": N_("Basta quando"),
    "loop_while": N_("Si ripete finché"),
}
MAPPED = {"input": N_("Che cosa passa a «%(name)s»"), "output": N_("Che cosa torna in «%(name)s»")}


@pages.app_template_global()
def step_sort(step: Step) -> str:
    """What sort of element it is; of an event also what it waits for or says."""
    sort = say(differ_names.KINDS.get(step.kind, step.kind))
    return f"{sort}: {say(TRIGGERS[step.trigger])}" if step.trigger in TRIGGERS else sort


@pages.app_template_global()
def step_title(step: Step) -> str:
    """What to call an element: its name; a nameless fork by where it leads, an event by what it is."""
    if step.name:
        return step.name
    sort, onward = step_sort(step), " / ".join(dict.fromkeys(way.target_name for way in step.ways))
    if step.kind.endswith("Gateway") and onward:
        return f"{sort} → {onward}"
    return sort


@pages.app_template_global()
def plainly(field: str, text: str) -> str:
    """What a field of a step says, as the panel beside the drawing says it; as it is written where it has no words."""
    part = "" if "{" in field else field.split(" ")[-1]  # another program means what it likes by the same name
    if part in NAMED:
        if "vocabulary" not in g:
            g.vocabulary = work.vocabulary(g.db)
        return next((named(word) for word in g.vocabulary[NAMED[part]] if word.id == text), text)
    if part in YES_OR_NO and text in ("true", "false"):
        return say(N_("sì") if text == "true" else N_("no"))
    if word := differ_words.value_words(field, text):
        return say(word)
    if field == "sort":
        return say(differ_names.KINDS.get(text, text))
    if text == differ_words.HERE:
        return say(text)
    if field in ("inside", "after"):
        return say(text) if text in differ_words.NOWHERE else text
    if part == "group":
        return say(labels.ROLES[text]) if text in labels.ROLES else text
    if part == "dueSource":
        source, term = labels.source_of(text)
        return f"{say(source)} {term}".strip() if source else ""
    if part in ("due", "reminders", "timeDuration"):
        return in_words(text)
    return text


@pages.get("/<key>/draft/steps")
def show(key: str) -> str:
    """All the steps of the draft, or of what is in force where there is none."""
    access.require(g.actor, "model.read")
    source, editor = opened(key)
    found = work.findings(g.db, PROCESS, key, editor.content())
    wrong: dict[str, list[str]] = {}
    for each in found:
        wrong.setdefault(each.element, []).append(words(each))
    steps = editor.steps()
    listed = {step.id for step in steps}
    elsewhere = [text for element, texts in wrong.items() if element not in listed for text in texts]
    return render_template(
        "workshop/steps.html", source=source, draft=_draft(key), steps=steps, wrong=wrong, elsewhere=elsewhere,
        titles={step.id: step_title(step) for step in steps},
    )  # fmt: skip


@pages.get("/<key>/draft/steps/<element>")
def ask(key: str, element: str) -> str:
    """One step, to be changed."""
    access.require(g.actor, "model.edit")
    step = opened(key)[1].step(element)
    return _form(key, element, _typed(step))


@pages.post("/<key>/draft/steps/<element>")
def change(key: str, element: str) -> Response:
    """Write what was changed into the draft."""
    access.require(g.actor, "model.edit")
    typed = request.form.to_dict()
    g.again = lambda problem: _form(key, element, typed, problem)
    step = opened(key)[1].step(element)
    said = _said(step.kind, typed, parts_of(step), _read(step.kind, _typed(step), parts_of(step), {}))
    save(key, lambda editor: editor.change(element, said))
    return redirect(url_for("workshop_list.show", key=key, done="draft_saved", _anchor=element), 303)


@pages.get("/<key>/draft/steps/<element>/add")
def ask_add(key: str, element: str) -> str:
    """A new step after this one."""
    access.require(g.actor, "model.edit")
    step = opened(key)[1].step(element)
    return _add_form(key, element, {"group": step.group, "sort": "userTask"})


@pages.post("/<key>/draft/steps/<element>/add")
def add(key: str, element: str) -> Response:
    """Put it into the way that was chosen, on the drawing too."""
    access.require(g.actor, "model.edit")
    typed = request.form.to_dict()
    g.again = lambda problem: _add_form(key, element, typed, problem)
    step = opened(key)[1].step(element)
    sort, way = typed.get("sort", ""), typed.get("way", "")
    if sort not in SORTS or way not in {each.id for each in step.ways}:
        raise BadInput
    said = _said(sort, typed)
    made: list[str] = []
    save(key, lambda editor: made.append(editor.add(way, sort, said)))
    return redirect(url_for("workshop_list.show", key=key, done="step_drawn", _anchor=made[0]), 303)


@pages.get("/<key>/draft/steps/<element>/remove")
def ask_remove(key: str, element: str) -> str:
    """Really? And what comes after what then."""
    access.require(g.actor, "model.edit")
    return _remove_form(key, element)


@pages.post("/<key>/draft/steps/<element>/remove")
def remove(key: str, element: str) -> Response:
    """Take the step out of the draft."""
    access.require(g.actor, "model.edit")
    g.again = lambda problem: _remove_form(key, element, problem)
    opened(key)[1].step(element)
    save(key, lambda editor: editor.remove(element))
    return redirect(url_for("workshop_list.show", key=key, done="step_taken_out"), 303)


def opened(key: str) -> tuple[work.Source, Editor]:
    """What the draft is of, and the draft as a list."""
    source = work.source(g.db, PROCESS, key)
    return source, Editor(work.content(g.db, PROCESS, key))


def _draft(key: str) -> Any:
    return drafts.find(g.db, PROCESS, key)


def save(key: str, change: Any) -> None:
    """Apply a change to the draft as it is; it is kept only on the revision that the page showed. Whoever was told that
    a colleague saved meanwhile writes over her words, which stay as a copy.
    """
    given = request.form.get("revision", "")
    if not given.isdecimal() or len(given) > 9:
        raise BadInput
    content = edit(work.content(g.db, PROCESS, key), change)
    save_ = work.write_over if "over" in request.form else work.save
    save_(g.db, PROCESS, key, content, int(given), by=g.actor.user_id)


def _typed(step: Step) -> dict[str, str]:
    """A step as its form shows it: a plain due date as a number and its unit, anything else as the rule that it is."""
    typed = {"name": step.name, "name_en": step.name_en, "documentation": step.documentation, "group": step.group}
    typed |= dict(step.facts)
    plain = PLAIN.fullmatch(step.facts.get("due", ""))
    if plain:
        days, hours = plain["days"], plain["hours"]
        typed |= {"due": "", "due_number": days or hours, "due_unit": "day" if days else "hour"}
    typed |= {name: in_words(step.facts[name]) for name in SPANS if step.facts.get(name)}
    typed["source"], _, typed["term"] = step.facts.get("dueSource", "").partition(" ")
    for way in step.ways:
        typed |= {f"way-{way.id}": way.name, f"condition-{way.id}": way.condition}
    return typed


@pages.app_template_global()
def parts_of(step: Step) -> dict[str, str]:
    """What stands inside a step and can be rewritten here: by name, what its field is called."""
    words = {}
    for name in step.facts:
        way, _, target = name.partition("-")
        if name in PARTS:
            words[name] = say(PARTS[name])
        elif way in MAPPED and target:
            words[name] = say(MAPPED[way], {"name": target})
    return words


def _said(
    kind: str, typed: Mapping[str, str], parts: Iterable[str] = (), shown: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """What was typed as the editor takes it, but for what the form showed already; what cannot be is refused beside its
    field.
    """
    wrong: dict[str, list[str]] = {}
    said = _read(kind, typed, parts, wrong)
    changed = {name: text for name, text in said.items() if text != shown.get(name)}
    wrong |= unfit(changed)
    for name in parts:
        if name in said and not said[name]:
            wrong[name] = [N_("Non può restare vuoto: per toglierlo c'è la sua pagina, qui sotto.")]
    if "name" in said and not said["name"] and kind in SORTS:
        wrong["name"] = [N_("Scrivi come si chiama il passo: si comincia con un verbo.")]
    if wrong:
        raise InvalidForm(wrong)
    return changed


def _read(kind: str, typed: Mapping[str, str], parts: Iterable[str], wrong: dict[str, list[str]]) -> dict[str, str]:
    """All that a form says, in the words of the file."""
    said = {name: plain(text) for name, text in typed.items() if name.startswith(("way-", "condition-"))}
    for name in ("name", "name_en", "documentation", "group", "called", "message", *editing.OWN.get(kind, ()), *parts):
        if name in typed:
            said[name] = plain(as_rule(typed[name]) if name in SPANS else typed[name])
    if "due" in said or "due_number" in typed:
        said["due"] = plain(span(typed, wrong))
        source = f"{typed.get('source') or MODEL} {typed.get('term', '')}".strip()
        said["dueSource"] = source if said["due"] else ""
    if said.get("group") and said["group"] not in TASK_ROLES:
        del said["group"]
    return said


def unfit(said: Mapping[str, str]) -> dict[str, list[str]]:
    """What no model may hold, beside its field."""
    wrong = {}
    for name, text in said.items():
        if len(text) > LONGEST.get(name, LONGEST_FACT):
            wrong[name] = [N_("Troppo lungo: accorcia il testo.")]
        elif not text.translate(BLANKS).isprintable():
            wrong[name] = [N_("Contiene un carattere che un modello non può avere.")]
    return wrong


def span(typed: Mapping[str, str], wrong: dict[str, list[str]], field: str = "due") -> str:
    """A length of time as a number and its unit, or as a rule; what is neither is written down as wrong."""
    number, rule = typed.get(f"{field}_number", "").strip(), typed.get(field, "").strip()
    if number and rule:
        wrong[f"{field}_number"] = [N_("O un numero o una regola: non tutti e due.")]
    elif number and (not number.isdecimal() or not 0 < int(number[:4]) < 1000 or len(number) > 3):
        wrong[f"{field}_number"] = [N_("Scrivi un numero da 1 a 999.")]
    elif number:
        return f"PT{int(number)}H" if typed.get(f"{field}_unit") == "hour" else f"P{int(number)}D"
    return rule


def _form(key: str, element: str, typed: Mapping[str, str], problem: Refused | None = None) -> str:
    source, editor = opened(key)
    step = editor.step(element)
    shown = {**{name: text for name, text in _typed(step).items() if problem is None}, **typed}
    return render_template(
        "workshop/step.html",
        source=source,
        step=step,
        typed=shown,
        parts=parts_of(step),
        messages=list(editing_parts.messages(editor.root).items()),
        **choices(key, problem),
    )


def _add_form(key: str, element: str, typed: Mapping[str, str], problem: Refused | None = None) -> str:
    source, editor = opened(key)
    step = editor.step(element)
    if not step.ways:
        raise NotYours
    sorts = [(sort, say(sentence)) for sort, sentence in SORTS.items()]
    return render_template(
        "workshop/add.html", source=source, step=step, typed=typed, sorts=sorts, **choices(key, problem)
    )


def _remove_form(key: str, element: str, problem: Refused | None = None) -> str:
    source, editor = opened(key)
    revision = drafts.revision_of(g.db, PROCESS, key)
    step = editor.step(element)
    with_it = [step_title(editor.step(each)) for each in editor.goes_with(element)[1:]]
    host = step_title(editor.step(step.host)) if step.host else ""
    return render_template(
        "workshop/remove.html", source=source, step=step, revision=revision, with_it=with_it, host=host, problem=problem
    )


def choices(key: str, problem: Refused | None) -> dict[str, Any]:
    """What every form of a step needs: the words to choose from, the revision, what was wrong."""
    found = work.vocabulary(g.db)
    lists = {kind: [(word.id, _entry(word)) for word in entries] for kind, entries in found.items()}
    return {
        "lists": lists,
        "sources": [(source, say(sentence)) for source, sentence in labels.DUE_SOURCES.items()],
        "groups": [(role, say(labels.ROLES[role])) for role in sorted(TASK_ROLES)],
        "revision": drafts.revision_of(g.db, PROCESS, key),
        "errors": getattr(problem, "errors", {}),
        "problem": problem,
    }


def _entry(word: work.Word) -> str:
    name = named(word)
    return name if name == word.id else f"{name} ({word.id})"
