"""Registered victims: what statistics may count of a person without opening anything of hers.

Sex and citizenship are sealed with her identity (P2), the form of exploitation with the decision (P3), and what is
sealed cannot be grouped. So a case carries two keyed fingerprints, of "femmina|NG" and of "sessuale": equal people have
equal ones and are counted by the database; whoever reads the table without `index.key` sees only which rows are alike.
With the key they are read back, for the choices are few. They outlive the keys of the case, as her status does: a year
that has been told does not shrink when a file is erased. Every status is kept with its day and whether she was a minor
then: the figures of a year do not change because she has come of age since. Unknown is null and is counted as such.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from itertools import product
from string import ascii_uppercase

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import codes
from core import clock, vault
from core.db import Base
from core.ids import new_id

# Who has one of these is a registered victim.
STATUSES = ("identificata", "presunta")
WHO, FORM = "trait.who", "trait.form"
COUNTRY = re.compile(r"[A-Z]{2}|XXA")
SEVERAL = "piu"
# What the register tells apart and the duty does not; transgender people are "altro" where the duty knows two sexes.
SEXES = ("femmina", "maschio", "altro")
SEX_OF = {
    "femmina": "femmina", "maschio": "maschio", "donna_trans": "altro", "uomo_trans": "altro", "non_binario": "altro",
}  # fmt: skip
FORM_OF = {"sessuale_strada": "sessuale", "sessuale_indoor": "sessuale", "sessuale_online": "sessuale", "non_nota": ""}
FORMS = (*(code for code, _ in codes.EXPLOITATION_FORMS if FORM_OF.get(code, code) == code), SEVERAL)


class Trait(Base):
    """What is known of the person of a case, as fingerprints; null is not known."""

    __tablename__ = "trait"
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), primary_key=True)
    who: Mapped[str | None] = mapped_column(Text)
    form: Mapped[str | None] = mapped_column(Text)


class Registration(Base):
    """One word on the status of a person: who decided, on what day, and whether she was a minor then."""

    __tablename__ = "registration"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    status: Mapped[str] = mapped_column(Text)
    decider: Mapped[str] = mapped_column(Text)
    on: Mapped[date] = mapped_column(index=True)
    minor: Mapped[bool | None]
    recorded_at: Mapped[datetime]


def register(db: Session, case_code: str, status: str, decider: str, on: date, minor: bool | None) -> Registration:
    """Keep a status for the figures; `casefile.set_victim_status` has said it in the log."""
    row = Registration(id=new_id(), case_code=case_code, status=status, decider=decider, on=on, minor=minor)
    row.recorded_at = clock.now()
    db.add(row)
    db.flush()
    return row


def know_person(db: Session, case_code: str, gender: str | None, citizenships: Iterable[str]) -> None:
    """Keep the fingerprint of sex and citizenship as they are known now."""
    known = sorted({code for code in citizenships if COUNTRY.fullmatch(str(code))})
    country = SEVERAL if len(known) > 1 else (known or [""])[0]
    sex = SEX_OF.get(gender or "", "")
    _write(db, case_code, who=_who(sex, country) if sex or country else None)


def know_forms(db: Session, case_code: str, forms: Iterable[str]) -> None:
    """Keep the fingerprint of the form of exploitation; nothing said leaves what was known."""
    known = sorted({FORM_OF.get(code, code) for code in forms} & set(FORMS))
    if known:
        _write(db, case_code, form=vault.blind(FORM, known[0] if len(known) == 1 else SEVERAL))


def persons_by_print() -> dict[str, tuple[str, str]]:
    """Every fingerprint of a person that there can be, with the sex and the citizenship it stands for ("" unknown)."""
    countries = ["", SEVERAL, "XXA", *(a + b for a, b in product(ascii_uppercase, repeat=2))]
    return {_who(sex, country): (sex, country) for sex in ("", *SEXES) for country in countries}


def forms_by_print() -> dict[str, str]:
    """Every fingerprint of a form of exploitation, with its code."""
    return {vault.blind(FORM, code): code for code in FORMS}


def _who(sex: str, country: str) -> str:
    return vault.blind(WHO, f"{sex or 'ignoto'}|{country or 'ignoto'}")


def _write(db: Session, case_code: str, **values: str | None) -> None:
    trait = db.get(Trait, case_code) or Trait(case_code=case_code)
    for name, value in values.items():
        setattr(trait, name, value)
    db.add(trait)
    db.flush()
