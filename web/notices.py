"""Notices: what a mail may not say, told here to whom it concerns."""

from datetime import UTC, datetime

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from core import clock
from notifications import notices
from tasks import inbox, noticeboard
from tasks.noticeboard import PAGE, Shown
from web.names import notice_words

pages = Blueprint("notices", __name__, url_prefix="/notices")
ADDRESS_ASKED = "address_asked"
# Where a kind of notice leads, for who may go there.
LEADS: dict[str, tuple[str, str]] = {
    ADDRESS_ASKED: ("reveals.show_list", "shelter.reveal"),
    "appointment": ("agenda.show", "agenda.use"),
    **dict.fromkeys(("draft_proposed", "draft_in_your_name"), ("models.show_list", "model.read")),
    "term_proposed": ("terms.show_list", "term.read"),
    "leaflet_written": ("leaflets.show_list", "leaflet.read"),
    **dict.fromkeys(("incident", "incident_up"), ("incidents.show_list", "incident.settle")),
    "rule_proposed": ("reminders.show_list", "reminder.read"),
    **dict.fromkeys(("deadline_up", "stay_up", "consent_up", "referral_up"), ("reminders.show_list", "reminder.read")),
    "mail_bounced": ("mailing.show", ""),
    "nobody_on_call": ("rota.show", "rota.read"),
    "call_left": ("contacts.show_list", "contact.list"),
    "call_landed": ("inbox.show", "task.list"),
    **dict.fromkeys(("call_offered", "call_accepted", "call_refused"), ("contacts.show_list", "contact.list")),
    **dict.fromkeys(("rota_changed", "swap_asked", "swap_answered"), ("rota.show_mine", "rota.read")),
    **dict.fromkeys(("agreement_due", "agreement_over"), ("agreements.show_list", "directory.read")),
    "swap_done": ("rota.show", "rota.read"),
    **dict.fromkeys(
        ("access_review", "access_soon", "access_today", "access_late", "access_up"),
        ("accesses.show_list", "access.review"),
    ),
    "finding": ("audit.show_owned", "directory.read"),
    "handout_asked": ("handouts.show_list", "audit.second"),
    **dict.fromkeys(("handout_granted", "handout_refused"), ("audit.show", "audit.read")),
}
TASK = "task:"
ABOUT_ADDRESS = frozenset({"address_granted", "address_refused"})


@pages.get("")
def show() -> str:
    """This person's notices, what was not read first; those of tasks that wait no longer apart, and new no more."""
    start = min(max(request.args.get("start", 0, int), 0), 1_000_000)
    if g.new_notices:
        g.new_notices -= noticeboard.mark_over(g.db, g.actor)
    found = noticeboard.of(g.db, g.actor, start, PAGE + 1)  # one more: is there another page?
    board = found[:PAGE]
    gone = inbox.over(g.db, (task for shown in board if (task := _task(shown.notice))))
    told = [(shown, notice_words(shown.notice.kind)) for shown in board]
    return render_template(
        "notices/list.html",
        told=[(shown, words, _page(shown)) for shown, words in told if _task(shown.notice) not in gone],
        over=[(shown, words, _case(shown)) for shown, words in told if _task(shown.notice) in gone],
        fresh=[shown.notice.key for shown in board if shown.notice.seen_at is None],
        new=g.new_notices, now=clock.iso(clock.now()), start=start, page=PAGE, more=len(found) > PAGE,
    )  # fmt: skip


@pages.post("/seen")
def mark_seen() -> Response:
    """A page of them is read, or all; not what was told since the page was drawn."""
    shown = request.form.getlist("shown")[:PAGE] if request.form.get("read") == "page" else None
    noticeboard.mark_read(g.db, g.actor, _drawn_at(request.form.get("now", "")), shown)
    return redirect(url_for("notices.show"), 303)


def _drawn_at(typed: str) -> datetime:
    try:
        return datetime.fromisoformat(typed).astimezone(UTC)
    except ValueError:
        return clock.now()


def _page(shown: Shown) -> str:
    """Where the notice leads this person; empty: nowhere."""
    notice = shown.notice
    if notice.kind in ABOUT_ADDRESS and shown.code:
        return url_for("reveals.ask", code=shown.code)
    if task := _task(notice):
        page = "inbox.show_task" if access.may(g.actor, "task.list") else "reminders.show_task"
        return url_for(page, task_id=task) if shown.task is not None else ""
    endpoint, action = LEADS.get(notice.kind, ("", ""))
    first = notice.case_code is None or notice.kind == ADDRESS_ASKED  # else the case itself says more
    if endpoint and first and (not action or access.may(g.actor, action)):
        return url_for(endpoint, _anchor=shown.code if notice.kind == ADDRESS_ASKED else None)
    if shown.code:
        return url_for("cases.show", code=shown.code, _anchor="comments" if notice.kind == "mentioned" else None)
    return url_for("status.show") if not endpoint and access.may(g.actor, "status.read") else ""


def _task(notice: notices.Notice) -> str:
    """The task that the notice speaks of; empty: it speaks of something else."""
    about = notice.about or ""
    return about.removeprefix(TASK) if about.startswith(TASK) else ""


def _case(shown: Shown) -> str:
    return url_for("cases.show", code=shown.code) if shown.code else ""
