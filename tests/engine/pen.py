"""What random models are drawn with: boxes, flows, gateways, timers, boundary events, as text."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
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
    own: bool = False  # in an instance of a multi-instance activity: what is written here is seen outside when it ends

    def inner(self, **changes: Any) -> "Where":
        """One level down."""
        return replace(self, depth=self.depth - 1, **changes)


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

    # -- the whole -----------------------------------------------------------------------------------------------------

    def file(self, name: str) -> bytes:
        """The file of what was drawn."""
        inside = "".join(self.boxes[0])
        return (
            f'<definitions {NAMESPACES} id="d_{name}" targetNamespace="urn:test">{"".join(self.definitions)}'
            f'<process id="{name}" isExecutable="true">{inside}</process></definitions>'
        ).encode()
