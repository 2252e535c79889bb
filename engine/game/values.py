"""Values as they are kept: JSON values only, so that a value means the same before it was saved and after."""

import math
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from engine.game.env import Fault

N_ = str
DEEPEST = 40  # what an expression can still read (feel_limits.DEPTH)
LARGEST = 2**63 - 1
MOST_DIGITS = 300  # before the point: what a float can hold

TOO_BIG = N_("il dato «%(name)s» è un numero troppo grande o che non è un numero: non si può conservare")
NO_TEXT = N_("il dato «%(name)s» contiene un carattere che non si può conservare")
TOO_DEEP = N_("il dato «%(name)s» ha più di %(most)s livelli uno dentro l'altro: non si può conservare")
NO_VALUE = N_("il dato «%(name)s» è di un tipo che non si può conservare (%(kind)s)")


class Keeper:
    """Makes the values that an element was given plain; `feel` writes dates, times, durations and decimals as JSON."""

    def __init__(self, element: str, feel: Callable[[Any], Any]) -> None:
        self.element, self.feel, self.name = element, feel, ""

    def keep(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy in JSON values, shared with nobody. Raises Fault where something cannot be kept."""
        kept = {}
        for name, value in values.items():
            self.name = name
            kept[self._key(name)] = self._plain(value, DEEPEST)
        return kept

    def _plain(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(str.__str__(value))
        if isinstance(value, int | float):
            return self._number(value)
        if depth == 0:
            raise self._fault(TOO_DEEP, most=DEEPEST)
        if isinstance(value, Mapping):
            return {self._key(key): self._plain(each, depth - 1) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(each, depth - 1) for each in value]
        if isinstance(value, Decimal) and not (value.is_finite() and value.adjusted() < MOST_DIGITS):
            raise self._fault(TOO_BIG)
        if isinstance(value, date | time | timedelta | Decimal):
            return self._plain(self.feel(value), 0)
        raise self._fault(NO_VALUE, kind=type(value).__name__)

    def _key(self, key: Any) -> str:
        if not isinstance(key, str):
            raise self._fault(NO_VALUE, kind=type(key).__name__)
        return self._text(str.__str__(key))

    def _text(self, text: str) -> str:
        try:
            text.isascii() or text.encode()
        except UnicodeEncodeError:
            raise self._fault(NO_TEXT) from None
        return text

    def _number(self, value: float) -> float:
        if isinstance(value, int):
            if abs(value) > LARGEST:
                raise self._fault(TOO_BIG)
            return int(value)
        if not math.isfinite(value):
            raise self._fault(TOO_BIG)
        return float(value)

    def _fault(self, sentence: str, **params: object) -> Fault:
        shown = str(self.name).encode("utf-8", "replace").decode()[:80]
        return Fault(self.element, sentence, name=shown, **params)
