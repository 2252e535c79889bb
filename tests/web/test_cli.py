"""The command line: what it prints, and with what it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

import core.db
from cases import contacts
from core import clock, users
from notifications import outbox
from tasks import beats, formbook, pathways
from tasks.beats import Beat
from tasks.tally import Tally
from tests import databases
from tests.web.browser import PASSWORD
from tests.web.office import park
from web import cli

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "workflows" / "bpmn" / "contact.bpmn"


class Shell:
    """`approdo` with the settings of one office."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.settings = settings

    def __call__(self, *arguments: str, typed: str = "", **more: str) -> Result:
        result = CliRunner().invoke(cli.main, list(arguments), input=typed, env={**self.settings, **more})
        core.db.dispose()
        return result


@pytest.fixture
def approdo(office_url, keys, tmp_path):
    settings = {
        "APPRODO_DATABASE_URL": office_url,
        "APPRODO_KEYS": str(keys),
        "APPRODO_VAR": str(tmp_path / "var"),
        "APPRODO_PASSWORD_MEMORY_KIB": "8",
    }
    yield Shell(settings)
    core.db.dispose()


def test_the_log_is_whole_and_says_so(approdo):
    result = approdo("audit", "verify")

    assert (result.exit_code, result.output.splitlines()[0]) == (0, "Il registro è integro.")


@pytest.mark.only_on("sqlite")
def test_a_changed_line_of_the_log_is_named(approdo, office_url):
    engine = create_engine(office_url)
    with engine.begin() as connection:
        connection.execute(text("drop trigger log_line_no_update"))
        stream = connection.scalar(text("select stream from log_line where verb = 'user.added' limit 1"))
        connection.execute(text("update log_line set actor = 'nobody' where stream = :s and seq = 1"), {"s": stream})
    engine.dispose()
    result = approdo("audit", "verify")

    assert result.exit_code == 1
    assert result.output == f"{stream}, riga 1: le colonne non corrispondono al testo della riga\n"


