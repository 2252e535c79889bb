"""Services of the transfer (messa in rete, F14), on both sides: the case's own pathway and the search seen by others.

The case's pathway hangs on the case; the search hangs on its own code, so that the central desk and the receiving
project have tasks of their own without knowing the case. What one side tells the other is a message that the clock
delivers. Only the arrival reaches over: it locks the pathways of the case first, as everybody does.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases import casefile, consents, permits, posts, shelters, transfers, travel
from core import clock, log
from core.errors import N_, InvalidForm, MissingConsent, WrongOrder
from engine import instances, messages
from engine.services import Call, service
from tasks import agenda
from tasks.pathways import SEARCH_ENDED
from tasks.services.guardians import record_consent
from tasks.services.reading import answers_of, day_of, named

SEARCH = "transfer_matching"
# For each notice: the receiver that the register knows, and whether it is an authority (else another body).
NOTICES = {
    "questura_origin": "questore",
    "questura_destination": "questore",
    "ct": "commissione_territoriale",
    "lawyer": "ente",
    "asl": "ente",
    "school": "ente",
}


@service("transfer_open")
def transfer_open(call: Call) -> Mapping[str, Any]:
    """Ask the projects with the anonymous profile, if the person wants it, and start the search."""
    if call.facts.get("person_agrees") != "yes":
        raise InvalidForm({"person_agrees": [N_("Si cerca un posto altrove solo se la persona lo vuole.")]})
    said = answers_of(call, "transfer_request")
    facts = {**said, "reason": call.facts["transfer_reason"], "urgency": call.facts["urgency"]}
    made = transfers.request(call.db, call.business_key, facts, by=call.by)
    central = posts.list_(call.db, clock.today(), "central")[0].code
    about = {"transfer": made.code, "urgency": made.urgency}
    instances.start(call.db, SEARCH, made.code, central, about, stream=transfers.scope_of(made.code), by=call.by)
    return {"transfer": made.code}


@service("transfer_choose")
def transfer_choose(call: Call) -> None:
    """Record which place she chose and that she consents to that project."""
    code = str(call.facts["transfer"])
    offered = {offer.id: offer for offer in transfers.offers(call.db, code, status="open")}
    chosen = offered.get(str(call.facts.get("offer")))
    if chosen is None:
        raise InvalidForm({"offer": [N_("Questa offerta non è più aperta: scegline un'altra.")]})
    record_consent(call, transfers.PURPOSE, transfers.receiver_of(chosen.post))
    transfers.choose(call.db, code, chosen.id, by=call.by)


@service("transfer_key_sender")
def transfer_key_sender(call: Call) -> None:
    """The first key: the post that has the case agrees; now the receiving project is asked."""
    made = transfers.get(call.db, str(call.facts["transfer"]))
    transfers.turn_key(call.db, made.code, made.from_post, by=call.by)
    messages.leave(call.db, "transfer_chosen", made.code, {})


@service("transfer_back")
def transfer_back(call: Call) -> None:
    """The post does not agree: the chosen place is free again."""
    transfers.release(call.db, str(call.facts["transfer"]), by=call.by)


@service("transfer_depart")
def transfer_depart(call: Call) -> None:
    """She leaves: the plan must be written, her consent still stand, the list of what goes along is kept."""
    code = str(call.facts["transfer"])
    if not travel.readers(call.db, code):
        raise WrongOrder(N_("Prima scrivi il piano di viaggio, nella pagina della messa in rete."))
    handed_over = answers_of(call, "transfer_departure").get("handed_over") or []
    transfers.depart(call.db, code, handed_over, by=call.by)


@service("transfer_close")
def transfer_close(call: Call) -> None:
    """No place was found, or she would rather stay."""
    outcome = "rifiuto" if call.facts.get("choice_outcome") == "refused" else "nessun_posto"
    _end(call, outcome)


@service("transfer_cancel")
def transfer_cancel(call: Call) -> None:
    """She does not leave after all: her consent falls, and nobody outside sees anything from this instant."""
    code = call.business_key
    made = transfers.open_of(call.db, code)
    if made is None:
        return
    receiver = made.receiver
    consent = consents.valid(call.db, code, transfers.PURPOSE, receiver, clock.today()) if made.to_post else None
    if consent is not None:
        consents.withdraw(call.db, consent.id, clock.today(), by=call.by)
    _end(call, "annullato", made.code)


@service("transfer_temporary_record")
def transfer_temporary_record(call: Call) -> None:
    """A safe place for the time being: another house, or none of ours; the house she leaves loses the case."""
    kind, on = call.facts["temporary_kind"], day_of(call, "temporary_on") or clock.today()
    if kind == "struttura":
        shelters.place(call.db, call.business_key, str(call.facts["shelter"]), on, by=call.by)
    elif kind == "temporanea" and shelters.current(call.db, call.business_key) is not None:
        with named(left_on="temporary_on"):
            shelters.leave(call.db, call.business_key, on, by=call.by)


@service("transfer_notice_record")
def transfer_notice_record(call: Call) -> None:
    """Record one notice of the transfer: an act of the colleague, with her consent or a legal reason in words."""
    if call.facts.get("notice_outcome") != "sent":
        return
    who, on = str(call.facts["notice_receiver"]), day_of(call, "notice_on") or clock.today()
    receiver, words = NOTICES[who], answers_of(call, "transfer_notice")
    legal = call.facts.get("notice_basis") == "legal_reason"
    if not legal:
        target = receiver if receiver != "ente" else f"ente:{who}"
        record_consent(call, permits.purpose_for(receiver), target)
    _communicate(call, who, receiver, on, words, legal=legal)


def _communicate(call: Call, who: str, receiver: str, on: Any, words: Mapping[str, Any], *, legal: bool) -> None:
    if receiver == "ente" and not legal:
        _told_body(call, who, on)
        return
    with named(sent_on="notice_on", channel="notice_channel", reason="legal_reason_words"):
        permits.communicate(
            call.db,
            call.business_key,
            receiver,
            f"transfer_{who}",
            on,
            str(call.facts["notice_channel"]),
            protocol=words.get("protocol"),
            legal_reason=words.get("legal_reason_words", "") if legal else None,
            by=call.by,
        )


def _told_body(call: Call, who: str, on: Any) -> None:
    """A body that is no authority has a consent of its own: the lawyer's is not the school's."""
    with named(sent_on="notice_on"):
        casefile.check_not_future("sent_on", on)
    if not consents.allowed(call.db, call.business_key, permits.OTHER_PURPOSE, f"ente:{who}", on):
        raise MissingConsent
    scope = casefile.scope_of(call.business_key)
    log.append(call.db, "transfer.notice_given", scope, by=call.by, case=call.business_key, receiver=who, on=on)


# -- the search, as the central desk and the receiving project see it -------------------------------------------------


@service("transfer_count")
def transfer_count(call: Call) -> Mapping[str, Any]:
    """Is a place still looked for, and how many are offered?"""
    made = transfers.get(call.db, call.business_key)
    return {
        "searching": made.status == "searching",
        "offers": len(transfers.offers(call.db, made.code, status="open")),
    }


@service("transfer_ask_temporary")
def transfer_ask_temporary(call: Call) -> None:
    """Ask the team of the case for a safe place meanwhile."""
    made = transfers.get(call.db, call.business_key)
    scope = casefile.scope_of(made.case_code)
    log.append(call.db, "transfer.escalated", scope, by=call.by, case=made.case_code, transfer=made.code)
    messages.leave(call.db, "transfer_temporary", made.case_code, {})


@service("transfer_to_receiver")
def transfer_to_receiver(call: Call) -> None:
    """The search is now the chosen project's."""
    made = transfers.get(call.db, call.business_key)
    instances.hand_over(call.db, call.business_key, made.to_post or call.tenant, by=call.by)


