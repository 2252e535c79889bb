"""What the list of a draft makes in a step: a boundary timer, a repetition, data mappings, another place."""

from collections.abc import Mapping

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from cases.actions import TASK_ROLES
from core.errors import N_, BadInput, InvalidForm, NotYours, Refused
from engine import editing_making as making
from engine import editing_order
from engine.editing import Editor, Step
from engine.lint_drawing import ACTIVITIES
from web.language import say
from web.workshop_list import choices, opened, save, span, step_title, unfit

pages = Blueprint("workshop_parts", __name__, url_prefix="/models/<key>/draft/steps/<element>")

HOW = {
    making.NON_INTERRUPTING: N_("si fa altro, e il passo continua"),
    making.CYCLE: N_("si fa altro ogni volta, finché il passo è aperto"),
    making.INTERRUPTING: N_("il passo si ferma"),
}
SORTS = {
    "": N_("una volta sola"),
    making.NUMBER: N_("un numero di volte"),
    making.LIST: N_("una volta per ogni voce di un elenco"),
    making.WHILE: N_("finché una condizione vale"),
}
ORDERS = {"one": N_("una dopo l'altra"), "all": N_("tutte insieme")}
EARLIER = (N_("Prima di: %(name)s"), N_("Un posto prima"))
LATER = (N_("Dopo: %(name)s"), N_("Un posto dopo"))
MAPPINGS = {"input": N_("che cosa riceve"), "output": N_("che cosa torna")}


@pages.app_template_global()
def may_hold(step: Step) -> list[str]:
    """Which of these pages a step has: timer, repeat, mappings."""
    active = ["timer", "repeat"] if step.kind in ACTIVITIES else []
    return [*active, *(["mappings"] if making.ways(step.kind) else [])]


# -- a time ------------------------------------------------------------------------------------------------------------


@pages.get("/timer")
def ask_timer(key: str, element: str) -> str:
    """What is to happen if this step takes too long?"""
    access.require(g.actor, "model.edit")
    step = _step(key, element, "timer")
    return _timer_form(key, element, {"way": making.NON_INTERRUPTING, "group": step.group})


@pages.post("/timer")
def set_timer(key: str, element: str) -> Response:
    """Put the time on its border, with what follows it, on the drawing too."""
    access.require(g.actor, "model.edit")
    typed = request.form.to_dict()
    g.again = lambda problem: _timer_form(key, element, typed, problem)
    _step(key, element, "timer")
    timer = _timer(typed)
    made: list[str] = []
    save(key, lambda editor: made.append(making.set_timer(editor, element, timer)))
    return redirect(url_for("workshop_list.show", key=key, done="time_set", _anchor=made[0]), 303)


def _timer(typed: Mapping[str, str]) -> making.Timer:
    said = {name: typed.get(name, "").strip() for name in ("name", "name_en", "when", "step", "form", "target")}
    wrong = unfit({**said, "name": said["name"], "step": said["step"][:400]})
    when, way = span(typed, wrong, "when"), typed.get("way", "")
    if way not in HOW or typed.get("group", "") not in {"", *TASK_ROLES}:
        raise BadInput
    if not said["name"]:
        wrong["name"] = [N_("Scrivi che cosa è successo: «non arriva», «è tardi».")]
    if not when and not wrong.keys() & {"when", "when_number"}:
        wrong["when_number"] = [N_("Scrivi dopo quanto tempo.")]
    if way == making.CYCLE and when and not when.startswith("R"):
        when = f"R/{when}"
    due = span(typed, wrong)
    if wrong:
        raise InvalidForm(wrong)
    facts = {"group": typed.get("group", ""), "form": said["form"], "due": due, "dueSource": "model" if due else ""}
    return making.Timer(said["name"], when, way, said["name_en"], said["step"], facts, said["target"])


def _timer_form(key: str, element: str, typed: Mapping[str, str], problem: Refused | None = None) -> str:
    source, editor = opened(key)
    targets = [(each, step_title(editor.step(each))) for each in making.targets(editor, element)]
    return render_template(
        "workshop/timer.html",
        source=source,
        step=editor.step(element),
        typed=typed,
        hows=_words(HOW),
        targets=targets,
        **choices(key, problem),
    )


# -- repetitions -------------------------------------------------------------------------------------------------------


@pages.get("/repeat")
def ask_repeat(key: str, element: str) -> str:
    """How often is this step done?"""
    access.require(g.actor, "model.edit")
    _step(key, element, "repeat")
    return _repeat_form(key, element, making.repetition(opened(key)[1], element))


@pages.post("/repeat")
def repeat(key: str, element: str) -> Response:
    """Write it into the draft, or take the repetition away."""
    access.require(g.actor, "model.edit")
    typed = request.form.to_dict()
    g.again = lambda problem: _repeat_form(key, element, typed, problem)
    _step(key, element, "repeat")
    said = _repetition(typed)
    save(key, lambda editor: making.repeat(editor, element, said))
    return redirect(url_for("workshop_list.show", key=key, done="draft_saved", _anchor=element), 303)


