"""Services of the exit: how she leaves, the looks back, the way back in, the end of the case."""

from collections.abc import Mapping
from typing import Any

from cases import casefile, consents, exits, pei, persons, shelters
from cases.exits import Finding, Situation
from core import clock
from engine import instances
from engine.services import Call, service
from tasks import pathways
from tasks.services import guardians
from tasks.services.reading import answers_of, day_of, named

YES = {"si": True, "no": False}
# What has nothing more to do once she has left; rights and permits go on until the case closes.
ENDS_WITH_EXIT = frozenset(
    {"integration", "italian_course", "internship", "housing_step", "home_support", "errands", "mediation"}
)
PROGRAMME = "programme"
EXITED = "exit_recorded"
WAYS = ("channel", "number", "hours", "cover_text", "never")


@service("exit_record")
def exit_record(call: Call) -> Mapping[str, Any]:
    """Record the exit, what she said of being contacted, how to reach her safely; plan the looks back."""
    facts, code = call.facts, call.business_key
    on, words = day_of(call, "exited_on") or clock.today(), answers_of(call, "exit")
    situation = Situation(
        housing=facts.get("exit_housing"),
        work=facts.get("exit_work"),
        permit=facts.get("exit_permit"),
        level=facts.get("exit_level"),
        risk=facts.get("exit_risk"),
    )
    left = exits.leave(
        call.db, code, on, facts["exit_outcome"], situation, papers_on=day_of(call, "papers_on"), by=call.by
    )
    if facts.get("leaves_house") == "si" and shelters.current(call.db, code) is not None:
        with named(left_on="exited_on"):
            shelters.leave(call.db, code, on, by=call.by)
    pei.end(call.db, code, on, by=call.by)
    _end_pathways(call)
    _record_answer(call)
    ways = {name: words[f"way_{name}"] for name in WAYS if words.get(f"way_{name}")}
    if ways:
        persons.record(call.db, code, None, ways, by=call.by)
    exits.plan(call.db, left, by=call.by)
    return _next(call)


def _end_pathways(call: Call) -> None:
    """End what belongs to the time before; the programme that waits to hear of the exit ends by itself."""
    over = ENDS_WITH_EXIT if call.facts.get("by_programme") is True else ENDS_WITH_EXIT | {PROGRAMME}
    for instance, definition in instances.open_instances(call.db, call.business_key):
        if definition.process_id in over:
            instances.cancel(call.db, instance.id, EXITED, by=call.by)


def _record_answer(call: Call) -> None:
    """Her yes or no to being contacted; what was not asked is not a yes."""
    answer, facts = call.facts.get("follow_up_agreed"), call.facts
    if answer not in YES:
        return
    with named(**(guardians.FIELDS | {"on": "exited_on"})):
        consents.record(
            call.db,
            call.business_key,
            exits.PURPOSE,
            exits.RECEIVER,
            YES[answer],
            day_of(call, "exited_on") or clock.today(),
            **guardians.evidence(facts),
            by=call.by,
        )


@service("follow_up_check")
def follow_up_check(call: Call) -> Mapping[str, Any]:
    """May she still be contacted? If she has taken her yes back, what was planned is dropped."""
    if exits.may_contact(call.db, call.business_key, clock.today()):
        return {"follow_up_allowed": True}
    exits.drop(call.db, call.business_key, by=call.by)
    return {"follow_up_allowed": False, "follow_up_due_on": None}


@service("follow_up_record")
def follow_up_record(call: Call) -> Mapping[str, Any]:
    """Write down what was found; say when the next look back is."""
    facts = call.facts
    found = Finding(
        reached=facts["follow_up_reached"] == "si",
        housing=facts.get("follow_up_housing"),
        work=facts.get("follow_up_work"),
        safe=YES.get(str(facts.get("follow_up_safe"))),
        exploited_again=YES.get(str(facts.get("exploited_again"))),
    )
    exits.follow_up(call.db, call.business_key, day_of(call, "follow_up_on") or clock.today(), found, by=call.by)
    return _next(call)


@service("exit_reopen")
def exit_reopen(call: Call) -> None:
    """She comes back: the exit becomes history and the case is again where protection begins."""
    exits.returned(call.db, call.business_key, clock.today(), by=call.by)
    casefile.set_phase(call.db, call.business_key, "P4", by=call.by)


@service("case_close")
def case_close(call: Call) -> None:
    """Close the case with the outcome of the exit; it is kept as long as the rules say, from the day she left."""
    left = exits.current(call.db, call.business_key)
    outcome = left.outcome if left is not None else str(call.facts["exit_outcome"])
    left_on = left.exited_on if left is not None else None
    pathways.end_case(
        call.db, call.business_key, outcome, leaves=True, spare=call.instance_id, left_on=left_on, by=call.by
    )


@service("exit_declined")
def exit_declined(call: Call) -> None:
    """She says no: before the exit is written the door stays open, after it nobody contacts her any more."""
    left, code = exits.current(call.db, call.business_key), call.business_key
    if left is None:
        leaves = call.facts.get("leaves_shelter") is not False
        pathways.end_case(call.db, code, "porta_aperta", leaves=leaves, spare=call.instance_id, by=call.by)
        return
    given = consents.valid(call.db, code, exits.PURPOSE, exits.RECEIVER, clock.today())
    if given is not None:
        consents.withdraw(call.db, given.id, clock.today(), by=call.by)
    exits.drop(call.db, code, by=call.by)
    pathways.end_case(
        call.db, code, left.outcome, leaves=True, spare=call.instance_id, left_on=left.exited_on, by=call.by
    )


def _next(call: Call) -> Mapping[str, Any]:
    look = exits.next_follow_up(call.db, call.business_key)
    return {"follow_up_due_on": look.due_on.isoformat() if look else None}
