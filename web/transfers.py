"""Transfers (messa in rete): the board of the central desk and the projects, the page of one, offers, plan."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, actions, codes, travel
from cases import transfers as register
from cases.transfers import Offer, Transfer
from core.errors import NotYours
from tasks import drafts, forms, transfers
from web.language import say
from web.sheet import Page

pages = Blueprint("transfers", __name__, url_prefix="/transfers")

CENTRAL = ("nv_operator", "nv_supervisor")


@pages.get("")
def show_list() -> str:
    """What is under way, as far as this person may know it."""
    access.require(g.actor, "transfer.list")
    found = access.list_transfers(g.db, g.actor)
    return render_template("transfers/list.html", transfers=[(each, _may_offer(each)) for each in found])


@pages.get("/<code>")
def show(code: str) -> str:
    """One transfer: the anonymous profile, the offers, where it stands. Who she is is not on it."""
    return render_template("transfers/show.html", **_facts(access.get_transfer(g.db, g.actor, code)))


@pages.post("/<code>/plan/read")
def read_plan(code: str) -> str:
    """The same page with the travel plan, for who is named in it; every reading is written down."""
    plan = transfers.read_plan(g.db, g.actor, code)
    return render_template("transfers/show.html", **_facts(access.get_transfer(g.db, g.actor, code)), plan=plan)


@pages.get("/<code>/offer")
def ask_offer(code: str) -> str:
    """What to say of a place that is offered."""
    return _ask(code, transfers.OFFER, _may_offer)


@pages.post("/<code>/offer")
def offer(code: str) -> str | Response:
    """Offer a place."""
    return _do(code, transfers.OFFER, _may_offer, transfers.offer, "offered")


@pages.get("/<code>/withdraw")
def ask_withdraw(code: str) -> str:
    """What to write down when she does not leave after all."""
    return _ask(code, transfers.WITHDRAWAL, _may_withdraw)


@pages.post("/<code>/withdraw")
def withdraw(code: str) -> str | Response:
    """She does not leave: from this instant nobody outside sees anything."""
    return _do(code, transfers.WITHDRAWAL, _may_withdraw, transfers.withdraw, "not_leaving")


@pages.get("/<code>/plan")
def ask_plan(code: str) -> str:
    """An empty travel plan: what was written before is not shown to whoever writes it anew."""
    return _ask(code, transfers.PLAN, _may_plan)


@pages.post("/<code>/plan")
def write_plan(code: str) -> str | Response:
    """Keep the travel plan for the people named in it."""
    return _do(code, transfers.PLAN, _may_plan, transfers.plan, "planned")


Allowed = Callable[[Transfer], bool]


def _ask(code: str, form: str, allowed: Allowed) -> str:
    sheet = transfers.form_of(g.db, form, about=_allowed(code, allowed).code, translate=say)
    return _form_page(code, form, Page(sheet, drafts.fill(sheet, None)))


def _do(code: str, form: str, allowed: Allowed, act: Callable[..., Any], done: str) -> str | Response:
    sheet = transfers.form_of(g.db, form, about=_allowed(code, allowed).code, translate=say)
    typed = forms.typed(sheet, request.form)
    if "_refresh" in request.form:
        return _form_page(code, form, Page(sheet, typed))
    g.again = lambda problem: _form_page(code, form, Page(sheet, typed, problem.errors))
    act(g.db, g.actor, code, request.form, translate=say)
    return redirect(url_for("transfers.show", code=code, done=done), 303)


def _form_page(code: str, form: str, sheet: Page) -> str:
    return render_template("transfers/form.html", code=code, what=form, sheet=sheet, action=request.path)


def _allowed(code: str, allowed: Allowed) -> Transfer:
    transfer = access.get_transfer(g.db, g.actor, code)
    if not allowed(transfer):
        raise NotYours
    return transfer


def _may_offer(transfer: Transfer) -> bool:
    return transfers.may_offer(g.db, g.actor, transfer) is not None


def _may_withdraw(transfer: Transfer) -> bool:
    return transfers.may_withdraw(g.db, g.actor, transfer)


def _may_plan(transfer: Transfer) -> bool:
    return transfers.may_plan(g.db, g.actor, transfer)


def _facts(transfer: Transfer) -> dict[str, object]:
    owner = access.owns_case_of(g.db, g.actor, transfer)
    inside = owner or bool(g.actor.posts(*CENTRAL)) or transfer.status == "arrived"
    offered = [(made, register.conditions_of(g.db, made)) for made in _offers(transfer, inside=inside)]
    return {
        "transfer": transfer,
        "owner": owner,
        "inside": inside,
        "offers": offered,
        "profile": [(name, transfer.profile[name]) for name in register.PROFILE if name in transfer.profile],
        "lists": {"gender": "genere", "age_band": "fascia_eta", "place_kind": "tipo_accoglienza"},
        "steps": [code for code, _ in codes.TRANSFER_STATUSES[:4]],
        "may_offer": _may_offer(transfer),
        "may_withdraw": _may_withdraw(transfer),
        "may_plan": _may_plan(transfer),
        "reads_plan": transfer.status == "accepted" and g.actor.user_id in travel.readers(g.db, transfer.code),
    }


def _offers(transfer: Transfer, *, inside: bool) -> list[Offer]:
    """All of them for who looks for the place; for a project its own."""
    mine = g.actor.posts(*actions.RECEIVING)
    return [made for made in register.offers(g.db, transfer.code) if inside or made.post in mine]