def test_an_account_is_made_with_its_roles(approdo, office_url):
    asked = f"{PASSWORD}\n{PASSWORD}\n"
    result = approdo(
        "users", "add", "rosa", "--name", "Rosa Lanza", "--mail", "rosa@example.org",
        "--role", "case_manager@lombardia-1", "--role", "auditor", typed=asked,
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert approdo("users", "mail", "rosa", "rosa.lanza@example.org").exit_code == 0
    assert "Nessuna utenza si chiama «rita»" in approdo("users", "mail", "rita", "rita@example.org").output
    databases.connect(office_url)
    with core.db.transaction() as db:
        rosa = users.by_login(db, "rosa")
        assert rosa
        assert rosa.mail == "rosa.lanza@example.org"
        assert users.roles_of(db, rosa) == {("case_manager", "lombardia-1"), ("auditor", None)}


def test_an_account_is_closed_and_opened_again(approdo, office_url):
    for command, active in (("close", False), ("open", True)):
        assert approdo("users", command, "carla").exit_code == 0
        databases.connect(office_url)
        with core.db.transaction() as db:
            carla = users.by_login(db, "carla")
            assert carla
            assert carla.active is active


@pytest.mark.parametrize(
    ("role", "password", "sentence"),
    [
        ("case_manager@nowhere", PASSWORD, "Questa postazione non esiste"),
        ("queen", PASSWORD, "Questo ruolo non esiste."),
        ("auditor", "corta", "almeno 14 caratteri"),
    ],
)
def test_a_wrong_account_is_refused_in_one_sentence_and_nothing_is_made(approdo, office_url, role, password, sentence):
    typed = f"{password}\n{password}\n"
    result = approdo("users", "add", "rosa", "--name", "Rosa", "--mail", "r@example.org", "--role", role, typed=typed)

    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output
    databases.connect(office_url)
    with core.db.transaction() as db:
        assert users.by_login(db, "rosa") is None


def test_what_is_shipped_can_be_published_again_without_change(approdo):
    assert approdo("models", "publish").exit_code == 0
    assert approdo("models", "publish", str(MODEL)).exit_code == 0
    assert "orologio è fermo" in approdo("status").output


def test_status_says_how_late_the_clock_and_the_sender_are(approdo, office_url, time):
    databases.connect(office_url)
    with core.db.transaction() as db:
        db.add_all(Beat(name=name, at=clock.now(), fired=0, failed=0) for name in (*beats.CLOCKS, "sender"))
    core.db.dispose()
    assert "l'orologio batte\nla posta parte" in approdo("status").output
    core.db.dispose()
    databases.connect(office_url)
    with core.db.transaction() as db:
        outbox.put(db, "digest-x", "u_x", "digest", {"open": 1, "path": "/inbox"}, by="clock")
        message = outbox.claim(db)
        assert message
        outbox.give_up(db, message.key, message.attempts, "dead address", by="clock")
        beats.write(db, beats.JUMP, Tally(fired=-61))
    core.db.dispose()
    told = approdo("status")
    assert (told.exit_code, "anomalie aperte: 1" in told.output) == (1, True)
    assert "spostato indietro di 61 minuti alle " in told.output
    assert "jump" not in told.output
    core.db.dispose()
    time.forward(minutes=7)
    databases.connect(office_url)
    with core.db.transaction() as db:
        for name in beats.CLOCKS:
            db.get_one(Beat, name).at = clock.now()
    core.db.dispose()
    told = approdo("status")
    assert (told.exit_code, "la posta non parte da 7 minuti" in told.output) == (1, True)
    time.forward(minutes=5)

    assert "l'orologio è fermo da 5 minuti\nla posta non parte da 12 minuti" in approdo("status").output


def test_what_is_in_force_is_written_into_a_folder_and_proposed_from_there(approdo, office_url, tmp_path):
    folder = tmp_path / "git"
    assert approdo("models", "export", str(folder)).output.endswith("  manifest.json\nScritto.\n")
    assert approdo("models", "export", str(folder)).output == "Niente di nuovo.\n"
    assert approdo("models", "publish", str(folder)).output == "Niente di nuovo.\n"
    form = folder / "forms" / "identity.json"
    form.write_bytes(form.read_bytes() + b"\n")

    nobody = approdo("models", "publish", str(folder))
    assert (nobody.exit_code, nobody.output) == (1, "Error: Di' chi propone: --by e il nome utente di una persona del coordinamento.\n")
    told = "  forms/identity.json: proposto: lo conferma un'altra persona del coordinamento\nProposto.\n"
    assert approdo("models", "publish", str(folder), "--by", "lucia", "--reason", "Righe a capo").output == told
    assert approdo("models", "publish", str(form), "--by", "lucia").output == "Niente di nuovo.\n"
    assert approdo("models", "publish").output == "Niente di nuovo.\n"  # what is shipped is not touched by a draft

    databases.connect(office_url)
    with core.db.transaction() as db:
        formbook.publish_form(db, form.read_bytes() + b"\n", "identity", by="u_olga")
    late = approdo("models", "publish", str(folder), "--by", "lucia")
    assert late.exit_code == 1
    assert late.output.startswith("Error: Niente è stato fatto: prima va risolto ciò che segue.\n  forms/identity.json: viene dalla")
    lost = approdo("models", "export", str(folder))
    assert (lost.exit_code, "--over" in lost.output) == (1, True)
    assert approdo("models", "export", "--over", str(folder)).output == "  forms/identity.json\n  manifest.json\nScritto.\n"


def test_every_shipped_file_is_without_a_finding_also_before_an_office_is_made(tmp_path):
    bare = Shell({"APPRODO_KEYS": str(tmp_path / "keys"), "APPRODO_VAR": str(tmp_path / "var")})
    shipped = [str(file) for folder in ("bpmn", "dmn", "forms") for file in (ROOT / "workflows" / folder).iterdir()]
    result = bare("models", "check", *shipped)

    assert (result.exit_code, result.output) == (0, "")


def test_a_good_model_has_nothing_to_say(approdo):
    result = approdo("models", "check", str(MODEL))

    assert (result.exit_code, result.output) == (0, "")


def test_a_bad_model_is_told_with_line_element_and_sentence(approdo, tmp_path):
    bad = tmp_path / "bad.bpmn"
    bad.write_bytes(MODEL.read_bytes().replace(b'approdo:service="contact_route"', b'approdo:service="steal_data"'))
    told, told_json = approdo("models", "check", str(bad)), approdo("models", "check", "--json", str(bad))

    assert told.exit_code == told_json.exit_code == 1
    assert "contact_route: il servizio «steal_data» non esiste" in told.output
    finding = json.loads(told_json.output)[0]
    assert finding["element"] == "contact_route"
    assert finding["level"] == "error"
    assert finding["line"] > 1


def test_a_bad_model_is_not_published(approdo, tmp_path):
    bad = tmp_path / "bad.bpmn"
    bad.write_text("<!DOCTYPE x><x/>")
    result = approdo("models", "publish", str(bad))

    assert result.exit_code == 1
    assert "DOCTYPE" in result.output


def test_feel_prints_json_or_one_sentence(approdo):
    good = approdo("feel", 'if importo > 100 then "alto" else null', "--context", '{"importo": 101}')
    bad, odd = approdo("feel", "1 +"), approdo("feel", "1", "--context", "[")

    assert (good.exit_code, json.loads(good.output)) == (0, "alto")
    assert bad.exit_code == odd.exit_code == 1
    assert len(bad.output.strip().splitlines()) == 1


def test_a_term_is_computed(approdo):
    result = approdo("terms", "compute", "T01", "--from", "2026-08-20")

    assert result.exit_code == 0
    assert "scade il 2026-10-04, ultimo giorno lavorativo 2026-10-02" in result.output
    assert approdo("terms", "compute", "T99", "--from", "2026-08-20").exit_code == 1


def test_without_keys_nothing_starts(approdo, tmp_path):
    result = approdo("audit", "verify", APPRODO_KEYS=str(tmp_path))

    assert result.exit_code == 1
    assert "Manca il file della chiave" in result.output


def test_the_demo_must_be_asked_for_and_stays_on_this_machine(approdo):
    assert "APPRODO_DEMO=1" in approdo("demo").output
    refused = approdo("demo", APPRODO_DEMO="1", APPRODO_HOST="0.0.0.0")
    assert refused.exit_code == 1
    assert "solo da questo computer" in refused.output


@pytest.mark.only_on("sqlite")
@pytest.mark.slow
def test_the_demo_makes_an_office_once(tmp_path):
    settings = {"APPRODO_DEMO": "1", "APPRODO_VAR": str(tmp_path / "var"), "APPRODO_PASSWORD_MEMORY_KIB": "8"}
    approdo = Shell(settings)
    first, again = approdo("demo"), approdo("demo")

    assert first.exit_code == again.exit_code == 0, first.output + again.output
    assert first.output == again.output
    assert "anna" in first.output
    assert "http://127.0.0.1:8000" in first.output
    assert approdo("audit", "verify").exit_code == 0


def test_help_needs_no_office(tmp_path):
    command = [sys.executable, "-c", "from web.cli import main; main()", "--help"]
    result = subprocess.run(command, cwd=ROOT, env={"PATH": os.defpath}, capture_output=True, text=True, check=True)

    for name in ("serve", "clock", "sink", "db", "demo", "models", "users", "audit", "feel", "terms", "incidents", "status"):
        assert name in result.stdout


def test_a_term_is_printed_as_json_for_other_programs(approdo):
    result = approdo("terms", "compute", "T11", "--from", "2027-12-15", "--json")

    found = orjson.loads(result.output)
    assert (found["term"], found["kind"], found["due"]) == ("T11", "BACK", "2027-09-16")
    assert (found["last_working_day"], found["certainty"], found["version"]) == ("2027-09-16", "A", 1)
    assert found["source"] == "art. 5 c. 4 D.lgs. 286/1998"


def test_a_term_of_court_may_stand_still_in_august_and_move_off_a_saturday(approdo):
    ask = ("terms", "compute", "T24", "--from", "2026-07-20", "--json")

    assert '"due":"2026-08-19"' in approdo(*ask).output
    assert '"due":"2026-09-19"' in approdo(*ask, "--august").output
    assert '"due":"2026-09-21"' in approdo(*ask, "--august", "--saturday").output


def test_a_term_says_where_it_stands_how_sure_it_is_and_which_version_counted(approdo):
    result = approdo("terms", "compute", "T24", "--from", "2026-09-01")

    assert "T24, versione 1: Ricorso contro diniego o revoca" in result.output
    assert "certezza C, da verificare" in result.output


def test_the_closed_days_of_an_office_move_the_last_working_day(approdo):
    plain = approdo("terms", "compute", "T30", "--from", "2027-11-27")
    milan = approdo("terms", "compute", "T30", "--from", "2027-11-27", "--office", "milano")
    rome = approdo("terms", "compute", "T30", "--from", "2026-06-19", "--office", "Roma", "--json")

    assert "scade il 2027-12-07, ultimo giorno lavorativo 2027-12-07" in plain.output
    assert "scade il 2027-12-07, ultimo giorno lavorativo 2027-12-06" in milan.output
    assert orjson.loads(rome.output)["due"] == "2026-06-30"
    assert "milano" in approdo("terms", "offices").output


def test_a_term_in_hours_is_counted_from_an_hour(approdo):
    result = approdo("terms", "compute", "T47", "--from", "2026-08-11T02:10", "--json")

    assert orjson.loads(result.output)["at"] == "2026-08-14T03:00+02:00"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("T11",), "Scrivi il giorno del fatto"),
        (("T11", "--from", "domani"), "Scrivi il giorno del fatto"),
        (("T11", "--from", "2027-02-30"), "Scrivi il giorno del fatto"),
        (("T11", "--from", "9999-12-31"), "La data esce dal calendario"),
        (("T99", "--from", "2027-01-01"), "La regola T99 non esiste"),
        (("T01", "--from", "2026-07-15"), "vale per i fatti 16/07/2026"),
        (("T20", "--from", "2026-07-15"), "non ha una durata"),
        (("T11", "--from", "2027-01-01", "--office", "Atlantide"), "Sede sconosciuta: Atlantide"),
    ],
)
def test_a_wrong_question_about_a_term_gets_one_sentence_and_exit_1(approdo, words, sentence):
    result = approdo("terms", "compute", *words)

    assert result.exit_code == 1
    assert sentence in result.output
    assert len(result.output.strip().splitlines()) == 1


