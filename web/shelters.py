"""Shelters: free beds as numbers for who looks for one; guests and the address for the house's own staff."""

from flask import Blueprint, g, render_template, request

from cases import access, reasons, shelters
from core.errors import NotYours, Refused

pages = Blueprint("shelters", __name__, url_prefix="/shelters")


@pages.get("")
def show_list() -> str:
    """Houses with free beds, and the reader's own houses."""
    access.require(g.actor, "shelter.list")
    own = [(house, shelters.guests(g.db, g.actor, house.code)) for house in shelters.houses_of(g.db, g.actor)]
    return render_template("shelters/list.html", beds=shelters.free_beds(g.db), own=own)


@pages.get("/<code>/address")
def ask_address(code: str) -> str:
    """Why do you need the address?"""
    return _asking(code)


@pages.post("/<code>/address")
def show_address(code: str) -> str:
    """The address, once, after a reason; both are written down."""
    g.again = lambda problem: _asking(code, problem)
    address = shelters.address(g.db, g.actor, code)
    reason = request.form.get("reason", "")
    reasons.keep(g.db, shelters.scope_of(code), "shelter.address_viewed", reason, by=g.actor.user_id)
    return render_template("shelters/address.html", code=code, address=address)


def _asking(code: str, problem: Refused | None = None) -> str:
    houses = {house.code: house for house in shelters.houses_of(g.db, g.actor)}
    access.require(g.actor, "shelter.address")
    if code not in houses:
        raise NotYours
    return render_template("shelters/ask.html", code=code, problem=problem, typed=request.form.get("reason", ""))
