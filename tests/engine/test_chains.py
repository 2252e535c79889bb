"""Pathways that follow one another by messages: the ordinary chain, and rings that would never stop."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from core import clock
from core.errors import InvalidModel
from engine import chains, instances, lint, registry, runs
from engine.findings import Finding
from engine.incidents import open_incidents
from engine.tables import Instance
from tasks import schedule
from tests.engine import office
from tests.engine.draw import (
    boundary,
    call,
    catch,
    draw,
    end,
    mapped,
    on,
    on_event,
    send,
    service,
    start,
    sub,
    throw,
    timer,
)
from tests.engine.office import begun, do, publish, tasks, tick_until_quiet, transaction, verbs

pytestmark = pytest.mark.usefixtures("database", "time")
STOPS = "senza mai fermarsi"


def by_message(message: str, *pieces: str) -> tuple[str, ...]:
    """A process that begins with a message; the pieces begin at `m`."""
    return (start("m", on("message", message)), *pieces)


def published(**models: tuple[str, ...]) -> None:
    with transaction() as db:
        for process, pieces in models.items():
            publish(db, *pieces, process=process)


def unchecked(monkeypatch, **models: tuple[str, ...]) -> None:
    """Publish what the lint would refuse, as it came in before there was the rule."""
    with monkeypatch.context() as patch:
        patch.setattr(chains, "rings", lambda program, others: [])
        published(**models)


def processes() -> list[str]:
    """The process of each instance there is."""
    with transaction() as db:
        definitions = {each.id: each.process_id for each in registry.newest(db)}
        rows = db.scalars(select(Instance))
        return sorted(definitions[row.definition_id] for row in rows)


# -- the ordinary chain ------------------------------------------------------------------------------------------------

PROTECTION = ("s>a>t>e", send("t", "protected", mapped(("level", "level"))))
PROGRAMME = by_message("protected", "m>b>u>e", send("u", "planned", mapped(("level", "level"))))
PERMIT = by_message("planned", "m>c>e")


def test_a_pathway_begins_the_next_in_the_same_transaction():
    published(programme=PROGRAMME, permit=PERMIT)
    begun(*PROTECTION)

    with transaction() as db:
        do(db, "a", level=3)
        db.flush()
        assert office.waiting(db) == ["b"]

    with transaction() as db:
        assert (tasks(db)[0].business_key, tasks(db)[0].tenant) == ("C-1", "torino")
        do(db, "b")
        assert office.waiting(db) == ["c"]
        permit = office.get(db, tasks(db)[0].instance_id)
        assert instances.process_facts(permit) == {"level": 3}
    with transaction() as db:
        assert verbs(db).count("instance.started") == 3


def test_pathways_that_do_not_wait_are_walked_through_one_after_the_other():
    published(
        **{f"p{n}": by_message(f"m{n}", "m>t>e", send("t", f"m{n + 1}")) for n in range(1, 10)},
        last=by_message("m10", "m>z>e"),
    )

    begun("s>t>e", send("t", "m1"))

    with transaction() as db:
        assert office.waiting(db) == ["z"]
    assert len(processes()) == 11


def test_a_fault_in_what_is_begun_leaves_the_step_that_begins_it_undone():
    published(next=by_message("go", "m>k>e", service("k", service="test_break")))
    begun("s>a>t>e", send("t", "go"))

    with pytest.raises(RuntimeError), transaction() as db:
        do(db, "a")

    with transaction() as db:
        assert office.waiting(db) == ["a"]
    assert len(processes()) == 1


def test_whether_a_message_begins_a_process_is_one_statement_whatever_is_published(database):
    published(**{f"p{n}": by_message(f"m{n}", "m>a>e") for n in range(12)})
    with transaction() as db:
        assert registry.started_by(db, "m7") is not None  # each model is read once in the life of a process
    seen: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *call: seen.append(call[2]))

    with transaction() as db:
        found = registry.started_by(db, "m7")

    assert found is not None
    assert (found[0].process_id, found[1]) == ("p7", "m")
    assert len([each for each in seen if each.lstrip().lower().startswith("select")]) == 1
    assert not any("definition.xml" in each for each in seen)


def starts(message: str) -> str:
    with transaction() as db:
        found = registry.started_by(db, message)
    assert found is not None
    return found[0].process_id


def test_a_copy_takes_no_message_over_whatever_it_is_called(time):
    published(zeta=by_message("go", "m>a>e"))
    time.forward(days=1)
    published(alfa=by_message("go", "m>b>e"))
    assert starts("go") == "zeta"

    time.forward(days=1)
    published(zeta=by_message("go", "m>a>c>e"))  # the next version of it goes on
    assert starts("go") == "zeta"
    begun("s>t>e", send("t", "go"))
    with transaction() as db:
        assert office.waiting(db) == ["a"]

    time.forward(days=1)
    published(zeta=("s>a>e",))
    assert starts("go") == "alfa"
    time.forward(days=1)
    published(zeta=by_message("go", "m>a>e"))  # what it has given up it does not take back
    assert starts("go") == "alfa"


def test_a_copy_to_come_takes_no_message_over_on_its_day(time):
    published(zeta=by_message("go", "m>a>e"))
    with transaction() as db:
        registry.publish(db, draw(*by_message("go", "m>b>e"), process="alfa"), in_force_from=clock.now() + timedelta(days=2), by="u_coord")
    time.forward(days=1)
    published(zeta=by_message("go", "m>a>c>e"))

    time.forward(days=2)
    assert starts("go") == "zeta"


# -- rings -------------------------------------------------------------------------------------------------------------

PING = by_message("ping", "m>t>e", send("t", "pong"))
PONG = by_message("pong", "m>t>e", throw("t", on("message", "ping")))


def sentences(model: bytes) -> list[str]:
    with transaction() as db:
        return [f"{each.level}: {each.text}" for each in lint.check(model, registry.known(db))]


def test_a_ring_is_refused_when_its_last_model_is_published():
    published(ping=PING)

    with pytest.raises(InvalidModel) as caught, transaction() as db:
        publish(db, *PONG, process="pong")

    (finding,) = caught.value.findings
    assert isinstance(finding, Finding)
    assert (finding.element, finding.level) == ("m", "error")
    assert "«pong»" in finding.text
    assert STOPS in finding.text


def test_a_process_that_begins_itself_is_refused():
    assert STOPS in sentences(draw(*by_message("ping", "m>t>e", send("t", "ping"))))[0]


@pytest.mark.parametrize(
    "pieces",
    [
        ("m>xor>t[x]>e", "xor>e1", send("t", "pong")),
        ("m>e", end("e", on("message", "pong"))),
        ("m>c>e", sub("c", "s1>t>e1", send("t", "pong"))),
        ("m>c>t>e", sub("c", "s1>k>e1", service("k", service="test_note")), send("t", "pong")),
        ("m>k>a>e", "x>t>e1", service("k", service="test_refuse"), boundary("x", "k", on("error", "full")), send("t", "pong")),
        ("m>k>a>e", service("k", service="test_refuse"), on_event("h", on("error", "full"), "t>he", send("t", "pong"), end("he", ""))),
    ],
    ids=["a gateway", "an end", "a subprocess", "behind a subprocess", "an error", "an error subprocess"],
)  # fmt: skip
def test_a_ring_is_found_on_every_way_that_does_not_wait(pieces):
    published(pong=PONG)

    assert [each for each in sentences(draw(*by_message("ping", *pieces), process="ping")) if STOPS in each]


@pytest.mark.parametrize(
    "pieces",
    [
        ("m>a>t>e", send("t", "pong")),
        ("m>w>t>e", catch("w", timer("P1D")), send("t", "pong")),
        ("m>c>t>e", sub("c", "s1>a>e1"), send("t", "pong")),
        ("m>c>e", sub("c", "s1>a>t>e1", send("t", "pong"))),
        ("m>c>t>e", call("c", "other"), send("t", "pong")),
        ("m>a>e", "x>t>e1", boundary("x", "a", timer("P1D")), send("t", "pong")),
        ("m>t>e", send("t", "something_else")),
    ],
    ids=["a person", "a timer", "a subprocess", "in a subprocess", "a call", "a boundary timer", "another message"],
)
def test_a_ring_in_which_something_waits_is_a_pathway(pieces):
    published(other=("s>a>e",), pong=PONG)

    assert [each for each in sentences(draw(*by_message("ping", *pieces), process="ping")) if STOPS in each] == []


def scheduled(days: int, **models: tuple[str, ...]) -> None:
    with transaction() as db:
        day = clock.now() + timedelta(days=days)
        for process, pieces in models.items():
            registry.publish(db, draw(*pieces, process=process), in_force_from=day, by="u_coord")


def test_a_ring_through_a_version_to_come_is_refused_whatever_the_days(time):
    published(ping=("s>a>e",), pong=("s>a>e",))
    scheduled(2, ping=PING)

    for days in (1, 2, 3):
        with pytest.raises(InvalidModel):
            scheduled(days, pong=PONG)
    (found,) = sentences(draw(*PONG, process="pong"))
    assert found.startswith("error: con una versione già confermata")
    assert STOPS in found
    assert sentences(draw(*by_message("pong", "m>a>t>e", send("t", "ping")), process="pong")) == []
    assert sentences(draw(*PING, process="ping")) == []  # with its own version to come it makes no ring
    scheduled(4, ping=by_message("ping", "m>a>t>e", send("t", "pong")))
    assert len(sentences(draw(*PONG, process="pong"))) == 1  # the later one may still be taken back
    time.forward(days=5)
    assert sentences(draw(*PONG, process="pong")) == []


def test_a_new_version_that_opens_the_ring_may_be_published(monkeypatch):
    unchecked(monkeypatch, ping=PING, pong=PONG)

    published(ping=by_message("ping", "m>a>t>e", send("t", "pong")))

    assert sentences(draw(*PONG, process="pong")) == []


def test_two_processes_that_begin_by_one_message_are_said_to_be_one_too_many():
    published(one=by_message("go", "m>a>e"))

    (found,) = sentences(draw(*by_message("go", "m>a>e"), process="two"))

    assert found.startswith("warning: ")
    assert "avvia già il percorso «one»: per ora questo non parte" in found


def test_which_one_of_several_starts_is_said_at_each_of_them(time):
    models = {name: draw(*by_message("go", "m>a>e"), process=name) for name in ("alfa", "beta", "zeta", "new")}
    for name in ("zeta", "alfa", "beta"):
        published(**{name: by_message("go", "m>a>e")})
        time.forward(days=1)

    for name in ("alfa", "beta", "new"):
        assert sentences(models[name]) == ["warning: il messaggio «go» avvia già il percorso «zeta»: per ora questo non parte"]
    first = sentences(models["zeta"])
    assert len(first) == 2
    assert all("parte questo, che comincia così da prima" in each for each in first)
    assert "«alfa»" in first[0]
    assert "«beta»" in first[1]


def test_that_a_version_to_come_begins_by_the_same_message_is_said(time):
    scheduled(3, one=by_message("go", "m>a>e"))

    (found,) = sentences(draw(*by_message("go", "m>a>e"), process="two"))

    assert found.startswith("warning: ")
    assert "comincerà anche il percorso «one», in una versione già confermata" in found
    assert sentences(draw(*by_message("go", "m>b>e"), process="one")) == []
    published(zeta=by_message("go", "m>a>e"))
    (found,) = sentences(draw(*by_message("go", "m>a>e"), process="two"))
    assert "avvia già il percorso «zeta»" in found


def test_a_ring_that_is_running_all_the_same_is_stopped_in_words_and_changes_nothing(monkeypatch):
    unchecked(monkeypatch, ping=PING, pong=PONG)
    begun("s>a>t>e", send("t", "ping"))

    with pytest.raises(runs.ModelFault, match="avvia ancora un percorso, dopo i 20 avviati da questo solo passo"), transaction() as db:
        do(db, "a")

    with transaction() as db:
        assert office.waiting(db) == ["a"]
    assert len(processes()) == 1


def test_processes_that_each_begin_several_are_stopped_in_words(monkeypatch):
    many = by_message("ping", *(f"m>t{n}>e{n}" for n in range(9)), *(send(f"t{n}", "ping") for n in range(9)))
    unchecked(monkeypatch, ping=many)

    with pytest.raises(runs.ModelFault, match="avviati da questo solo passo"):
        begun("s>t>e", send("t", "ping"))

    assert processes() == []


def test_a_ring_that_a_timer_enters_is_parked_for_a_coordinator(monkeypatch, time):
    unchecked(monkeypatch, ping=PING, pong=PONG)
    begun("s>w>t>e", catch("w", timer("P1D")), send("t", "ping"))
    time.forward(days=1)

    for _ in range(3):
        schedule.fire_timers()
        time.forward(days=1)

    with transaction() as db:
        (incident,) = open_incidents(db)
        assert (incident.element, incident.business_key) == ("w", "C-1")
        assert "avviati da questo solo passo" in incident.sentence
        assert instances.due(db, clock.now()) == []
    assert tick_until_quiet() == 0
