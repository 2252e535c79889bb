"""Random models: the same seed gives the same drawing for ever.

A model is built from blocks, each with one way in and one way out, nested to some depth. Where two tokens that move in
the same moment could meet in either order, BPMN leaves the outcome open and no two games need agree; so what throws or
ends abruptly always stands behind a person's task, and conditions read only `r`, which people set.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random, SystemRandom

from tests.engine.pen import CONDITIONS, Block, Model, Pen, Where


@dataclass
class Artist(Pen):
    """Draws one process out of blocks."""

    # -- blocks -------------------------------------------------------------------------------------------------------

    def block(self, where: Where) -> Block:
        if where.depth <= 0:
            return self.task(where)
        kinds: list[tuple[float, Callable[[Where], Block]]] = [
            (20, self.task),
            (8, self.automatic),
            (16, self.sequence),
            (10, self.exclusive),
            (12, self.fork),
            (0 if self.wild else 10, self.inclusive),
            (8, self.events),
            (6, self.catch),
            (6, self.throw),
            (11, self.loop),
            (14, self.subprocess),
            (5, self.implicit),
            (3, self.link),
            (4 if self.callable else 0, self.call),
            (0 if where.parallel else 4, self.abrupt),
        ]
        return self.dice.choices([draw for _, draw in kinds], [weight for weight, _ in kinds])[0](where)

    def task(self, where: Where) -> Block:
        if self.chance(0.08):
            message, _ = self.definition("message")
            several = self.several()
            self.used("receive task that repeats" if several else "receive task")
            name = self.box("receiveTask", several, messageRef=message)
        else:
            name = self.box("userTask", self.several(), approdo_group="g")
        return Block(name, self.boundaries(name, name, where, 0.35))

    def automatic(self, where: Where) -> Block:
        if self.chance(0.4):
            return self.failing(where)
        name = self.box("serviceTask", self.several(bounded=True), approdo_service="count")
        return Block(name, name)

    def failing(self, where: Where) -> Block:
        """A service that sometimes answers with an error, which its own boundary catches."""
        self.used("error of a service")
        name = self.box("serviceTask", approdo_service="fail")
        code = f'<errorEventDefinition errorRef="{self.definition("error", "errorCode")[0]}"/>'
        merge = self.boundary(name, name, "", "<errorEventDefinition/>", True, where)
        if self.chance(0.5):  # never matches: the catcher of all codes must take it
            merge = self.boundary(name, name, merge, code, True, where)
        return Block(name, merge)

    def sequence(self, where: Where) -> Block:
        first = self.block(where.inner())
        last = first
        for _ in range(self.dice.randint(1, 2)):
            following = self.block(where.inner())
            self.flow(last.exit, following.entry)
            last = following
        return Block(first.entry, last.exit)

    def exclusive(self, where: Where) -> Block:
        self.used("exclusive")
        blocks = [self.block(where.inner()) for _ in range(self.dice.randint(2, 3))]
        merge = self.gateway("exclusive")
        for each in blocks:
            self.flow(each.exit, merge)
        ways = [(each.entry, self.any(*CONDITIONS)) for each in blocks[1:]]
        return Block(self.split("exclusive", ways, blocks[0].entry), merge)

    def fork(self, where: Where) -> Block:
        self.used("parallel in a loop" if where.loop else "parallel")
        fork, join = self.gateway("parallel"), self.gateway("parallel")
        for _ in range(self.dice.randint(2, 3)):
            each = self.block(where.inner(parallel=True))
            self.flow(fork, each.entry)
            self.flow(each.exit, join)
        return Block(fork, join)

    def inclusive(self, where: Where) -> Block:
        self.used("inclusive in a loop" if where.loop else "inclusive")
        join = self.gateway("inclusive")
        blocks = []
        for _ in range(self.dice.randint(2, 3)):
            each = self.block(where.inner(parallel=True))
            self.flow(self.leaving(each.exit) if self.chance(0.25) else each.exit, join)
            blocks.append(each)
        ways = [(each.entry, self.any(*CONDITIONS)) for each in blocks[1:]]
        return Block(self.split("inclusive", ways, blocks[0].entry), join)

    def leaving(self, source: str) -> str:
        """A way out of a branch that a join must not wait for."""
        self.used("way out of an inclusive branch")
        end = self.box("endEvent")
        person, on = self.person(), self.gateway("exclusive")
        self.flow(source, person)
        self.flow(person, self.split("exclusive", [(end, "modulo(r, 4) = 0")], on))
        return on

    def events(self, where: Where) -> Block:
        self.used("event gateway")
        gateway, merge = self.gateway("eventBased"), self.gateway("exclusive")
        for _ in range(self.dice.randint(2, 4)):
            if self.chance(0.15):
                event = self.box("receiveTask", messageRef=self.definition("message")[0])
            else:
                event = self.box("intermediateCatchEvent", self.awaited("timer", "timer", "message", "signal"))
            self.flow(gateway, event)
            self.through(event, merge)
        return Block(gateway, merge)

    def catch(self, where: Where) -> Block:
        self.used("catch")
        name = self.box("intermediateCatchEvent", self.awaited("timer", "message", "signal"))
        return Block(name, name)

    def throw(self, where: Where) -> Block:
        """Behind a person: a message, signal or escalation, or nothing at all."""
        person = self.person()
        kind = self.any("message", "signal", "none", "send", *("escalation",) * (6 * bool(where.levels)))
        self.used(f"throw {kind}")
        if kind == "send":
            name = self.box("sendTask", messageRef=self.definition("message")[0])
        elif kind == "none":
            name = self.box("intermediateThrowEvent")
        else:
            code = self.any(*where.levels) if kind == "escalation" else self.sent(kind)
            name = self.box("intermediateThrowEvent", f'<{kind}EventDefinition {kind}Ref="{code}"/>')
        self.flow(person, name)
        if where.own and kind in ("signal", "escalation"):  # else the catcher may read before or after the instance ends
            after = self.person()
            self.flow(name, after)
            return Block(person, after)
        return Block(person, name)

    def loop(self, where: Where) -> Block:
        self.used("loop")
        merge, on, person = self.gateway("exclusive"), self.gateway("exclusive"), self.person()
        each = self.block(where.inner(loop=True))
        self.flow(merge, each.entry)
        self.flow(each.exit, person)
        self.flow(person, self.split("exclusive", [(merge, "modulo(r, 3) != 0")], on))
        return Block(merge, on)

    def implicit(self, where: Where) -> Block:
        """Splits without a gateway: several ways out of a task, all or by their conditions (13.3.2)."""
        conditional = self.chance(0.5) and not self.wild
        self.used("conditional flows from a task" if conditional else "several flows from a task")
        blocks = [self.block(where.inner(parallel=True)) for _ in range(2)]
        join = self.gateway("inclusive" if conditional else "parallel")
        for each in blocks:
            self.flow(each.exit, join)
        if not conditional:
            person = self.person()
            for each in blocks:
                self.flow(person, each.entry)
            return Block(person, join)
        person, default = self.name("u"), self.name("f")
        self.put(f'<userTask id="{person}" approdo:group="g" default="{default}"/>')
        self.flow(person, blocks[0].entry, self.any(*CONDITIONS))
        self.flow(person, blocks[1].entry, name=default)
        return Block(person, join)

    def link(self, where: Where) -> Block:
        self.used("link")
        name = self.name("l")
        throw = self.box("intermediateThrowEvent", f'<linkEventDefinition name="{name}"/>')
        catch = self.box("intermediateCatchEvent", f'<linkEventDefinition name="{name}"/>')
        return Block(throw, catch)

    def call(self, where: Where) -> Block:
        self.used("call activity")
        given = '<approdo:input target="r" expression="r"/>' if self.chance(0.5) else ""
        back = '<approdo:output target="r" expression="r"/>' if self.chance(0.5) else ""
        mappings = f"<extensionElements>{given}{back}</extensionElements>" if given or back else ""
        name = self.box("callActivity", mappings + self.several(), calledElement=self.any(*self.callable))
        exit_ = self.boundaries(name, name, where, 0.3)
        if given:
            return Block(name, exit_)
        before = self.person()  # who takes everything along must not race with another branch that still writes
        self.flow(before, name)
        return Block(before, exit_)

    def abrupt(self, where: Where) -> Block:
        """A person decides to go on, or to end everything here at once."""
        person, on = self.person(), self.gateway("exclusive")
        kind = self.any("terminate", *("error",) * (4 * bool(where.codes)), "none", "message", "signal")
        if not where.codes and self.chance(0.05):
            kind = "error"  # nobody will catch it
        self.used(f"end {kind}")
        if kind == "error":
            code = self.any(*where.codes) if where.codes else self.definition("error", "errorCode")[0]
            end = self.box("endEvent", f'<errorEventDefinition errorRef="{code}"/>')
        elif kind in ("message", "signal"):
            name = self.definition(kind)[0] if where.own else self.sent(kind)
            end = self.box("endEvent", f'<{kind}EventDefinition {kind}Ref="{name}"/>')
        else:
            end = self.box("endEvent", "<terminateEventDefinition/>" if kind == "terminate" else "")
        self.flow(person, self.split("exclusive", [(end, self.any(*CONDITIONS))], on))
        return Block(person, on)

    # -- subprocesses -------------------------------------------------------------------------------------------------

    def subprocess(self, where: Where) -> Block:
        self.used("nested subprocess" if len(self.boxes) > 1 else "subprocess")
        several = self.several()
        transaction = self.chance(0.15)
        errors = [self.definition("error", "errorCode")[0] for _ in range(self.dice.choice((0, 0, 1, 2)))]
        levels = [self.definition("escalation", "escalationCode")[0] for _ in range(self.dice.choice((0, 0, 1, 2)))]
        codes, levels_ = (*where.codes, *errors), (*where.levels, *levels)
        own = where.own or "multiInstance" in several
        inside = where.inner(parallel=False, loop=False, codes=codes, levels=levels_, own=own)
        name = self.scope("transaction" if transaction else "subProcess", several, inside, transaction)
        if transaction and several:
            self.used("transaction that repeats")
        merge = self.boundaries(name, name, where, 0.3)
        merge = "" if merge == name else merge
        for code in errors:
            if self.chance(0.8):
                merge = self.catcher(name, merge, "error", code, where, all_errors=code == errors[0])
        for code in levels:
            if self.chance(0.8):
                merge = self.catcher(name, merge, "escalation", code, where)
        if transaction:
            merge = self.boundary(name, name, merge, "<cancelEventDefinition/>", True, where)
        return Block(name, merge or name)

    def catcher(self, host: str, merge: str, kind: str, code: str, where: Where, *, all_errors: bool = False) -> str:
        reference = "" if self.chance(0.15) and all_errors else f' {kind}Ref="{code}"'
        inside = f"<{kind}EventDefinition{reference}/>"
        return self.boundary(host, host, merge, inside, kind == "error" or self.chance(0.5), where)

    def scope(self, tag: str, several: str, where: Where, transaction: bool = False) -> str:
        name = self.name("s")
        self.boxes.append([])
        last = self.block(where)
        if "g" in last.entry or self.chance(0.9):
            self.flow(self.box("startEvent"), last.entry)
        exit_ = self.raising(last.exit, where)
        if transaction:
            exit_ = self.cancelled(exit_)
        if self.chance(0.85) or "g" in exit_:  # a gateway has a way out
            self.flow(exit_, self.box("endEvent"))
        if self.chance(0.35):
            self.handlers(where)
        inside = "".join(self.boxes.pop())
        self.put(f'<{tag} id="{name}">{several}{inside}</{tag}>')
        return name

    def raising(self, exit_: str, where: Where) -> str:
        """At the end of a subprocess, often: throw what somebody around catches."""
        draws = [self.abrupt] * bool(where.codes) + [self.throw] * bool(where.levels)
        if not draws or self.chance(0.3):
            return exit_
        each = self.dice.choice(draws)(where)
        self.flow(exit_, each.entry)
        return each.exit

    def cancelled(self, exit_: str) -> str:
        self.used("transaction cancelled")
        person, on = self.person(), self.gateway("exclusive")
        end = self.box("endEvent", "<cancelEventDefinition/>")
        self.flow(exit_, person)
        self.flow(person, self.split("exclusive", [(end, self.any(*CONDITIONS))], on))
        return on

    def handlers(self, where: Where) -> None:
        """Event subprocesses of the scope that is being drawn; no two wait for the same error or escalation."""
        caught: set[str] = set()
        for _ in range(self.dice.choice((1, 1, 2))):
            kinds = ["timer", "message", "signal", "cycle", *("error",) * bool(where.codes)]
            kind = self.any(*kinds, *("escalation",) * bool(where.levels))
            code = self.any(*(where.codes if kind == "error" else where.levels)) if kind in ("error", "escalation") else ""
            if code in caught:
                continue
            caught |= {code} - {""}
            interrupting = kind == "error" or self.chance(0.5)
            self.used(f"event subprocess {kind} {'interrupting' if interrupting else 'non-interrupting'}")
            if kind == "cycle":
                inside = self.timer("Cycle")
            elif code:
                inside = f'<{kind}EventDefinition {kind}Ref="{code}"/>'
            else:
                inside = self.awaited(kind)
            name = self.name("h")
            self.boxes.append([])
            start = self.box("startEvent", inside, isInterrupting=str(interrupting).lower())
            each = self.block(replace(where, depth=min(2, where.depth)))
            self.flow(start, each.entry)
            self.flow(each.exit, self.box("endEvent"))
            drawn = "".join(self.boxes.pop())
            self.put(f'<subProcess id="{name}" triggeredByEvent="true">{drawn}</subProcess>')

    # -- the whole ----------------------------------------------------------------------------------------------------

    def process(self, name: str, depth: int) -> bytes:
        where = Where(depth)
        first, last = self.person(), self.person()
        start = self.box("startEvent")
        each = self.sequence(where)
        self.flow(start, first)
        self.flow(first, each.entry)
        self.flow(each.exit, last)
        self.flow(last, self.box("endEvent"))
        if self.chance(0.25):
            self.handlers(where)
        return self.file(name)


def make(seed: int, depth: int = 4) -> Model:
    """Draw the model of this seed, and the process that it calls, if it calls one."""
    dice = Random(seed)
    wild = dice.random() < 0.2
    features: set[str] = {"several tokens in one place"} if wild else set()
    called: tuple[bytes, ...] = ()
    if dice.random() < 0.3:
        called = (Artist(dice, "c_", features=features).process("called", 2),)
    pen = Artist(dice, "", ("called",) if called else (), wild, features)
    return Model(seed, pen.process("main", depth), called, frozenset(features))


def fresh_seed() -> int:
    """The seed that a run begins with: a new one, or APPRODO_FUZZ_SEED."""
    return int(os.environ.get("APPRODO_FUZZ_SEED") or SystemRandom().randrange(10**9))
