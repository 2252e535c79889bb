"""What every page stands in: navigation, banners, small words for templates."""

from datetime import timedelta
from typing import Any, NamedTuple

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext, ngettext
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from cases import access
from cases.access import Actor
from core import clock
from core.errors import N_
from engine import incidents
from notifications import notices, outbox
from tasks import beats, calls, schedule
from web import assets, auditwords, done, names, spans, termwords
from web.language import day, hour, local, say


class Place(NamedTuple):
    """A part of the site."""

    endpoint: str
    label: str
    icon: str
    action: str


class Link(NamedTuple):
    """A place as the navigation shows it."""

    href: str
    label: str
    icon: str
    current: bool
    new: int
    folded: bool = False


class Banner(NamedTuple):
    """A word about the whole system, on top of every page."""

    kind: str
    text: str
    href: str = ""


PLACES = (
    Place("inbox.show", N_("Attività"), "inbox", "task.list"),
    Place("agenda.show", N_("Agenda"), "calendar", "agenda.use"),
    Place("desk.show", N_("Sportello"), "clock", "desk.use"),
    Place("contacts.show_list", N_("Contatti"), "telephone", "contact.list"),
    Place("outings.show_list", N_("Uscite"), "map-marker", "outing.record"),
    Place("cases.show_list", N_("Casi"), "folder", "case.list"),
    Place("transfers.show_list", N_("Messa in rete"), "arrow-right", "transfer.list"),
    Place("referrals.show_list", N_("Invii"), "mail", "referral.list"),
    Place("shelters.show_list", N_("Strutture"), "key", "shelter.list"),
    Place("models.show_list", N_("Modelli"), "share", "model.read"),
    Place("incidents.show_list", N_("Anomalie"), "warning-circle", "incident.settle"),
    Place("audit.show", N_("Controllo"), "search", "audit.read"),
    Place("handouts.show_list", N_("Copie"), "share", "audit.second"),
    Place("reminders.show_list", N_("Promemoria"), "clock", "reminder.read"),
    Place("status.show", N_("Stato"), "tool", "status.read"),
    Place("accesses.show_list", N_("Accessi"), "key", "access.review"),
    Place("erasures.show_list", N_("Cancellazioni"), "unlocked", "retention.erase"),
    Place("statistics.show", N_("Statistiche"), "chart-line", "statistics.read"),
    Place("rota.show", N_("Turni"), "telephone", "rota.read"),
    Place("reveals.show_list", N_("Indirizzi"), "map-marker", "shelter.reveal"),
    Place("terms.show_list", N_("Termini"), "list", "term.read"),
    Place("leaflets.show_list", N_("Materiali"), "note", "leaflet.read"),
    Place("directory.show", N_("Rubrica"), "user", "directory.read"),
)
# An offer of a call is answered within minutes; whoever was told of one since then is asked on every page.
CALLED_LATELY = timedelta(hours=3)
# Pages that stand within another place.
WITHIN = {
    "agreements": "directory", "bodies": "directory", "deadlines": "cases", "emergencies": "cases", "files": "cases",
    "guides": "leaflets", "offices": "terms", "search": "cases", "texting": "cases",
}  # fmt: skip
# How many places a phone shows; the rest is behind one word, unless the person is there or something is new.
AT_HAND = 2
NOTICES = Place("notices.show", N_("Avvisi"), "flag", "")


def furnish(app: Flask) -> None:
    """Give templates what they all need."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        bundle=assets.bundle, fonts=assets.fonts, icon=icon, here=here, places=places, banners=banners, notice=notice,
        say=say, token=token, apart_words=apart_words, jump_words=jump_words,
    )  # fmt: skip
    names.teach(app)
    termwords.teach(app)
    auditwords.teach(app)
    app.context_processor(who)
    app.before_request(look_around)


def who() -> dict[str, Any]:
    """The person at the desk, or None."""
    return {"person": g.get("person"), "may": may}


def may(action: str, post: str | None = None) -> bool:
    """Whether the person at the desk may do this."""
    return "actor" in g and access.may(g.actor, action, post)


def first_place(actor: Actor) -> str:
    """Where this person's day begins."""
    open_places = (place for place in PLACES if access.may(actor, place.action))
    place = next(open_places, None)
    return url_for(place.endpoint if place else "auth.show_account")


def places() -> list[Link]:
    """The places this person may go to, the present one marked; at the end the notices, with how many are new."""
    here_now = "" if "lost" in g else (request.endpoint or "").partition(".")[0]
    unsent = g.get("unsent", 0)  # stands among the incidents and where the system's state stands
    new = {"incidents.show_list": g.get("incidents", 0) + unsent, "status.show": unsent}
    found = [_link(place, here_now, new.get(place.endpoint, 0)) for place in PLACES if may(place.action)]
    found.append(_link(NOTICES, here_now, g.get("new_notices", 0)))
    return [
        link._replace(folded=number >= AT_HAND and not link.current and not link.new)
        for number, link in enumerate(found)
    ]


