"""Random models: the same seed gives the same drawing for ever.

A model is built from blocks, each with one way in and one way out, nested to some depth. Where two tokens that move in
the same moment could meet in either order, BPMN leaves the outcome open and no two games need agree; so what throws or
ends abruptly always stands behind a person's task, and conditions read only `r`, which people set.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random, SystemRandom
from xml.sax.saxutils import escape

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:approdo="urn:approdo:bpmn:1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
CONDITIONS = ("modulo(r, 2) = 0", "modulo(r, 3) = 0", "r > 5", "r <= 4", "r != 7", "r = 3")
DURATIONS = ("P1D", "PT6H", "P3D", "PT90M")
CYCLES = ("R/P2D", "R/PT12H", "R3/P1D", "R2/PT36H")
DATES = ("2026-11-12T10:00:00+01:00", "2026-11-04T09:30:00Z", "2026-07-01T00:00:00Z")


@dataclass
class Block:
    """A piece of a drawing: where one comes in, where one goes out."""

    entry: str
    exit: str


@dataclass
class Where:
    """What may be drawn here."""

    depth: int
    parallel: bool = False  # a join waits for this path: it must arrive
    loop: bool = False
    codes: tuple[str, ...] = ()  # error codes that somebody around here catches
    levels: tuple[str, ...] = ()  # escalation codes that are thrown here

    def inner(self, **changes: object) -> "Where":
        """One level down."""
        return Where(**{**self.__dict__, "depth": self.depth - 1, **changes})  # type: ignore[arg-type]


@dataclass
class Model:
    """A finished drawing."""

    seed: int
    xml: bytes
    called: tuple[bytes, ...]
    features: frozenset[str]


@dataclass
class Pen:
    """Draws one process."""

    dice: Random
    prefix: str
    callable: tuple[str, ...] = ()
    wild: bool = False
    features: set[str] = field(default_factory=set)
    signals: list[str] = field(default_factory=list)  # that somebody in the drawing waits for
    definitions: list[str] = field(default_factory=list)
    boxes: list[list[str]] = field(default_factory=lambda: [[]])
    count: int = 0

    # -- pieces -------------------------------------------------------------------------------------------------------

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{self.prefix}{letter}{self.count}"

    def put(self, text: str) -> None:
        self.boxes[-1].append(text)

    def flow(self, source: str, target: str, condition: str = "", name: str = "") -> str:
        name = name or self.name("f")
        inside = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
        self.put(f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>')
        return name

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def any(self, *choices: str) -> str:
        return self.dice.choice(choices)

    def used(self, feature: str) -> None:
        self.features.add(feature)

    def definition(self, kind: str, attribute: str = "name") -> tuple[str, str]:
        """Declare a message, signal, error or escalation; returns its id and name."""
        name = self.name(kind[0])
        extra = f' {attribute}="{name}"' if attribute != "name" else ""
        self.definitions.append(f'<{kind} id="{name}" name="{name}"{extra}/>')
        return name, name

    def sent(self, kind: str) -> str:
        """A message or signal to throw: a new one, or a signal that is waited for in the same drawing."""
        if kind == "signal" and self.signals and self.chance(0.6):
            self.used("signal to oneself")
            return self.any(*self.signals)
        return self.definition(kind)[0]

    def timer(self, *shapes: str) -> str:
        shape = self.any(*shapes)
        text = self.dice.choice({"Duration": DURATIONS, "Cycle": CYCLES, "Date": DATES}[shape])
        self.used(f"timer {shape.lower()}")
        return f"<timerEventDefinition><time{shape}>{text}</time{shape}></timerEventDefinition>"

    def awaited(self, *kinds: str) -> str:
        """An event definition that something outside triggers."""
        kind = self.any(*kinds)
        if kind == "timer":
            return self.timer("Duration", "Duration", "Date")
        name, _ = self.definition(kind)
        if kind == "signal":
            self.signals.append(name)
        return f'<{kind}EventDefinition {kind}Ref="{name}"/>'

    def box(self, tag: str, inside: str = "", **attributes: str) -> str:
        letter = "g" if tag.endswith("Gateway") else {"userTask": "u", "serviceTask": "k", "endEvent": "e"}.get(tag, "n")
        name = self.name(letter)
        texts = "".join(f' {key.replace("_", ":")}="{text}"' for key, text in attributes.items())
        self.put(f'<{tag} id="{name}"{texts}>{inside}</{tag}>')
        return name

    def gateway(self, kind: str) -> str:
        return self.box(f"{kind}Gateway")

    def split(self, kind: str, ways: list[tuple[str, str]], otherwise: str) -> str:
        """A gateway with conditional ways out and a default one."""
        name, default = self.name("g"), self.name("f")
        self.put(f'<{kind}Gateway id="{name}" default="{default}"/>')
        for target, condition in ways:
            self.flow(name, target, condition)
        self.flow(name, otherwise, name=default)
        return name

    def person(self) -> str:
        return self.box("userTask", approdo_group="g")

    def service(self) -> str:
        mapping = '<extensionElements><approdo:output target="n" expression="n + 1"/></extensionElements>'
        mapped = self.chance(0.3)
        return self.box("serviceTask", mapping if mapped else "", approdo_service="count")

    def side(self, source: str, where: Where) -> None:
        """A path of its own from here to an end."""
        last = source
        for _ in range(self.dice.randint(0, 2)):
            following = self.person() if self.chance(0.7) else self.service()
            self.flow(last, following)
            last = following
        if last == source or self.chance(0.8):
            self.flow(last, self.box("endEvent"))

    # -- repetition ---------------------------------------------------------------------------------------------------

    def several(self, *, bounded: bool = False) -> str:
        """Loop characteristics, sometimes; `bounded` for what nobody waits in."""
        roll = self.dice.random()
        if roll < 0.72:
            return ""
        if roll < 0.9:
            sequential = self.any("true", "false")
            count = self.any("2", "3", "2", "1", "0", "modulo(r, 4)")
            enough = f"<completionCondition>{escape(self.any(*CONDITIONS))}</completionCondition>"
            self.used("multi-instance sequential" if sequential == "true" else "multi-instance parallel")
            return (
                f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopCardinality>{count}'
                f"</loopCardinality>{enough if self.chance(0.3) else ''}</multiInstanceLoopCharacteristics>"
            )
        self.used("standard loop")
        most = f' loopMaximum="{self.dice.randint(1, 4)}"'
        condition = f"<loopCondition>{escape(self.any(*CONDITIONS))}</loopCondition>"
        roll = self.dice.random()
        most, condition = ("" if roll < 0.3 and not bounded else most), ("" if roll > 0.8 else condition)
        before = ' testBefore="true"' if condition and self.chance(0.4) else ""
        return f"<standardLoopCharacteristics{before}{most}>{condition}</standardLoopCharacteristics>"

    # -- boundary events ----------------------------------------------------------------------------------------------

    def boundaries(self, host: str, exit_: str, where: Where, share: float) -> str:
        """Boundary events on an activity; returns where its paths come together again."""
        merge = ""
        while self.chance(share):
            interrupting = self.chance(0.5)
            inside = self.awaited("timer", "timer", "message", "signal")
            if self.chance(0.3):
                inside = self.timer("Cycle")
            merge = self.boundary(host, exit_, merge, inside, interrupting, where)
            share /= 2
        return merge or exit_

    def boundary(self, host: str, exit_: str, merge: str, inside: str, interrupting: bool, where: Where) -> str:
        kind = inside[1 : inside.index("EventDefinition")]
        self.used(f"boundary {kind} {'interrupting' if interrupting else 'non-interrupting'}")
        flag = {"attachedToRef": host, "cancelActivity": str(interrupting).lower()}
        event = self.box("boundaryEvent", inside, **flag)
        if interrupting or (self.wild and self.chance(0.5) and not where.parallel):
            if not merge:
                merge = self.gateway("exclusive")
                self.flow(exit_, merge)
            self.through(event, merge)
        else:
            self.side(event, where)
        return merge

    def through(self, source: str, target: str) -> None:
        """A path from here to there, with or without something on it."""
        if self.chance(0.5):
            following = self.person() if self.chance(0.7) else self.service()
            self.flow(source, following)
            source = following
        self.flow(source, target)

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
        return Block(name, self.boundaries(name, name, where, 0.3))

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
            end = self.box("endEvent", f'<{kind}EventDefinition {kind}Ref="{self.sent(kind)}"/>')
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
        inside = where.inner(parallel=False, loop=False, codes=(*where.codes, *errors), levels=(*where.levels, *levels))
        name = self.scope("transaction" if transaction else "subProcess", several, inside, transaction)
        if transaction and several:
            self.used("transaction that repeats")
        merge = self.boundaries(name, name, where, 0.3)
        merge = "" if merge == name else merge
        for code in errors:
            if self.chance(0.8):
                merge = self.catcher(name, merge, "error", code, where)
        for code in levels:
            if self.chance(0.8):
                merge = self.catcher(name, merge, "escalation", code, where)
        if transaction:
            merge = self.boundary(name, name, merge, "<cancelEventDefinition/>", True, where)
        return Block(name, merge or name)

    def catcher(self, host: str, merge: str, kind: str, code: str, where: Where) -> str:
        reference = "" if self.chance(0.15) and kind == "error" else f' {kind}Ref="{code}"'
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
        """Event subprocesses of the scope that is being drawn."""
        for _ in range(self.dice.choice((1, 1, 2))):
            kinds = ["timer", "message", "signal", "cycle", *("error",) * bool(where.codes)]
            kind = self.any(*kinds, *("escalation",) * bool(where.levels))
            interrupting = kind == "error" or self.chance(0.5)
            self.used(f"event subprocess {kind} {'interrupting' if interrupting else 'non-interrupting'}")
            if kind == "cycle":
                inside = self.timer("Cycle")
            elif kind in ("error", "escalation"):
                code = self.any(*(where.codes if kind == "error" else where.levels))
                inside = f'<{kind}EventDefinition {kind}Ref="{code}"/>'
            else:
                inside = self.awaited(kind)
            name = self.name("h")
            self.boxes.append([])
            start = self.box("startEvent", inside, isInterrupting=str(interrupting).lower())
            each = self.block(where.inner(depth=min(2, where.depth)))
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
        inside = "".join(self.boxes[0])
        return (
            f'<definitions {NAMESPACES} id="d_{name}" targetNamespace="urn:test">{"".join(self.definitions)}'
            f'<process id="{name}" isExecutable="true">{inside}</process></definitions>'
        ).encode()


def make(seed: int, depth: int = 4) -> Model:
    """Draw the model of this seed, and the process that it calls, if it calls one."""
    dice = Random(seed)
    wild = dice.random() < 0.2
    features: set[str] = {"several tokens in one place"} if wild else set()
    called: tuple[bytes, ...] = ()
    if dice.random() < 0.3:
        called = (Pen(dice, "c_", features=features).process("called", 2),)
    pen = Pen(dice, "", ("called",) if called else (), wild, features)
    return Model(seed, pen.process("main", depth), called, frozenset(features))


def fresh_seed() -> int:
    """The seed that a run begins with: a new one, or APPRODO_FUZZ_SEED."""
    return int(os.environ.get("APPRODO_FUZZ_SEED") or SystemRandom().randrange(10**9))
