"""From one component of a form to the marshmallow field that judges what was typed into it.

What browsers send and what people type are both accepted: `12,5` and `12.5`, `2026-08-11` and `11/08/2026`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import marshmallow as ma
from marshmallow import validate

from core import clock
from core.clock import ROME
from core.errors import N_
from engine import feel
from tasks.components import SEVERAL, Component

Translate = Callable[[str], str]
Check = Callable[[Any], Any]

LONGEST = {"textfield": 500, "textarea": 10_000}
LONGEST_MATCHED = 200
REQUIRED = N_("Campo obbligatorio")
INVALID = {
    "number": N_("Numero non valido"),
    "date": N_("Data non valida"),
    "time": N_("Ora non valida"),
    "datetime": N_("Data o ora non valida"),
    "email": N_("Indirizzo di posta non valido"),
    "phone": N_("Numero internazionale, per esempio +390612345678"),
    "text": N_("Contiene caratteri non ammessi"),
}
NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,10})?", re.ASCII)
ITALIAN_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(.*)", re.ASCII | re.DOTALL)
EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,63}(\.[^\s@.]{1,63}){1,8}")
PHONE = re.compile(r"\+[1-9]\d{5,14}", re.ASCII)


def number(text: str) -> Decimal | None:
    """The number in this text, with a comma or a point before the decimals; None if there is none."""
    plain = text.replace(" ", "").replace("'", "")
    if "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    return Decimal(plain) if NUMBER.fullmatch(plain) else None


def day(text: str) -> date | None:
    """The day in this text, as browsers send it or as Italians write it; None if there is none."""
    try:
        found = date.fromisoformat(_iso(text))
    except ValueError:
        return None
    return found if 1900 <= found.year < 2200 else None


def time_of_day(text: str) -> time | None:
    """The time in this text, without seconds; None if there is none."""
    try:
        found = time.fromisoformat(text.replace(".", ":"))
    except ValueError:
        return None
    return found.replace(second=0, microsecond=0) if found.tzinfo is None else None


def moment(text: str) -> datetime | None:
    """The instant this text names on a clock in Rome; None if there is none, or if clocks skipped that hour."""
    try:
        found = datetime.fromisoformat(_iso(text).replace(" ", "T"))
    except ValueError:
        return None
    local = found.astimezone(ROME) if found.tzinfo else found.replace(tzinfo=ROME)
    real = local.astimezone(UTC).astimezone(ROME).replace(tzinfo=None) == local.replace(tzinfo=None)
    return local.replace(second=0, microsecond=0) if real and 1900 <= local.year < 2200 else None


PARSERS: Mapping[str, Callable[[str], Any]] = {"number": number, "date": day, "time": time_of_day, "datetime": moment}


def _iso(text: str) -> str:
    found = ITALIAN_DAY.fullmatch(text.strip())
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}{found[4]}" if found else text.strip()


def value_of(expression: feel.Expression, context: Mapping[str, Any]) -> Any:
    """What an expression of the form says of these answers; null where it has no answer or costs too much."""
    try:
        return expression.evaluate(context)
    except feel.FeelError:
        return None


class Parsed(ma.fields.Field[Any]):
    """A number, a day, a time or an instant."""

    def __init__(self, parse: Callable[[str], Any], **rest: Any) -> None:
        super().__init__(**rest)
        self.parse = parse

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        found = self.parse(value) if isinstance(value, str) and len(value) <= 40 else None
        if found is None:
            raise self.make_error("invalid")
        return found


class Words(ma.fields.Field[str]):
    """Text in one Unicode form, with no control characters but tabs and line ends."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        if not isinstance(value, str) or any(_is_forbidden(letter) for letter in value):
            raise self.make_error("invalid")
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n"))


def _is_forbidden(letter: str) -> bool:
    return letter not in "\t\n\r" and unicodedata.category(letter) in ("Cc", "Cs")


