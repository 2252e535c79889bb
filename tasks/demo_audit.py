"""The audit of the invented office: a sample, a note, a finding, a copy that waits, accesses to review, what may go."""

from datetime import timedelta

from cases import erasures, reviews
from cases.reviews import Filters
from core import clock
from tasks import accesses
from tasks import reviews as work
from tasks.demo_office import MILAN, Office, Story


def looked_through(office: Office) -> Story:
    """This morning Rita drew three cases and read them."""
    yield office.ago(hours=3)
    rita = office.actors["rita"]
    sample = reviews.keep(office.db, rita, "Campione di prova", Filters(), "3", "4711")
    first, second, *_ = sample.cases
    work.remark(office.db, rita, first, {"kind": reviews.NOTE, "text": "Storia letta per intero: niente da dire."})
    due_on = (clock.today() + timedelta(days=14)).isoformat()
    finding = {"kind": reviews.FINDING, "owner": "giulia", "due_on": due_on}
    work.remark(office.db, rita, second, {**finding, "text": "Il motivo della data cambiata non si capisce: chiarire."})
    yield office.ago(hours=2)
    work.ask(office.db, rita, "xes", sample.cases, "Per vedere quanto durano le fasi.")
    accesses.begin(office.db, MILAN, by="clock")


def kept_long_enough(office: Office) -> Story:
    """Two calls of more than two years ago: of one the supervision has asked that it go."""
    for minutes in (10, 40):
        yield office.at(780, f"15:{minutes}")
        office.meet("anna", "call", call_class="non_pertinente")
    yield office.ago(hours=1)
    bruno = office.actors["bruno"]
    erasures.ask(office.db, bruno, {erasures.due(office.db, bruno)[0].row.id})


STORIES = (looked_through, kept_long_enough)
