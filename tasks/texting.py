"""SMS to a person: the text that she agreed to, by the way and in the hours that she agreed to, and nothing else.

Somebody who follows the case decides to send it. The words stay sealed until they leave; what was agreed is asked again
then, so that a consent taken back in the meantime stops it. One a day at most: a telephone that rings often is seen.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import access, casefile, consented, findable, persons
from cases.access import Actor
from cases.casefile import Case
from core import clock, log
from core.errors import N_, NotYours, WrongOrder
from core.ids import new_id
from notifications import notices, outbox
from notifications.outbox import Message
from notifications.parcel import SMS, Parcel
from notifications.sms import UNCLEAR

PURPOSE, RECEIVER = "sms", "interno"
LONGEST = 160

NO_CONSENT = N_("Manca il consenso a ricevere SMS, o non vale più: chiedilo e scrivilo tra i consensi.")
NO_NUMBER = N_("Manca un numero di cellulare a cui scrivere, o non è valido.")
NO_WORDS = N_("Manca il testo di copertura concordato, o è più lungo di un SMS (160 caratteri).")
NO_HOURS = N_("Mancano le ore concordate per gli SMS, o sono due volte la stessa.")
CLOSED = N_("Il caso è chiuso.")
STILL_WAITS = N_("Un SMS promesso prima aspetta ancora di partire: prima fermalo.")
NONE_WAITS = N_("Nessun SMS aspetta di partire.")
TODAY_ALREADY = N_("Oggi è già stato promesso un SMS per questo caso: uno al giorno basta.")


@dataclass(frozen=True, slots=True)
class Agreed:
    """What may be sent, to whom and when next; `missing` says why nothing may be."""

    words: str
    number: str
    leaves: datetime | None
    missing: tuple[str, ...]


def find(db: Session, actor: Actor, code: str) -> Case:
    """The case, if the actor may write to its person; else it does not exist."""
    case = access.get_case(db, actor, code)
    access.require(actor, "person.record", case.post)
    if not access.may_read(db, actor, case, "P4"):
        raise NotYours
    return case


def look(db: Session, actor: Actor, case: Case) -> Agreed:
    """What was agreed, to show it; the reading is written down."""
    persons.read_ways(db, actor, case)
    return _agreed(db, case)


def promise(db: Session, actor: Actor, code: str) -> Message:
    """Promise the agreed text; it leaves within the agreed hours."""
    case = find(db, actor, code)
    found = _agreed(db, case)
    if found.missing or found.leaves is None:
        raise WrongOrder(found.missing[0])
    casefile.lock(db, code)
    earlier = last(db, code)
    if is_enough(earlier):
        raise WrongOrder(TODAY_ALREADY)
    if earlier is not None and earlier.status == "queued":
        raise WrongOrder(STILL_WAITS)
    key = f"sms-{new_id()}"
    outbox.entrust(db, SMS, key, actor.user_id, f"case:{code}", not_before=found.leaves, by=actor.user_id)
    log.append(db, "sms.promised", casefile.scope_of(code), by=actor.user_id, case=code)
    return db.get_one(Message, key)


def stop(db: Session, actor: Actor, code: str) -> Message:
    """Take back the text that waits: the telephone is in other hands, or the person has changed her mind."""
    case = find(db, actor, code)
    casefile.lock(db, case.code)
    waiting = last(db, code)
    if waiting is None:
        raise WrongOrder(NONE_WAITS)
    stopped = outbox.withdraw(db, waiting.key, by=actor.user_id)
    log.append(db, "sms.stopped", casefile.scope_of(code), by=actor.user_id, case=code)
    return stopped


def last(db: Session, code: str) -> Message | None:
    """The last text that was promised for a case, and how it went."""
    of_case = select(Message).where(Message.way == SMS, Message.about == f"case:{code}")
    return db.scalar(of_case.order_by(Message.promised_at.desc(), Message.key).limit(1))


def is_enough(message: Message | None) -> bool:
    """Does one ring today at the person's, did it, or may it have? Whenever it was promised."""
    if message is None or (message.status == "unneeded" and message.error != UNCLEAR):
        return False
    morning = datetime.combine(clock.today(), time(), clock.ROME)
    moments = (message.promised_at, message.ready_at, message.sent_at)
    return any(moment is not None and moment >= morning for moment in moments)


def parcel(db: Session, message: Message) -> Parcel | datetime | None:
    """The text as it was agreed and still is; an instant if its hours have not come; None if it may not be sent."""
    code = (message.about or "").removeprefix("case:")
    found = _agreed(db, casefile.get(db, code))
    if found.missing or found.leaves is None:
        _tell(db, message, "sms_dropped")
        return None
    if found.leaves > clock.now():
        return found.leaves
    return Parcel(message.key, SMS, {}, found.number, words=found.words)


def settled(db: Session, message: Message) -> None:
    """Write down on the case that it left, or tell whoever asked for it that it did not."""
    code = (message.about or "").removeprefix("case:")
    if message.status == "sent":
        log.append(db, "sms.sent", casefile.scope_of(code), by="clock", case=code)
    elif message.status == "failed":
        _tell(db, message, "sms_unclear" if is_unclear(message) else "sms_failed")


def is_unclear(message: Message) -> bool:
    """Was it given up because the gateway may have taken it, without saying so?"""
    return message.status == "failed" and message.error == UNCLEAR


def _tell(db: Session, message: Message, kind: str) -> None:
    code = (message.about or "").removeprefix("case:")
    notices.tell(db, f"{kind}-{message.letter}", message.user_id, kind, code, about=message.about, by="clock")


def _agreed(db: Session, case: Case) -> Agreed:
    known = persons.agreed_text(db, case.code)
    number, words = findable.telephone(known.get("number", "")) or "", known.get("cover_text", "").strip()
    leaves = within(known.get("sms_from", ""), known.get("sms_to", ""), clock.now())
    faults = (
        (case.status == "closed", CLOSED),
        (not consented.allowed(db, case.code, PURPOSE, RECEIVER, clock.today()), NO_CONSENT),
        (not number, NO_NUMBER),
        (not words or len(words) > LONGEST, NO_WORDS),
        (leaves is None, NO_HOURS),
    )
    return Agreed(words, number, leaves, tuple(sentence for wrong, sentence in faults if wrong))


def within(first: str, last: str, now: datetime) -> datetime | None:
    """Now, if it is between two hours in Rome (also over midnight), else when they begin next; None without hours, or
    where they are the same: whoever writes 15:00 twice means three o'clock, and not the whole night.
    """
    try:
        begins, ends = time.fromisoformat(first), time.fromisoformat(last)
    except ValueError:
        return None
    if begins == ends:
        return None
    local = now.astimezone(clock.ROME)
    clocks = local.time()
    if (begins <= clocks < ends) if begins < ends else (clocks >= begins or clocks < ends):
        return now
    day = local.date() if clocks < begins else local.date() + timedelta(days=1)
    return datetime.combine(day, begins, clock.ROME)