class Judge:
    """Makes the fields of one form, given the answers so far (limits may depend on them) and a language."""

    def __init__(self, context: Mapping[str, Any], translate: Translate) -> None:
        self._context = context
        self._translate = translate

    def field(self, part: Component) -> ma.fields.Field[Any]:
        """The field that judges this component."""
        if part.type in SEVERAL:
            return self._several(part)
        if part.type == "checkbox":
            ticked = [validate.Equal(True, error=self._say(REQUIRED))] if part.required else []
            return ma.fields.Boolean(validate=ticked, **self._common(part, REQUIRED))
        if part.type in ("select", "radio"):
            return Words(validate=self._one_of(part), **self._common(part, INVALID["text"]))
        if part.type in LONGEST:
            return Words(validate=self._text_checks(part), **self._common(part, INVALID["text"]))
        kind = part.subtype or part.type
        checks = self._number_checks(part) if kind == "number" else self._date_checks(part)
        return Parsed(PARSERS[kind], validate=checks, **self._common(part, INVALID[kind]))

    def _common(self, part: Component, invalid: str) -> dict[str, Any]:
        missing = self._say(REQUIRED)
        messages = {"required": missing, "null": missing, "invalid": self._say(invalid)}
        return {"required": part.required, "allow_none": not part.required, "error_messages": messages}

    def _several(self, part: Component) -> ma.fields.Field[Any]:
        some = [validate.Length(min=1, error=self._say(REQUIRED))] if part.required else []
        common = self._common(part, INVALID["text"])
        one = Words(validate=self._one_of(part), error_messages=common["error_messages"])
        return ma.fields.List(one, validate=some, **common)

    def _one_of(self, part: Component) -> Check:
        allowed = [option.value for option in part.options]
        return validate.OneOf(allowed, error=self._say(N_("Scelta non ammessa")))

    def _text_checks(self, part: Component) -> list[Check]:
        fewest, most = self._limit(part, "minLength"), self._limit(part, "maxLength") or Decimal(LONGEST[part.type])
        checks: list[Check] = [self._length(int(fewest or 0), int(most))]
        if pattern := str(part.rules.get("pattern") or ""):
            words = str(part.rules.get("patternErrorMessage") or self._say(N_("Formato non valido")))
            checks.append(self._holds(lambda text: _finds(pattern, text), words))
        if part.rules.get("validationType") == "email":
            checks.append(self._holds(EMAIL.fullmatch, self._say(INVALID["email"])))
        if part.rules.get("validationType") == "phone":
            checks.append(self._holds(lambda text: PHONE.fullmatch(text.replace(" ", "")), self._say(INVALID["phone"])))
        return checks

    def _length(self, fewest: int, most: int) -> Check:
        few = self._say(N_("Almeno %(min)s caratteri"), min=fewest)
        many = self._say(N_("Al massimo %(max)s caratteri"), max=most)

        def check(text: str) -> None:
            if len(text) < fewest:
                raise ma.ValidationError(few)
            if len(text) > most:
                raise ma.ValidationError(many)

        return check

    def _number_checks(self, part: Component) -> list[Check]:
        low, high = self._limit(part, "min"), self._limit(part, "max")
        checks = []
        if low is not None:
            words = self._say(N_("Il valore minimo è %(min)s"), min=low)
            checks.append(self._holds(lambda value: value >= low, words))
        if high is not None:
            words = self._say(N_("Il valore massimo è %(max)s"), max=high)
            checks.append(self._holds(lambda value: value <= high, words))
        if step := number(part.step):
            words = self._say(N_("Il valore deve essere un multiplo di %(step)s"), step=step)
            checks.append(self._holds(lambda value: value % step == 0, words))
        if (most := part.decimals) is not None:
            words = self._say(N_("Al massimo %(count)s decimali"), count=most)
            checks.append(self._holds(lambda value: value == round(value, most), words))
        return checks

    def _date_checks(self, part: Component) -> list[Check]:
        checks = []
        if part.not_past and part.subtype != "time":
            words = self._say(N_("La data è già passata"))
            checks.append(self._holds(lambda value: _as_day(value) >= clock.today(), words))
        if part.not_future and part.subtype != "time":
            words = self._say(N_("La data non può essere nel futuro"))
            checks.append(self._holds(lambda value: _as_day(value) <= clock.today(), words))
        return checks

    def _holds(self, is_right: Callable[[Any], object], words: str) -> Check:
        def check(value: Any) -> None:
            if not is_right(value):
                raise ma.ValidationError(words)

        return check

    def _limit(self, part: Component, name: str) -> Decimal | None:
        limit = part.limits.get(name)
        if isinstance(limit, feel.Expression):
            limit = value_of(limit, self._context)
        return limit if isinstance(limit, Decimal) else number(str(limit))

    def _say(self, sentence: str, **params: object) -> str:
        words = str(self._translate(sentence))
        return words % params if params else words


def _finds(pattern: str, text: str) -> bool:
    """JavaScript's rule: a pattern is searched, not matched whole; bounded, since the author is not a programmer."""
    return len(text) <= LONGEST_MATCHED and re.search(pattern, text) is not None


def _as_day(value: date | datetime) -> date:
    return value.astimezone(ROME).date() if isinstance(value, datetime) else value
