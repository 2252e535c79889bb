"""Services of the referral (F03): consent for one body, sending, answer, end."""

from collections.abc import Mapping
from typing import Any

from cases import referrals
from core import clock
from engine.services import Call, service
from tasks.services.guardians import record_consent
from tasks.services.reading import answers_of, day_of, named

# What the answer makes of the referral; the rest ends it.
MOVES = {"seen": "seen", "accepted": "answered", "declined": "answered"}
OUTCOMES = {"declined": "non_accolto", "no_answer": "senza_risposta", "withdrawn": "ritirato"}


@service("referral_record")
def referral_record(call: Call) -> Mapping[str, Any]:
    """Record her consent to this body and that she was sent there."""
    code, kind = referrals.draw_code(call.db), str(call.facts["body_kind"])
    record_consent(call, referrals.PURPOSE, referrals.receiver_of(kind, code))
    facts = {
        "urgency": call.facts["urgency"],
        "sent_on": day_of(call, "sent_on"),
        "answer_by": day_of(call, "answer_by"),
    }
    body = str(answers_of(call, "referral_send").get("body") or "")
    referrals.send(call.db, call.business_key, code, kind, facts, body=body, by=call.by)
    return {"referral": code}


@service("referral_late")
def referral_late(call: Call) -> None:
    """The day of the answer is past."""
    referrals.move(call.db, str(call.facts["referral"]), "late", clock.today(), by=call.by)


@service("referral_move")
def referral_move(call: Call) -> None:
    """Record what the body said: received, yes or no. A new day for the answer takes the place of the old one."""
    status = MOVES.get(str(call.facts["follow_outcome"]))
    if status is None:
        return
    code, on = str(call.facts["referral"]), day_of(call, "follow_on") or clock.today()
    with named(on="follow_on"):
        referrals.move(call.db, code, status, on, by=call.by)
    answer_by = day_of(call, "answer_by")
    if status == "seen" and answer_by is not None:
        referrals.wait_until(call.db, code, answer_by, by=call.by)


@service("referral_done")
def referral_done(call: Call) -> None:
    """The loop is closed, with its outcome."""
    outcome = OUTCOMES.get(str(call.facts["follow_outcome"])) or str(call.facts["done_outcome"])
    on = day_of(call, "done_on") or day_of(call, "follow_on") or clock.today()
    with named(on="done_on"):
        referrals.close(call.db, str(call.facts["referral"]), outcome, on, by=call.by)