def _link(place: Place, here_now: str, new: int = 0) -> Link:
    current = place.endpoint.partition(".")[0] == WITHIN.get(here_now, here_now)
    return Link(url_for(place.endpoint), say(place.label), place.icon, current, new)


def here() -> str:
    """The address to come back to; a page that is not there is none, and does not repeat what was asked for."""
    if "lost" in g:
        return url_for("auth.home")
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def token() -> Markup:
    """The hidden field against forged posts."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def icon(name: str) -> Markup:
    """A drawn icon, hidden from screen readers: a word always stands beside it."""
    file = assets.icons()
    if file is None:
        return Markup("")
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#it-{}"/></svg>').format(file, name)


def banners() -> list[Banner]:
    """The clock is late (threats R30); pathways have stopped, for who looks after them; this is a demonstration."""
    found = []
    of_clock, of_mail = g.get("late", (None, None))
    if of_clock is not None:
        apart = g.get("apart")
        found.append(Banner("danger", late_words(of_clock) if apart is None else apart_words(apart)))
    elif of_mail is not None:
        found.append(Banner("danger", stuck_words(of_mail)))
    if g.get("jump"):
        found.append(Banner("warn", jump_words(g.jump)))
    for made in g.get("offered", []):
        found.append(Banner("warn", gettext("Una chiamata aspetta la tua risposta."), _contact(made.contact_code)))
    stopped = g.get("incidents", 0)
    if stopped and request.blueprint != "incidents":
        words = ngettext("%(num)d percorso si è fermato.", "%(num)d percorsi si sono fermati.", stopped)
        found.append(Banner("warn", words, url_for("incidents.show_list")))
    unsent = g.get("unsent", 0) if may("incident.settle") else 0
    if unsent and request.blueprint not in ("incidents", "status"):
        words = ngettext(
            "%(num)d messaggio non è partito, e non si riprova più da solo.",
            "%(num)d messaggi non sono partiti, e non si riprova più da soli.",
            unsent,
        )
        found.append(Banner("warn", words, url_for("incidents.show_list")))
    if current_app.config["APPRODO"].demo:
        found.append(Banner("info", gettext("Dimostrazione: persone, luoghi e numeri sono inventati.")))
    return found


def _contact(code: str) -> str:
    return url_for("contacts.show", code=code, _anchor="voice")


def apart_words(apart: timedelta) -> str:
    """Why nobody looks at the clock: two of them disagree (threats R11)."""
    sentence = N_(
        "L'ora di questa macchina e quella del database differiscono di %(span)s: finché non concordano non parte "
        "niente. Avvisa chi cura il sistema."
    )
    return say(sentence, {"span": spans.lasted(apart)})


def jump_words(jump: beats.Beat) -> str:
    """That the clock of the machine was moved, and when by its new hour (threats R11)."""
    forward = N_(
        "L'orologio di questa macchina è stato spostato in avanti di %(span)s alle %(hour)s del %(day)s: guarda se "
        "l'ora è giusta."
    )
    back = N_(
        "L'orologio di questa macchina è stato spostato indietro di %(span)s alle %(hour)s del %(day)s: guarda se "
        "l'ora è giusta."
    )
    span = spans.lasted(timedelta(minutes=abs(jump.fired)))
    facts = {"span": span, "hour": hour(jump.at), "day": day(local(jump.at).date(), "short")}
    return say(forward if jump.fired > 0 else back, facts)


def late_words(late: timedelta) -> str:
    """How long nobody has looked at the clock."""
    if late > timedelta(days=365):
        return str(gettext("Le scadenze automatiche e la posta non sono mai partite: avvisa chi cura il sistema."))
    sentence = N_("Da %(span)s le scadenze automatiche e la posta sono ferme: avvisa chi cura il sistema.")
    return say(sentence, {"span": spans.lasted(late)})


def stuck_words(late: timedelta) -> str:
    """How long letters wait that should have left."""
    if late > timedelta(days=365):
        return str(gettext("La posta non è mai partita: avvisa chi cura il sistema. Gli avvisi sono tutti qui."))
    sentence = N_("Da %(span)s la posta non parte: avvisa chi cura il sistema. Gli avvisi sono tutti qui.")
    return say(sentence, {"span": spans.lasted(late)})


def look_around() -> None:
    """Before a page for staff: has the clock process ticked lately, is there news for this person?"""
    if "db" in g and g.get("person") and not g.person.locked:
        pulse = beats.pulse(g.db)
        g.late, g.jump = (pulse.clock, pulse.mail), pulse.jump if may("status.read") else None
        g.apart = schedule.apart(g.db) if g.late[0] is not None else None  # asked only where something is wrong
        g.new_notices, called = notices.news(g.db, g.person.id, calls.OFFERED, clock.now() - CALLED_LATELY)
        g.offered = calls.offered_to(g.db, g.actor) if called else []
        g.incidents = incidents.count_open(g.db) if may("incident.settle") else 0
        g.unsent = outbox.count_failed(g.db) if may("status.read") else 0


def notice() -> str:
    """What was just done, told once after a redirect."""
    sentence = done.NOTICES.get(request.args.get("done", ""))
    return say(sentence) if sentence else ""