@pytest.fixture
def stopped(office_url):
    """A contact whose timer was given up; returns the incident's id."""
    databases.connect(office_url)
    with core.db.transaction() as db:
        known = {"at": clock.now(), "danger": True, "wants_out": True, "province": "MI"}
        contact = contacts.record(db, "call", "nv-centrale", known, {}, by="cli")
        pathways.start_contact(db, contact, by="cli")
    with core.db.transaction() as db:
        made = park(db, contact.code)
    core.db.dispose()
    return made


def test_what_stopped_is_listed_with_place_and_sentence(approdo, stopped):
    told, told_json = approdo("incidents", "list"), approdo("incidents", "list", "--json")

    assert told.exit_code == told_json.exit_code == 1
    assert stopped in told.output
    assert "pickup_escalation: Errore tecnico" in told.output
    [found] = orjson.loads(told_json.output)
    assert (found["id"], found["element"], found["attempts"]) == (stopped, "pickup_escalation", 3)


@pytest.mark.parametrize("way", ["retry", "skip", "resolve"])
def test_what_stopped_is_settled_once_with_a_reason(approdo, stopped, way):
    assert approdo("incidents", way, stopped).exit_code == 2
    refused = approdo("incidents", way, stopped, "--reason", "boh")
    assert (refused.exit_code, "almeno dieci caratteri" in refused.output) == (1, True)
    done = approdo("incidents", way, stopped, "--reason", "Riparato ieri sera")
    assert (done.exit_code, done.output) == (0, "Fatto.\n")
    again = approdo("incidents", way, stopped, "--reason", "Riparato ieri sera")

    assert again.exit_code == 1
    assert "già stata chiusa da cli" in again.output
    assert (approdo("incidents", "list").exit_code, approdo("incidents", "list").output) == (0, "")
    assert approdo("audit", "verify").exit_code == 0