@service("transfer_key_receiver")
def transfer_key_receiver(call: Call) -> None:
    """The second key: the receiving project agrees."""
    made = transfers.get(call.db, call.business_key)
    transfers.turn_key(call.db, made.code, made.to_post or "", by=call.by)
    messages.leave(call.db, "transfer_answered", made.case_code, {"transfer_answer": "accepted"})


@service("transfer_refused")
def transfer_refused(call: Call) -> None:
    """The receiving project cannot: the person chooses among the others."""
    made = transfers.release(call.db, call.business_key, by=call.by)
    messages.leave(call.db, "transfer_answered", made.case_code, {"transfer_answer": "refused"})


@service("transfer_to_central")
def transfer_to_central(call: Call) -> None:
    """The search is the central desk's again."""
    central = posts.list_(call.db, clock.today(), "central")[0].code
    instances.hand_over(call.db, call.business_key, central, by=call.by)


@service("transfer_arrive")
def transfer_arrive(call: Call) -> None:
    """She is there: case, tasks and access change hands in this instant; the dates keep running."""
    db, made = call.db, transfers.get(call.db, call.business_key)
    code, to_post = made.case_code, made.to_post or ""
    at = datetime.fromisoformat(str(call.facts["arrived_at"]))
    instances.hand_over(db, code, to_post, by=call.by)
    if shelters.current(db, code) is not None:
        shelters.leave(db, code, clock.today(), by=call.by)
    agenda.call_off(db, code, by=call.by)  # those who were to go stay behind
    transfers.arrive(db, made.code, at, by=call.by)
    casefile.assign(db, code, call.by, by=call.by)
    if call.facts.get("shelter"):
        shelters.place(db, code, str(call.facts["shelter"]), at.astimezone(clock.ROME).date(), by=call.by)
    messages.leave(db, "transfer_arrived", code, {})


@service("transfer_missed")
def transfer_missed(call: Call) -> None:
    """She has not arrived: whoever works with her is told at once."""
    made = transfers.get(call.db, call.business_key)
    messages.leave(call.db, "transfer_withdrawn", made.case_code, {"withdrawn_by": "not_arrived"})


def _end(call: Call, outcome: str, code: str = "") -> None:
    made = transfers.end(call.db, code or str(call.facts["transfer"]), outcome, by=call.by)
    messages.leave(call.db, SEARCH_ENDED, made.code, {})
