"""Referrals (invii): what was asked of other bodies for the people of one's cases, the most overdue first."""

from flask import Blueprint, g, render_template, request

from cases import access, referrals

pages = Blueprint("referrals", __name__, url_prefix="/referrals")

PAGE = 100


@pages.get("")
def show_list() -> str:
    """The referrals of the cases this person may see; open ones, or all."""
    access.require(g.actor, "referral.list")
    only_open = request.args.get("status") != "all"
    start = min(max(request.args.get("start", 0, int), 0), 1_000_000)
    found = referrals.list_(g.db, g.actor, only_open=only_open, start=start, limit=PAGE + 1)
    return render_template(
        "referrals/list.html", referrals=found[:PAGE], only_open=only_open, start=start, page=PAGE,
        more=len(found) > PAGE,
    )  # fmt: skip
