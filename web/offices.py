"""Offices: on which days each is closed, kept by the coordinators."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, offices
from core.errors import N_, InvalidForm, Refused

pages = Blueprint("offices", __name__, url_prefix="/offices")


@pages.get("")
def show_list() -> str:
    """All the offices, each with its closed days."""
    access.require(g.actor, "term.read")
    found = [(office, offices.days(g.db, office.code)) for office in offices.list_(g.db)]
    return render_template("offices/list.html", found=found)


@pages.get("/<office>")
def show(office: str) -> str:
    """One office."""
    access.require(g.actor, "term.read")
    return _page(office)


@pages.post("/<office>")
def add_day(office: str) -> Response:
    """Close the office on more days."""
    access.require(g.actor, "term.change")
    typed = request.form.to_dict()
    g.again = lambda problem: _page(office, typed, problem)
    offices.add_day(g.db, office, _read(typed), by=g.actor.user_id)
    return redirect(url_for("offices.show", office=office, done="day_added"), 303)


@pages.post("/<office>/days/<day_id>")
def end_day(office: str, day_id: str) -> Response:
    """From a day on the office is open again, or the entry was a mistake."""
    access.require(g.actor, "term.change")
    typed = request.form.to_dict()
    g.again = lambda problem: _page(office, typed, problem)
    wrong: dict[str, list[str]] = {}
    last = _day(typed, f"last-{day_id}", wrong)
    if wrong:
        raise InvalidForm(wrong)
    offices.end_day(g.db, office, day_id, last, by=g.actor.user_id)
    return redirect(url_for("offices.show", office=office, done="day_ended"), 303)


def _page(code: str, typed: Mapping[str, str] | None = None, problem: Refused | None = None) -> str:
    found = offices.get(g.db, code)
    return render_template(
        "offices/show.html",
        office=found,
        days=offices.days(g.db, code),
        typed=typed or {},
        errors=getattr(problem, "errors", {}),
    )


def _read(typed: Mapping[str, str]) -> dict[str, Any]:
    wrong: dict[str, list[str]] = {}
    facts: dict[str, Any] = {name: _day(typed, name, wrong) for name in ("valid_from", "valid_to")}
    for name in ("day", "month"):
        text = typed.get(name, "").strip()
        facts[name] = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None
    facts |= {"kind": typed.get("kind"), "note": typed.get("note", "").replace("\0", "")}
    if wrong:
        raise InvalidForm(wrong)
    return facts


def _day(typed: Mapping[str, str], name: str, wrong: dict[str, list[str]]) -> date | None:
    try:
        return date.fromisoformat(typed[name]) if typed.get(name, "").strip() else None
    except ValueError:
        wrong[name] = [N_("Scrivi una data che esiste.")]
        return None