def _repetition(typed: Mapping[str, str]) -> dict[str, str]:
    said = {name: typed.get(name, "").strip() for name in ("kind", "value", "item", "order", "until", "most")}
    wrong = unfit(said)
    if said["kind"] not in SORTS or said["order"] not in {"", *ORDERS}:
        raise BadInput
    if said["kind"] in (making.NUMBER, making.LIST) and not said["value"]:
        wrong["value"] = [N_("Scrivi quante volte, o il nome dell'elenco.")]
    if said["kind"] == making.WHILE and not said["value"] and not said["most"]:
        wrong["value"] = [N_("Scrivi la condizione, o quante volte al massimo.")]
    if said["most"] and not (said["most"].isdecimal() and 0 < int(said["most"][:4]) <= 200 and len(said["most"]) < 4):
        wrong["most"] = [N_("Scrivi un numero da 1 a 200.")]
    if wrong:
        raise InvalidForm(wrong)
    return said


def _repeat_form(key: str, element: str, typed: Mapping[str, str], problem: Refused | None = None) -> str:
    source, editor = opened(key)
    return render_template(
        "workshop/repeat.html",
        source=source,
        step=editor.step(element),
        typed=typed,
        sorts=_words(SORTS),
        orders=_words(ORDERS),
        **choices(key, problem),
    )


# -- data mappings ----------------------------------------------------------------------------------------------------


@pages.get("/mappings")
def ask_mappings(key: str, element: str) -> str:
    """What this step is told, and what is made of its answer."""
    access.require(g.actor, "model.edit")
    _step(key, element, "mappings")
    return _mappings_form(key, element, {})


@pages.post("/mappings")
def add_mapping(key: str, element: str) -> Response:
    """One more."""
    access.require(g.actor, "model.edit")
    typed = request.form.to_dict()
    g.again = lambda problem: _mappings_form(key, element, typed, problem)
    _step(key, element, "mappings")
    way, target, expression = (typed.get(name, "").strip() for name in ("way", "target", "expression"))
    if wrong := unfit({"target": target, "expression": expression}):
        raise InvalidForm(wrong)
    save(key, lambda editor: making.add_mapping(editor, element, way, target, expression))
    return redirect(url_for("workshop_parts.ask_mappings", key=key, element=element, done="draft_saved"), 303)


@pages.post("/mappings/remove")
def remove_mapping(key: str, element: str) -> Response:
    """One less."""
    access.require(g.actor, "model.edit")
    g.again = lambda problem: _mappings_form(key, element, {}, problem)
    _step(key, element, "mappings")
    way, target = request.form.get("way", ""), request.form.get("target", "")
    save(key, lambda editor: making.remove_mapping(editor, element, way, target))
    return redirect(url_for("workshop_parts.ask_mappings", key=key, element=element, done="draft_saved"), 303)


def _mappings_form(key: str, element: str, typed: Mapping[str, str], problem: Refused | None = None) -> str:
    source, editor = opened(key)
    step = editor.step(element)
    parted = [(*name.partition("-")[::2], text) for name, text in step.facts.items()]
    rows = [(way, say(MAPPINGS[way]), target, text) for way, target, text in parted if way in MAPPINGS and target]
    ways = [(way, say(MAPPINGS[way])) for way in making.ways(step.kind)]
    return render_template(
        "workshop/mappings.html", source=source, step=step, typed=typed, rows=rows, ways=ways, **choices(key, problem)
    )


# -- another place -----------------------------------------------------------------------------------------------------


@pages.get("/place")
def ask_place(key: str, element: str) -> str:
    """After what is this step done?"""
    access.require(g.actor, "model.edit")
    return _place_form(key, element, {})


@pages.post("/place")
def put(key: str, element: str) -> Response:
    """Take it out of its place and put it there, on the drawing too."""
    access.require(g.actor, "model.edit")
    g.again = lambda problem: _place_form(key, element, request.form, problem)
    _require_movable(opened(key)[1].step(element))
    flow = request.form.get("flow", "")
    save(key, lambda editor: editing_order.move(editor, element, flow))
    return redirect(url_for("workshop_list.show", key=key, done="step_moved", _anchor=element), 303)


def _place_form(key: str, element: str, typed: Mapping[str, str], problem: Refused | None = None) -> str:
    source, editor = opened(key)
    step = editor.step(element)
    _require_movable(step)
    spots = [(flow, _between(editor, flow)) for flow in editing_order.places(editor, element)]
    up, down = editing_order.neighbours(editor, element)
    steps = [(flow, editor.ends()[flow][end], said) for flow, end, said in ((up, 1, EARLIER), (down, 0, LATER)) if flow]
    return render_template(
        "workshop/place.html",
        source=source,
        step=step,
        typed=typed,
        spots=spots,
        one_on=[(flow, *(say(words, {"name": _title(editor, near)}) for words in said)) for flow, near, said in steps],
        **choices(key, problem),
    )


def _require_movable(step: Step) -> None:
    if not step.removable or step.host:
        raise NotYours


def _between(editor: Editor, flow: str) -> str:
    source, target = editor.ends()[flow]
    step = editor.step(source)
    words = {"before": step_title(step), "after": _title(editor, target)}
    if len(step.ways) > 1:
        return say(N_("dopo «%(before)s», sulla via verso «%(after)s»"), words)
    return say(N_("dopo «%(before)s», prima di «%(after)s»"), words)


def _title(editor: Editor, element: str) -> str:
    return step_title(editor.step(element))


def _step(key: str, element: str, page: str) -> Step:
    step = opened(key)[1].step(element)
    if page not in may_hold(step):
        raise NotYours
    return step


def _words(sentences: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, say(sentence)) for code, sentence in sentences.items()]
