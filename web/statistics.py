"""Statistics: choose a table and a period, look, print, take a file; write down the receipt of who was sent one."""

from collections.abc import Mapping

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from cases import access, codes, periods, posts, receipts
from cases import statistics as register
from cases.receipts import Export
from core import clock
from core.errors import N_, InvalidForm, NotYours, Refused
from tasks import figures, statistics
from tasks.statistics import Figures
from web.language import say

pages = Blueprint("statistics", __name__, url_prefix="/statistics")

UNITS = {
    periods.QUARTER: N_("Solo trimestri interi e già finiti, per esempio da gennaio a marzo."),
    periods.YEAR: N_("Solo anni interi e già finiti, da gennaio a dicembre."),
}
TYPES = {statistics.CSV: "text/csv", statistics.JSON: "application/json"}


@pages.get("")
def show() -> str:
    """The tables there are; once one is chosen, its figures for the last period, or for the one that was asked."""
    access.require(g.actor, "statistics.read")
    if "table" not in request.args:
        kept = statistics.exports(g.db, g.actor)
        return render_template("statistics/list.html", exports=kept, typed={}, errors={}, **_choices())
    typed = _typed(request.args)
    g.again = lambda problem: _page(typed, problem=problem)
    return _page(typed, _count(typed, statistics.VIEWED))


@pages.get("/print")
def print_() -> str:
    """The same figures on paper, with who printed them and when."""
    typed = _typed(request.args)
    g.again = lambda problem: _page(typed, problem=problem)
    found = _count(typed, statistics.PRINTED)
    return render_template("statistics/print.html", found=found, now=clock.now(), **_words(found), **_choices())


@pages.post("/export")
def export() -> Response:
    """The figures as a file to be saved; its hash is kept."""
    typed = _typed(request.form)
    g.again = lambda problem: _page(typed, problem=problem)
    data, made = statistics.export(g.db, _count(typed), request.form.get("format", ""), by=g.actor.user_id)
    return _file(data, made)


@pages.post("/lines")
def export_lines() -> Response:
    """The pseudonymous lines of who agreed, for one receiver."""
    kept = statistics.exports(g.db, g.actor)
    g.again = lambda problem: render_template(
        "statistics/list.html", exports=kept, typed=request.form, errors=problem.errors, **_choices()
    )
    return _file(*statistics.export_lines(g.db, g.actor, request.form.get("receiver", "")))


@pages.get("/exports/<export_id>")
def show_export(export_id: str) -> str:
    """A file that was made, and the receipts that came for it."""
    return _export_page(export_id)


@pages.post("/exports/<export_id>")
def record_receipt(export_id: str) -> Response:
    """Write a receipt down."""
    g.again = lambda problem: _export_page(export_id, problem)
    typed = [request.form.get(name, "") for name in ("receiver", "number", "received_on")]
    statistics.record_receipt(g.db, g.actor, export_id, typed)
    return redirect(url_for("statistics.show_export", export_id=export_id, done="receipt"), 303)


def _typed(source: Mapping[str, str]) -> dict[str, str]:
    """What was asked, with the last period that is over and one's own post where nothing was said."""
    access.require(g.actor, "statistics.read")
    table = source.get("table", "")
    if table not in register.UNITS:
        raise NotYours
    first, last = periods.latest(register.UNITS[table])
    mine = [] if statistics.sees_whole(g.actor) else sorted(statistics.posts_of(g.actor))
    post = source.get("post") or (mine or [""])[0]
    return {"table": table, "from": source.get("from") or first, "to": source.get("to") or last, "post": post}


def _count(typed: Mapping[str, str], verb: str = "") -> Figures:
    wanted = statistics.asked(typed["table"], typed["from"], typed["to"], typed["post"])
    statistics.require(g.actor, wanted)
    found = statistics.count(g.db, wanted)
    return statistics.note(g.db, found, verb, by=g.actor.user_id) if verb else found


def _page(typed: Mapping[str, str], found: Figures | None = None, problem: Refused | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    unit = register.UNITS[typed["table"]]
    told = {"typed": typed, "found": found, "errors": errors, "hint": say(UNITS[unit])}
    return render_template("statistics/show.html", **told, **_words(found), **_choices())


def _words(found: Figures | None) -> dict[str, object]:
    return {
        "named": figures.words(g.db, str(get_locale()), say),
        "dimension": lambda dim: say(figures.DIMENSIONS[dim]),
        "period_name": _period_name,
        "rule": say(figures.RULE),
        "mapping": figures.mapping(),
        "told": figures.table(found.asked.table) if found else None,
    }


def _choices() -> dict[str, object]:
    mine = sorted(statistics.posts_of(g.actor))
    return {
        "tables": figures.mapping()["table"],
        "posts": [(code, posts.get(g.db, code).name) for code in mine],
        "sees_whole": statistics.sees_whole(g.actor),
        "english": str(get_locale()) == "en",
        "receivers": [(code, say(words)) for code, words in codes.RECEIVERS],
        "export_name": _export_name,
    }


def _period_name(code: str) -> str:
    year, _, quarter = code.partition("-Q")
    return say(N_("%(quarter)sº trim. %(year)s"), {"quarter": quarter, "year": year}) if quarter else year


def _export_name(made: Export) -> str:
    """What a file holds, in words."""
    if made.subject == statistics.LINES:
        return say(N_("Righe pseudonime"))
    name = "name_en" if str(get_locale()) == "en" else "name"
    where = posts.get(g.db, made.post).name if made.post else say(N_("tutte le postazioni"))
    return f"{figures.table(made.subject)[name]} · {made.first} – {made.last} · {where}"


def _export_page(export_id: str, problem: Refused | None = None) -> str:
    made = statistics.get_export(g.db, g.actor, export_id)
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    return render_template(
        "statistics/export.html", made=made, receipts=receipts.of(g.db, export_id), errors=errors, typed=request.form,
        name=_export_name(made), receivers=[(code, say(words)) for code, words in codes.FIGURE_RECEIVERS],
    )  # fmt: skip


def _file(data: bytes, made: Export) -> Response:
    """A neutral name: a file in a folder of downloads says nothing of the service."""
    reply = Response(data, mimetype=TYPES[made.format])
    reply.headers["Content-Disposition"] = f'attachment; filename="tabella-{made.sha256[:8]}.{made.format}"'
    return reply
