"""What has been kept long enough: one person asks that it go, another agrees. There is no way back."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, erasures
from core.errors import N_, BadInput, InvalidForm, Refused

pages = Blueprint("erasures", __name__, url_prefix="/erasures")

# What goes, by rule.
GOES = {
    "R01": N_("Tutto ciò che è stato scritto del contatto."),
    "R02": N_("Tutto ciò che si sa della persona: identità, racconti, documenti."),
    "R03": N_("Tutto ciò che si sa della persona: identità, racconti, documenti."),
    "R03m": N_("Tutto ciò che si sa della persona: identità, racconti, documenti."),
    "R04": N_("In quale struttura è stata la persona."),
    "R05": N_("Le note sul rischio, i familiari, i modi per raggiungere la persona."),
}
ACTS = {"ask": erasures.ask, "confirm": erasures.confirm, "refuse": erasures.refuse}
DONE = {"ask": "erasure_asked", "confirm": "erased", "refuse": "erasure_refused"}


@pages.get("")
def show_list() -> str:
    """What is over, what others ask for, what I asked for."""
    return _page()


@pages.post("")
def answer() -> Response:
    """Ask, agree or keep for now, for every line that is ticked."""
    access.require(g.actor, erasures.MAY)
    g.again = lambda problem: _page(problem)
    act, chosen = request.form.get("act", ""), set(request.form.getlist("chosen"))
    if act not in ACTS:
        raise BadInput
    if act == "confirm" and request.form.get("sure") != "yes":
        raise InvalidForm({"sure": [N_("Spunta la casella: quello che si cancella non torna.")]})
    ACTS[act](g.db, g.actor, chosen)
    return redirect(url_for("erasures.show_list", done=DONE[act]), 303)


def _page(problem: Refused | None = None) -> str:
    found = erasures.due(g.db, g.actor)
    me = g.actor.user_id
    return render_template(
        "erasures/list.html", goes=GOES, chosen=set(request.form.getlist("chosen")),
        errors=problem.errors if isinstance(problem, InvalidForm) else {},
        free=[each for each in found if each.asked is None],
        asked=[each for each in found if each.asked is not None and each.asked.asked_by != me],
        mine=[each for each in found if each.asked is not None and each.asked.asked_by == me],
    )  # fmt: skip
