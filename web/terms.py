"""Terms: the rules in use and their history; a coordinator proposes a new version, another one decides."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, offices, proposals, terms
from cases.offices import slug
from cases.proposals import Proposal
from cases.terms import Term
from core import calendar
from core.calendar import Computed
from core.errors import N_, InvalidForm, NotYours, Refused
from tasks import terms as work
from web.termform import as_typed, example_days, read

pages = Blueprint("terms", __name__, url_prefix="/terms")


@pages.get("")
def show_list() -> str:
    """All the terms: searched by words, filtered by certainty."""
    access.require(g.actor, "term.read")
    wanted, certainty = request.args.get("q", "")[:100].strip(), request.args.get("certainty", "")
    found = [group for group in _by_id().items() if _fits(group[1], wanted, certainty)]
    waiting = {proposal.term_id for proposal in proposals.list_(g.db)}
    differing = {entry.term_id for entry in terms.waiting_entries(g.db)}
    return render_template(
        "terms/list.html", found=found, q=wanted, certainty=certainty, waiting=waiting, differing=differing
    )


@pages.get("/<term_id>")
def show(term_id: str) -> str:
    """One term: what holds, what held, who changed what, and what waits; with a day, the date it gives."""
    access.require(g.actor, "term.read")
    known = terms.versions(g.db, term_id)
    return render_template(
        "terms/show.html",
        term_id=term_id,
        in_use=terms.in_use(g.db, term_id),
        changes=[(term, _changed(term, older)) for term, older in zip(known, [*known[1:], None], strict=True)],
        newest=known[0],
        told=proposals.list_(g.db, term_id),
        entries=[(entry, _differs(term_id, entry.facts)) for entry in terms.waiting_entries(g.db, term_id)],
        offices=offices.list_(g.db),
        answer=_answer(term_id),
    )


@pages.get("/<term_id>/propose")
def ask(term_id: str) -> str:
    """The form of a new version, filled with the one in use, or with what the file says."""
    access.require(g.actor, "term.change")
    known = terms.versions(g.db, term_id)
    waiting = {entry.slot: entry.facts for entry in terms.waiting_entries(g.db, term_id)}
    facts = waiting.get(request.args.get("slot", "-")) or vars((terms.in_use(g.db, term_id) or known)[-1])
    return _form(term_id, as_typed(facts))


@pages.post("/<term_id>/propose")
def propose(term_id: str) -> str | Response:
    """Write down a proposal, or only show what it would do."""
    access.require(g.actor, "term.change")
    terms.versions(g.db, term_id)
    typed = request.form.to_dict()
    g.again = lambda problem: _form(term_id, typed, problem)
    facts = read(typed)
    if "_preview" in request.form:
        values = {**facts, "id": term_id}
        if wrong := proposals.check(g.db, values):
            raise InvalidForm(wrong)
        return _form(term_id, typed, values=values)
    made = work.propose(
        g.db, g.actor, term_id, facts, typed.get("reason", ""), confirmed=typed.get("confirm") == "true"
    )  # fmt: skip
    return redirect(url_for("terms.show_proposal", term_id=term_id, proposal_id=made.id, done="proposed"), 303)


@pages.get("/<term_id>/proposals/<proposal_id>")
def show_proposal(term_id: str, proposal_id: str) -> str:
    """One proposal: what changes, what it does to the other versions, what some dates would become."""
    access.require(g.actor, "term.read")
    return _proposal(_of(term_id, proposal_id))


@pages.post("/<term_id>/proposals/<proposal_id>/approve")
def approve(term_id: str, proposal_id: str) -> Response:
    """The second person says yes: the version is in use."""
    access.require(g.actor, "term.change")
    _of(term_id, proposal_id)
    seen = request.form.get("seen", 0, int)
    proposals.approve(g.db, proposal_id, seen, by=g.actor.user_id)
    return redirect(url_for("terms.show", term_id=term_id, done="term_approved"), 303)


@pages.post("/<term_id>/proposals/<proposal_id>/reject")
def reject(term_id: str, proposal_id: str) -> Response:
    """The second person says no, and why."""
    return _close(term_id, proposal_id, proposals.reject, "term_rejected")


@pages.post("/<term_id>/proposals/<proposal_id>/withdraw")
def withdraw(term_id: str, proposal_id: str) -> Response:
    """The author takes it back, and says why."""
    return _close(term_id, proposal_id, proposals.withdraw, "term_withdrawn")


@pages.post("/<term_id>/keep")
def keep_ours(term_id: str) -> Response:
    """What stands here stays, whatever the file says."""
    access.require(g.actor, "term.change")
    terms.versions(g.db, term_id)
    terms.keep_ours(g.db, term_id, by=g.actor.user_id)
    return redirect(url_for("terms.show", term_id=term_id, done="term_kept"), 303)


def _close(term_id: str, proposal_id: str, verb: Any, done: str) -> Response:
    access.require(g.actor, "term.change")
    proposal = _of(term_id, proposal_id)
    g.again = lambda problem: _proposal(proposal, problem)
    verb(g.db, proposal_id, request.form.get("reason", ""), by=g.actor.user_id)
    return redirect(url_for("terms.show", term_id=term_id, done=done), 303)


def _of(term_id: str, proposal_id: str) -> Proposal:
    proposal = proposals.get(g.db, proposal_id)
    if proposal.term_id != term_id:
        raise NotYours
    return proposal


def _form(
    term_id: str, typed: Mapping[str, str], problem: Refused | None = None, values: Mapping[str, Any] | None = None
) -> str:
    errors = getattr(problem, "errors", {})
    if values is None and set(errors) == {"confirm"}:
        values = {**read(typed), "id": term_id}
    return render_template(
        "terms/propose.html",
        term_id=term_id,
        typed=typed,
        errors=errors,
        effects=proposals.effects(g.db, values) if values else None,
        examples=proposals.examples(g.db, values, example_days(typed, values)) if values else [],
    )


def _proposal(proposal: Proposal, problem: Refused | None = None) -> str:
    values = proposal.values
    is_open = proposal.status == "open"
    days = example_days(request.args, values)
    return render_template(
        "terms/proposal.html",
        proposal=proposal,
        values=values,
        changed=_differs(proposal.term_id, values) if is_open else [],
        effects=proposals.effects(g.db, values) if is_open else [],
        examples=proposals.examples(g.db, values, days) if is_open else [],
        seen=terms.versions(g.db, proposal.term_id)[0].version,
        mine=proposal.proposed_by == g.actor.user_id,
        errors=getattr(problem, "errors", {}),
        typed=request.form.get("reason", ""),
    )


def _by_id() -> dict[str, list[Term]]:
    found: dict[str, list[Term]] = {}
    for term in terms.list_(g.db):
        found.setdefault(term.id, []).append(term)
    return found


def _fits(group: list[Term], wanted: str, certainty: str) -> bool:
    text = slug(" ".join(f"{term.id} {term.name} {term.name_en} {term.source} {term.who}" for term in group))
    return all(slug(word) in text for word in wanted.split()) and (
        not certainty or any(term.certainty in certainty for term in group)
    )


def _changed(term: Term, older: Term | None) -> list[tuple[str, Any, Any]]:
    """What a version says otherwise than the one before it."""
    return _difference(vars(older), vars(term)) if older else []


def _differs(term_id: str, facts: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What these facts say otherwise than the version in use for their days."""
    dates = {name: _as_date(facts.get(name)) for name in ("valid_from", "valid_to")}
    start = dates["valid_from"] or date.min
    holding = [term for term in terms.in_use(g.db, term_id) if (term.valid_to or date.max) >= start]
    return _difference(vars(holding[0]) if holding else {}, {**facts, **dates})


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    return [
        (name, old.get(name), new.get(name))
        for name in terms.FIELDS
        if (old.get(name) or None) != (new.get(name) or None)
    ]


def _as_date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None


def _answer(term_id: str) -> tuple[Term, Computed] | str | None:
    """What the term gives for the day that was asked for, or why it gives nothing."""
    asked = request.args.get("from", "")
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return N_("Scrivi una data che esiste.")
    return _date(term_id, day)


def _date(term_id: str, day: date) -> tuple[Term, Computed] | str:
    if not calendar.FIRST_YEAR < day.year < calendar.LAST_YEAR:
        return N_("La data esce dal calendario.")
    holding = [t for t in terms.in_use(g.db, term_id) if (t.valid_from or date.min) <= day <= (t.valid_to or date.max)]
    if not holding:
        return N_("Nessuna versione di questo termine vale per un fatto di quel giorno.")
    if holding[-1].length is None:
        return N_("Questo termine non ha una durata: la nota dice perché.")
    place = request.args.get("office", "")
    known = place in {office.code for office in offices.list_(g.db)}
    where = offices.calendar_of(g.db, place if known else None)
    court = {name: name in request.args for name in ("august", "saturday")}
    return holding[-1], terms.compute_on(holding[-1], day, office=where, **court)
