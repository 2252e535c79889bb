"""How much a FEEL expression may cost, and the one error it may end in (threats A44, A45, A78)."""

from datetime import datetime
from typing import Final

from core import clock
from core.errors import N_, Refused

SOURCE: Final = 2_000
NODES: Final = 500
DEPTH: Final = 40
STEPS: Final = 10_000
TEXT: Final = 20_000
ITEMS: Final = 5_000
DIGITS: Final = 34
RESULT: Final = 20_000

TOO_LONG: Final = N_("l'espressione è troppo lunga: al massimo %(limit)s caratteri")
TOO_MANY: Final = N_("l'espressione è troppo complessa: al massimo %(limit)s parti")
TOO_DEEP: Final = N_("l'espressione ha troppe parentesi o condizioni una dentro l'altra: al massimo %(limit)s livelli")
TOO_COSTLY: Final = N_("il calcolo è troppo lungo ed è stato fermato")
TEXT_TOO_LONG: Final = N_("il calcolo produce un testo troppo lungo: al massimo %(limit)s caratteri")
LIST_TOO_LONG: Final = N_("il calcolo produce un elenco troppo lungo: al massimo %(limit)s elementi")
VALUE_TOO_BIG: Final = N_("un dato è troppo grande per essere usato in un'espressione")
RESULT_TOO_BIG: Final = N_("il risultato è troppo grande")
NUMBER_TOO_BIG: Final = N_("un numero è troppo grande o ha più di %(limit)s cifre")


class FeelError(Refused):
    """The expression cannot be read or its budget is used up; `position` counts characters from 1, if there is one."""

    status = 422

    def __init__(self, sentence: str, /, **params: object) -> None:
        super().__init__(sentence, **params)
        position = params.get("position")
        self.position = position if isinstance(position, int) else None


class Run:
    """One evaluation: the steps it still has, and the one moment that it takes for now."""

    __slots__ = ("_moment", "steps")

    def __init__(self, steps: int = STEPS) -> None:
        self.steps = steps
        self._moment: datetime | None = None

    def spend(self, steps: int) -> None:
        """Pay for work about to be done."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelError(TOO_COSTLY)

    def text(self, text: str) -> str:
        """Return a text just made, paid for by its length."""
        if len(text) > TEXT:
            raise FeelError(TEXT_TOO_LONG, limit=TEXT)
        self.spend(len(text) // 100)
        return text

    def items(self, items: list[object]) -> list[object]:
        """Return a list just made, paid for by its length."""
        if len(items) > ITEMS:
            raise FeelError(LIST_TOO_LONG, limit=ITEMS)
        self.spend(len(items))
        return items

    def now(self) -> datetime:
        """Return the moment of this evaluation, in Rome: the same however often it is asked for."""
        if self._moment is None:
            self._moment = clock.now().astimezone(clock.ROME)
        return self._moment
