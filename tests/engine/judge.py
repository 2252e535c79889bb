"""The judge: an independent token game, written from the text of BPMN 2.0.2 (chapters 10 and 13) and from nothing else.

It shares no line with the engine. It is slow and plain on purpose: a state is a tree of scopes, works and parts; an
action is applied, then tokens move until none can. Section numbers in the comments are those of BPMN 2.0.2.
"""

import re
from collections import ChainMap, deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from tests.engine.judge_state import Alarm, Facts, Listener, Part, Scope, Work, moment
from tests.engine.sheet import PEOPLE, Box, Flow, Sheet, Trigger, value

MOST_MOVES = 3_000
Service = Callable[[Box, Mapping[str, Any]], Mapping[str, Any]]


class Endless(Exception):
    """The tokens move on and on and nobody waits."""


class Failure(Exception):
    """A service raises a BPMN error with this code."""

    def __init__(self, code: str) -> None:
        self.code = code


class Judge:
    """One instance."""

    def __init__(self, sheets: Mapping[str, Sheet], service: Service, now: datetime) -> None:
        self.sheets, self.service, self.now = sheets, service, now
        self.root: Scope | None = None
        self.pending: deque[tuple[Box, Flow | None, Scope, int]] = deque()
        self.thrown: list[tuple[str, str]] = []
        self.uncaught: list[str] = []
        self.open_ended = False  # the standard leaves it open how this goes on
        self.facts: Facts = {}

    # -- what people and the clock do ---------------------------------------------------------------------------------

    def start(self, process: str, facts: Mapping[str, Any]) -> None:
        """Begin."""
        self.facts = dict(facts)
        self.root = self._open(self.sheets[process], process, self.facts, None)
        self._settle()

    def tasks(self) -> list[Part]:
        """What waits for a person."""
        return [part for work in self._works() for part in work.parts if work.box.kind in PEOPLE]

    def listeners(self) -> list[Listener]:
        """What waits for a moment, a message or a signal."""
        found: list[Listener] = []
        for scope in self._scopes():
            found += [(alarm, scope) for alarm in scope.alarms]
            for work in scope.works:
                found += [(alarm, work) for alarm in work.alarms]
                found += [(alarm, part) for part in work.parts for alarm in part.alarms]
        return found

    def complete(self, part: Part, facts: Mapping[str, Any]) -> None:
        """A person is done."""
        self._answer(part, facts)
        self._part_done(part)
        self._settle()

    def skip(self, part: Part) -> None:
        """A person's task is left undone."""
        self._part_done(part)
        self._settle()

    def fire(self, listener: Listener) -> None:
        """A moment has come."""
        self._triggered(*listener)
        self._settle()

    def receive(self, kind: str, name: str, facts: Mapping[str, Any]) -> int:
        """A message or a signal arrives; returns how many were waiting."""
        count = self._deliver(kind, name, facts)
        self._settle()
        return count

    # -- tokens -------------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Move tokens until none can move (13.3.5: "propagated as far as possible")."""
        for _ in range(MOST_MOVES):
            if self.pending:
                box, flow, scope, age = self.pending.popleft()
                if age == scope.age:
                    self._enter(box, flow, scope)
            elif not (self._synchronise() or self._finish()):
                return
        raise Endless

    def _scopes(self) -> Iterator[Scope]:
        todo = [self.root] if self.root else []
        while todo:
            scope = todo.pop()
            yield scope
            todo += scope.handlers
            todo += [part.inner for work in scope.works for part in work.parts if part.inner]

    def _works(self) -> Iterator[Work]:
        return (work for scope in self._scopes() for work in scope.works)

    def _open(self, sheet: Sheet, name: str, facts: Facts, owner: "Part | Scope | None") -> Scope:
        scope = Scope(sheet, name, facts, owner)
        for _, start in sheet.handlers(name):
            if start.trigger and start.trigger.kind in ("timer", "message", "signal"):
                scope.alarms.append(self._alarm(start))
        self.pending.extend((start, None, scope, scope.age) for start in sheet.starts(name))
        return scope

    def _enter(self, box: Box, flow: Flow | None, scope: Scope) -> None:
        trigger = box.trigger.kind if box.trigger else ""
        if box.kind in ("parallelGateway", "inclusiveGateway") and len(box.into) > 1:
            assert flow is not None
            scope.joins[box.id, flow.id] += 1
            if box.kind == "parallelGateway" and all(scope.joins[box.id, each.id] for each in box.into):
                self._join(box, scope, [each.id for each in box.into])
        elif box.kind.endswith("Gateway") and box.kind != "eventBasedGateway":
            self._leave(box, scope)
        elif box.kind == "eventBasedGateway":  # 13.4.4: the first event wins
            events = [scope.sheet.box[each.target] for each in box.out]
            scope.works.append(Work(box, scope, [self._alarm(event) for event in events]))
        elif box.kind == "intermediateCatchEvent" and trigger in ("timer", "message", "signal"):
            scope.works.append(Work(box, scope, [self._alarm(box)]))
        elif box.kind == "endEvent":
            self._end(box, trigger, scope)
        elif box.kind in ("startEvent", "intermediateCatchEvent", "intermediateThrowEvent"):
            age = scope.age
            if box.kind == "intermediateThrowEvent":
                self._throw(box, scope)
            if age == scope.age:  # else what was thrown interrupted the thrower
                self._leave(box, scope)
        else:
            self._begin(box, scope)

    def _leave(self, box: Box, scope: Scope) -> None:
        """A token leaves by the flows whose conditions are true; by the default flow if there are none (13.3.2, 13.4)."""
        others = [flow for flow in box.out if flow.id != box.default]
        taken = [flow for flow in others if flow.condition is None or value(flow.condition, scope.facts) is True]
        if box.kind == "exclusiveGateway":
            taken = taken[:1]
        if not taken:
            taken = [flow for flow in box.out if flow.id == box.default]
        assert taken or not box.out, f"no way out of {box.id}"
        self.pending.extend((scope.sheet.box[flow.target], flow, scope, scope.age) for flow in taken)

    def _join(self, box: Box, scope: Scope, flows: list[str]) -> None:
        """One token is taken from each of these flows, and the gateway is left (13.4.1, 13.4.3)."""
        for flow in flows:
            scope.joins[box.id, flow] -= 1
        scope.joins = +scope.joins
        self._leave(box, scope)

    def _synchronise(self) -> bool:
        """Let one inclusive gateway go that has nothing more to wait for (13.4.3, table 13.3)."""
        for scope in self._scopes():
            for gateway in dict.fromkeys(name for name, _ in scope.joins):
                box = scope.sheet.box[gateway]
                if box.kind == "inclusiveGateway" and self._enabled(box, scope):
                    self._join(box, scope, [flow.id for flow in box.into if scope.joins[gateway, flow.id]])
                    return True
        return False

    def _enabled(self, box: Box, scope: Scope) -> bool:
        full = {flow.id for flow in box.into if scope.joins[box.id, flow.id]}
        empty = {flow.id for flow in box.into} - full
        sheet = scope.sheet
        reaches = [sheet.reach(work.box, box.id) for work in scope.works]
        for gateway, flow in scope.joins:
            if gateway != box.id:
                on_it = next(each for each in sheet.box[gateway].into if each.id == flow)
                reaches.append(sheet.onward([on_it], box.id))
        return all(not (reach & empty) or bool(reach & full) for reach in reaches)

    def _finish(self) -> bool:
        """A scope without tokens, activities and running handlers is complete (13.3.4)."""
        for scope in self._scopes():
            if scope.works or scope.joins or scope.handlers:
                continue
            scope.kill()
            if scope.owner is None:
                self.root = None
            elif isinstance(scope.owner, Part):
                self._returned(scope, scope.owner)
            else:
                scope.owner.handlers.remove(scope)
            return True
        return False

    # -- activities ---------------------------------------------------------------------------------------------------

    def _begin(self, box: Box, scope: Scope) -> None:
        work = Work(box, scope)
        scope.works.append(work)
        kinds = ("timer", "message", "signal")
        work.alarms = [self._alarm(each) for each in box.bounds if each.trigger and each.trigger.kind in kinds]
        several = box.several
        if several and several.kind != "loop":
            work.planned = value(several.count, scope.facts)
            at_once = work.planned if several.kind == "parallel" else min(work.planned, 1)
            for _ in range(at_once):
                if work in scope.works:
                    self._perform(work)
            if not work.planned:
                self._work_done(work)
        elif several and several.before and value(several.condition, scope.facts) is not True:
            self._work_done(work)
        else:
            self._perform(work)

    def _perform(self, work: Work) -> None:
        box, several = work.box, work.box.several
        own = several is not None and several.kind != "loop"
        part = Part(work, ChainMap({}, work.scope.facts) if own else work.scope.facts)
        work.parts.append(part)
        if box.kind == "receiveTask":
            part.alarms = [self._alarm(box)]
        elif box.kind in ("subProcess", "transaction"):
            part.inner = self._open(work.scope.sheet, box.id, part.facts, part)
        elif box.kind == "callActivity":
            facts = {name: value(text, part.facts) for name, text in box.inputs} if box.inputs else dict(part.facts)
            part.inner = self._open(self.sheets[box.called], box.called, facts, part)
        elif box.kind == "serviceTask":
            self._serve(part)
        elif box.kind == "sendTask":
            self._throw(box, work.scope)
            self._part_done(part)

    def _serve(self, part: Part) -> None:
        try:
            answer = self.service(part.work.box, part.facts)
        except Failure as failure:
            self._raise(part, failure.code)
        else:
            self._answer(part, answer)
            self._part_done(part)

    def _answer(self, part: Part, answer: Mapping[str, Any]) -> None:
        """What an activity answers is written as it is, or by the activity's output mappings if it has any."""
        seen = ChainMap(dict(answer), part.facts)
        outputs = part.work.box.outputs
        part.facts.update({name: value(text, seen) for name, text in outputs} if outputs else answer)

    def _returned(self, scope: Scope, part: Part) -> None:
        if part.work.box.kind == "callActivity":
            self._answer(part, scope.facts)
        self._part_done(part)

    def _part_done(self, part: Part) -> None:
        work, several = part.work, part.work.box.several
        work.parts.remove(part)
        work.done += 1
        if part.facts is not work.scope.facts:
            work.scope.facts.update(part.facts.maps[0])  # type: ignore[attr-defined]
        if several is None:
            self._work_done(work)
        elif several.kind == "loop":
            again = not several.condition or value(several.condition, work.scope.facts) is True
            if again and (several.most is None or work.done < several.most):
                self._perform(work)
            else:
                self._work_done(work)
        elif work.done == work.planned or (several.condition and value(several.condition, work.scope.facts) is True):
            self._work_done(work)  # 13.3.7: the completion condition ends the instances that are left
        elif several.kind == "sequential":
            self._perform(work)

    def _work_done(self, work: Work) -> None:
        self._withdraw(work)
        self._leave(work.box, work.scope)

    def _withdraw(self, work: Work) -> None:
        for part in work.parts:
            if part.inner:
                part.inner.kill()
        work.parts = []
        work.scope.works.remove(work)

    # -- events -------------------------------------------------------------------------------------------------------

    def _alarm(self, box: Box) -> Alarm:
        assert box.trigger is not None
        alarm = Alarm(box, box.trigger)
        if box.trigger.kind == "timer":
            alarm.base = self.now
            alarm.due = moment(box.trigger.what, self.now, 1)
            times = re.match(r"R(\d+)/", box.trigger.what)
            alarm.left = int(times[1]) if times else None
        return alarm

    def _triggered(self, alarm: Alarm, owner: "Work | Part | Scope", facts: Mapping[str, Any] | None = None) -> None:
        scope = owner if isinstance(owner, Scope) else owner.work.scope if isinstance(owner, Part) else owner.scope
        (owner.facts if isinstance(owner, Part) else scope.facts).update(facts or {})
        if isinstance(owner, Part):
            self._part_done(owner)
        elif isinstance(owner, Scope):
            self._handle(owner, scope.sheet.box[alarm.box.scope], alarm.box, alarm)
        elif alarm.box.kind == "boundaryEvent":
            if alarm.box.interrupting:
                self._withdraw(owner)
            else:
                self._wind(alarm, owner.alarms)
            self._leave(alarm.box, scope)
        else:
            self._withdraw(owner)
            self._leave(alarm.box, scope)

    def _wind(self, alarm: Alarm, alarms: list[Alarm]) -> None:
        """After a non-interrupting timer: a cycle goes on with the next turn that is not past yet, others are over.

        The number of a cycle (R3/...) counts firings: what a standstill missed was one of them.
        """
        if alarm.due is None:
            return
        assert alarm.base is not None
        alarm.left = alarm.left and alarm.left - 1
        if not alarm.trigger.what.startswith("R") or alarm.left == 0:
            alarms.remove(alarm)
            return
        while alarm.due <= self.now:
            alarm.turn += 1
            alarm.due = moment(alarm.trigger.what, alarm.base, alarm.turn)

    def _handle(self, scope: Scope, handler: Box, start: Box, alarm: Alarm | None) -> None:
        """An event subprocess of `scope` begins (13.5.4)."""
        if start.interrupting:
            scope.clear()
            scope.deaf = True
        elif alarm:
            self._wind(alarm, scope.alarms)
        scope.handlers.append(self._open(scope.sheet, handler.id, scope.facts, scope))

    def _deliver(self, kind: str, name: str, facts: Mapping[str, Any]) -> int:
        waiting = [each for each in self.listeners() if each[0].trigger == Trigger(kind, name)]
        # whose data are written last is not said when several that keep their own go on at the same moment
        self.open_ended |= kind == "signal" and len({id(_place(owner)) for _, owner in waiting}) > 1
        for alarm, owner in waiting[:1] if kind == "message" else waiting:  # a message has one receiver
            if (alarm, owner) in self.listeners():
                self._triggered(alarm, owner, facts)
        return len(waiting)

    def _throw(self, box: Box, scope: Scope) -> None:
        trigger = box.trigger
        if trigger is None:
            return
        if trigger.kind in ("message", "signal"):
            self.thrown.append((trigger.kind, trigger.what))
        if trigger.kind == "signal":
            self._deliver("signal", trigger.what, {})
        if trigger.kind == "escalation":
            self._escalate(scope, trigger.what)

    def _end(self, box: Box, trigger: str, scope: Scope) -> None:
        if trigger == "terminate":  # 13.3.4: only this instance of the subprocess, with what runs in it
            scope.clear()
        elif trigger == "error":
            assert box.trigger is not None
            self._raise(scope, box.trigger.what)
        elif trigger == "cancel":  # 13.3.4: control leaves through the cancel boundary event
            assert isinstance(scope.owner, Part)
            work = scope.owner.work
            self._withdraw(work)
            self._leave(next(each for each in work.box.bounds if each.trigger == Trigger("cancel")), work.scope)
        else:
            self._throw(box, scope)

    def _raise(self, place: Scope | Part, code: str) -> None:
        """An error goes out to the innermost scope that catches it and ends what it interrupts (10.5.6)."""
        catch = self._catcher(place, "error", code)
        if catch is None:
            self.uncaught.append(code)
            assert self.root is not None
            self.root.kill()
            self.root = None
        elif isinstance(catch[0], Work):
            self._withdraw(catch[0])
            self._leave(catch[1], catch[0].scope)
        else:
            self._handle(catch[0], catch[0].sheet.box[catch[1].scope], catch[1], None)

    def _escalate(self, scope: Scope, code: str) -> None:
        """An escalation goes the way of an error but ends only what it is drawn to interrupt; nobody must catch it."""
        catch = self._catcher(scope, "escalation", code)
        if catch is None:
            return
        if isinstance(catch[0], Work):
            if catch[1].interrupting:
                self._withdraw(catch[0])
            self._leave(catch[1], catch[0].scope)
        else:
            self._handle(catch[0], catch[0].sheet.box[catch[1].scope], catch[1], None)

    def _catcher(self, place: Scope | Part, kind: str, code: str) -> tuple[Work | Scope, Box] | None:
        while True:
            if isinstance(place, Part):
                found = _match(place.work.box.bounds, kind, code)
                if found:
                    return place.work, found
                place = place.work.scope
            starts = [] if place.deaf else [start for _, start in place.sheet.handlers(place.id)]
            found = _match(starts, kind, code)
            if found:
                return place, found
            if place.owner is None:
                return None
            place = place.owner


def _place(owner: Work | Part | Scope) -> Facts:
    return owner.scope.facts if isinstance(owner, Work) else owner.facts


def _match(events: list[Box], kind: str, code: str) -> Box | None:
    for trigger in (Trigger(kind, code), Trigger(kind, "")):
        for event in events:
            if event.trigger == trigger:
                return event
    return None
