"""Posts, referents, and the directory that is loaded from a file."""

from datetime import date, timedelta

import pytest

from cases import posts
from core.errors import InvalidForm, NotYours

TODAY = date(2026, 7, 21)


def answering(db, province, on=TODAY):
    found = posts.route(db, province, on)
    return found and found.code


DIRECTORY = """
[[post]]
code = "nazionale"
name = "Numero Verde"
kind = "central"
lead = "Regione Veneto"
phone = "800 290 290"

[[post]]
code = "veneto"
name = "NAVIGARe"
kind = "project"
lead = "Regione Veneto"
provinces = ["VE", "PD"]
valid_from = 2025-08-01

[[referent]]
province = "VE"
office = "Ufficio Immigrazione"
name = "Ispettore di turno"
valid_from = 2026-01-01
"""


def test_a_province_is_answered_by_its_desk_else_its_project_else_the_central_desk(db, network):
    posts.record(db, "bergamo", {"name": "Bergamo", "kind": "local", "provinces": ["BG"]}, by="cli")

    assert {p: answering(db, p) for p in ("BG", "BS", "BA", "AO")} == {
        "BG": "bergamo",
        "BS": "lombardia-2",
        "BA": "puglia",
        "AO": "nazionale",
    }
    assert answering(db, None) == "nazionale"


def test_a_project_answers_only_while_it_lasts(db, network):
    facts = {"name": "P", "kind": "project", "provinces": ["AO"], "valid_from": TODAY, "valid_to": TODAY}
    posts.record(db, "aosta", facts, by="cli")

    days = [answering(db, "AO", TODAY + timedelta(days=n)) for n in (-1, 0, 1)]
    assert days == ["nazionale", "aosta", "nazionale"]


def test_a_post_that_ended_takes_nothing_new_and_is_still_known(db, network):
    posts.record(db, "vecchia", {"name": "V", "kind": "local", "valid_to": date(2021, 6, 14)}, by="cli")

    assert posts.get(db, "vecchia").name == "V"
    with pytest.raises(InvalidForm):
        posts.get_valid(db, "vecchia")
    with pytest.raises(NotYours):
        posts.get(db, "mai-stata")


def test_the_directory_can_be_loaded_twice_and_changes_are_logged_once(db, time, said):
    for _ in range(2):
        posts.load(db, DIRECTORY, by="deploy")
    assert said("post:veneto") == ["post.added"]
    assert [r.name for r in posts.referents(db, "VE", TODAY)] == ["Ispettore di turno"]

    posts.load(db, DIRECTORY.replace('"VE", "PD"', '"VE", "PD", "VI"'), by="deploy")
    assert said("post:veneto") == ["post.added", "post.changed"]
    assert said("questura:VE") == ["referent.named"]
    assert posts.get(db, "veneto").provinces == ["VE", "PD", "VI"]


def test_a_directory_with_an_unknown_kind_or_province_is_refused(db, time):
    for wrong in (DIRECTORY.replace('"project"', '"club"'), DIRECTORY.replace('"PD"', '"QQ"')):
        with pytest.raises(InvalidForm):
            posts.load(db, wrong, by="deploy")


def test_a_referent_counts_between_its_dates(db, time):
    facts = {"office": "Immigrazione", "name": "A", "valid_from": date(2026, 1, 1), "valid_to": date(2026, 6, 30)}
    posts.name_referent(db, "BG", facts, by="u_c")

    assert [len(posts.referents(db, "BG", day)) for day in (date(2025, 12, 31), date(2026, 6, 30), TODAY)] == [0, 1, 0]


def test_a_questura_may_name_several_officers_on_one_day_and_each_nomination_keeps_its_protocol(db, time):
    facts = {"office": "Immigrazione", "valid_from": date(2026, 1, 1), "protocol": "123/2026"}
    for name in ("Prima", "Seconda", "Prima"):
        posts.name_referent(db, "BG", {**facts, "name": name}, by="u_c")

    assert sorted((r.name, r.protocol) for r in posts.referents(db, "BG", TODAY)) == [
        ("Prima", "123/2026"), ("Seconda", "123/2026"),
    ]  # fmt: skip


def test_the_lead_body_has_a_kind_and_its_place_in_the_register(db, network):
    facts = {"name": "Sportello", "kind": "local", "lead": "Associazione", "lead_kind": "privato_sociale"}
    register = {"register_section": "seconda", "register_number": "C/1/2026/BG", "register_checked_on": TODAY}
    posts.record(db, "bergamo", {**facts, **register}, by="u_c")

    post = posts.get(db, "bergamo")
    assert (post.lead_kind, post.register_section, post.register_number) == ("privato_sociale", "seconda", "C/1/2026/BG")
    with pytest.raises(InvalidForm):
        posts.record(db, "bergamo", {**facts, "register_section": "terza"}, by="u_c")