def test_an_unknown_incident_is_one_sentence(approdo):
    result = approdo("incidents", "retry", "0" * 32, "--reason", "Riparato ieri sera")

    assert (result.exit_code, result.output) == (1, "Error: Non esiste, oppure non è tra le cose che puoi vedere.\n")


def test_the_figures_are_printed_to_read_or_as_a_file(approdo):
    asked = ("statistics", "helpline", "--from", "2026-01", "--to", "2026-06")
    read, made = approdo(*asked), approdo(*asked, "--post", "nv-centrale", "--json")
    lines = approdo(*asked, "--csv")

    assert "Numero Verde e messa in rete · 2026-Q1 · 2026-Q2" in read.output
    assert "Chiamate: 0 · 0" in read.output
    assert json.loads(made.output)["manifest"]["post"] == "nv-centrale"
    assert lines.output.lstrip("\ufeff").startswith("period;measure;")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("helpline", "--from", "2026-01", "--to", "2026-05"), "trimestri interi"),
        (("victims", "--from", "2026-01", "--to", "2026-12"), "non lo è ancora"),
        (("helpline", "--from", "2026-01", "--to", "2026-03", "--post", "nessuna"), "Non esiste"),
    ],
)
def test_figures_that_cannot_be_counted_are_refused_in_a_sentence(approdo, words, sentence):
    result = approdo("statistics", *words)

    assert result.exit_code == 1
    assert sentence in result.output
