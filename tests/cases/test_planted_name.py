"""A name, a number and an address planted everywhere they may be typed are nowhere in the bytes of the database."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cases import casefile, consents, contacts, deadlines, grants, permits, persons, posts, sheets, shelters, terms
from core import clock
from core.db import Base, transaction
from tests.cases.conftest import TERMS

NAME, NUMBER, STREET = "Blessing Osarumwense", "3471122334", "Vicolo dei Ciliegi"
PLANTED = f"{NAME} {NUMBER} {STREET}"
TODAY = date(2026, 8, 20)


def live_a_case():
    """Every verb that takes words, with the planted words in it."""
    with transaction() as tx:
        for code, kind in (("nazionale", "central"), ("lombardia-2", "project"), ("casa-a", "shelter")):
            posts.record(tx, code, {"name": code, "kind": kind}, by="cli")
        terms.load(tx, TERMS, by="cli")
        house = shelters.open_shelter(tx, "casa-a", "pronta", 3, address=PLANTED, by="cli")
        notes = dict.fromkeys(contacts.NOTES, PLANTED)
        call = contacts.record(tx, "call", "nazionale", {"at": clock.now()}, notes, by="u_olga")
        case = casefile.open_(tx, "lombardia-2", contact_code=call.code, worker="u_anna", by="u_luca")
        contacts.attach_case(tx, call.code, case.code, by="u_luca")
        identity = {"first_name": NAME, "aliases": [NAME.lower()], "phone": NUMBER}
        persons.record(tx, case.code, identity, {"number": NUMBER, "channel": STREET}, by="u_anna")
        everywhere = {cls: {"words": PLANTED, "name": NAME, "n": NUMBER, "list": [NAME]} for cls in sheets.CLASSES}
        sheets.file(tx, case.code, "risk_assessment", everywhere, by="u_anna")
        shelters.place(tx, case.code, house.code, TODAY, by="u_anna")
    with transaction() as tx:
        consents.record(tx, case.code, "comunicazione_questura", "questore", True, TODAY, by="u_anna")
        told = (tx, case.code, "questore", "attestato", TODAY, "pec")
        permits.communicate(*told, protocol=PLANTED, legal_reason=PLANTED, by="u_anna")
        made = permits.record_attestato(tx, case.code, TODAY, cui=NAME, number=NUMBER, by="u_anna")
        deadlines.override(tx, made.deadline_id, TODAY + timedelta(days=40), PLANTED, by="u_leo")
        casefile.suspend(tx, case.code, PLANTED, by="u_anna")
        casefile.reopen(tx, case.code, PLANTED, by="u_anna")
        casefile.mask(tx, case.code, by="u_anna")
        casefile.unmask(tx, case.code, PLANTED, by="u_silvia")
        grants.break_glass(tx, case.code, PLANTED, by="u_bruno")


def bytes_of(database, engine_url):
    """Every value of every table; on SQLite also the files as they lie on the disk."""
    with transaction() as tx:
        rows = [
            str(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in tx.execute(text(f'select * from "{table.name}"'))
        ]
    database.dispose()
    files = [Path(engine_url.removeprefix("sqlite:///") + suffix) for suffix in ("", "-wal")]
    return "\n".join(rows).encode() + b"".join(f.read_bytes() for f in files if f.is_file())


@pytest.mark.parametrize("planted", [word for word in PLANTED.split() if len(word) > 3])
def test_what_was_planted_is_nowhere(database, engine_url, time, planted):
    time.at("2026-08-20 12:00")
    live_a_case()
    found = bytes_of(database, engine_url)

    assert b"lombardia-2" in found
    assert planted.lower().encode() not in found.lower()
