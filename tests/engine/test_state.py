"""The state of an instance: it comes back as it was, loads for ever, and damaged bytes are refused."""

import contextlib
import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.game.run import Run
from engine.game.state import FORMAT, Armed, Scope, State, Token, dumps, loads
from tests.engine import compare, golden
from tests.engine.play import Game

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/state-*.json"))

keys = st.text("0123456789abcdef", min_size=32, max_size=32)
ids = st.integers(1, 10_000)
names = st.text(min_size=1, max_size=12)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
facts = st.dictionaries(st.text(max_size=12), json_values, max_size=5)
armed = st.builds(
    Armed,
    node=names,
    index=st.integers(0, 9),
    key=st.none() | keys,
    due=st.none() | st.just("2026-08-11T00:10:00+00:00"),
    left=st.none() | st.integers(1, 999),
    was=st.none() | st.booleans(),
    base=st.none() | st.just("2026-08-11T00:10:00+00:00"),
    turn=st.integers(0, 9999),
)
tokens = st.builds(
    Token,
    id=ids,
    node=names,
    scope=ids,
    via=st.none() | names,
    key=keys,
    armed=st.lists(armed, max_size=3),
    inner=st.booleans(),
    due=st.none() | st.just("2026-08-11T00:10:00+00:00"),
    loop=st.none() | facts,
)
scopes = st.builds(
    Scope,
    id=ids,
    role=st.sampled_from(["process", "sub", "call", "event", "instance"]),
    node=st.none() | names,
    parent=st.none() | ids,
    host=st.none() | ids,
    definition=keys,
    vars=facts,
    armed=st.lists(armed, max_size=2),
)
states = st.builds(
    lambda last, tokens, scopes: State(last, {t.id: t for t in tokens}, {s.id: s for s in scopes}),
    st.integers(0, 10**9),
    st.lists(tokens, max_size=4),
    st.lists(scopes, max_size=4),
)


@settings(max_examples=30)
@given(states)
def test_a_state_comes_back_as_it_was(state):
    back = loads(dumps(state))

    assert back == state
    assert list(back.tokens) == list(state.tokens)
    assert dumps(back) == dumps(state)


@settings(max_examples=40)
@given(facts)
def test_what_people_write_comes_back_as_it_was(written):
    scope = Scope(1, "process", None, None, None, "d" * 32, written)

    assert loads(dumps(State(1, {}, {1: scope}))).scopes[1].vars == written


def test_a_state_is_small_and_says_its_format_first():
    raw = dumps(State())

    assert raw.startswith(b"[%d," % FORMAT)
    assert len(raw) < 20


@pytest.mark.parametrize("raw", [b"", b"{}", b"null", b"[]", b"1", b'"x"', b"[", b"\x00\xff", b"[1", b"not json", b"[[1]]"])
def test_bytes_that_are_no_state_are_refused(raw):
    with pytest.raises(ValueError):
        loads(raw)


@pytest.mark.parametrize("number", [0, -1, 99, "1", None, 1.5])
def test_a_format_that_is_not_known_is_refused(number):
    with pytest.raises(ValueError):
        loads(orjson.dumps([number, 0, [], []]))


MALFORMED = [
    b"[1]",
    b"[1,0]",
    b"[1,0,[],[],[]]",
    b"[1,0,null,[]]",
    b"[1,0,[[]],[]]",
    b"[1,0,[[1]],[]]",
    b"[1,0,[],[[1,2]]]",
    b"[1,0,[1],[]]",
    b'[1,0,[[1,"a",1,null,"k",[["n"]],0,null,null]],[]]',
    b'[1,0,[[1,"a",1,null,"k",5,0,null,null]],[]]',
    b'[1,0,[[{},"a",1,null,"k",[],0,null,null]],[]]',
]


@pytest.mark.parametrize("raw", MALFORMED)
def test_a_state_with_missing_pieces_is_refused_and_not_half_read(raw):
    with pytest.raises(ValueError):
        loads(raw)


@settings(max_examples=40)
@given(states.filter(lambda state: state.tokens), st.data())
def test_a_flipped_byte_is_refused_or_gives_some_state_but_never_an_odd_error(state, data):
    raw = bytearray(dumps(state))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))

    with contextlib.suppress(ValueError):
        assert isinstance(loads(bytes(raw)), State)


# -- golden files: states of every release load for ever (threats R22, R23) --------------------------------------------


def test_there_are_golden_states_of_the_first_release():
    assert len([path for path in GOLDEN if path.parent.name == "0.1.0"]) >= 12


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_state_of_an_earlier_release_still_means_the_same(path):
    kept = json.loads(path.read_text())
    state = loads(bytes.fromhex(kept["state"]))

    assert golden.view(state, golden.desk(kept["models"])) == kept["view"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_instance_of_an_earlier_release_can_be_brought_to_its_end(path):
    kept = json.loads(path.read_text())
    game = golden.resume(bytes.fromhex(kept["state"]), kept["models"])

    for _ in range(200):
        if game.over:
            break
        if game.people():
            game.complete(game.people()[0].id, {"r": 3})
        elif game.timers:
            game.pass_time(days=4)
        else:
            owner, one = game.armed()[0]
            _, event = golden.awaited(game, owner, one)
            (game.message if event.kind == "message" else game.signal)(event.name or "")

    assert game.over


def test_a_golden_picture_shows_when_a_state_is_read_wrongly():
    kept = json.loads(GOLDEN[0].read_text())
    state = loads(bytes.fromhex(kept["state"]))
    next(iter(state.tokens.values())).node = "elsewhere"

    with pytest.raises((AssertionError, KeyError)):
        assert golden.view(state, golden.desk(kept["models"])) == kept["view"]


def test_writing_the_golden_states_of_today_gives_states_that_mean_the_same(tmp_path):
    golden.write(tmp_path)

    for path in sorted(tmp_path.glob("state-*.json")):
        kept = json.loads(path.read_text())
        assert golden.view(loads(bytes.fromhex(kept["state"])), golden.desk(kept["models"])) == kept["view"]
    assert {path.name for path in tmp_path.glob("*")} == {p.name for p in GOLDEN if p.parent.name == "0.1.0"}


def test_a_state_holds_no_history():
    game = Game(golden.MODELS["loop"][0].encode(), facts={"r": 0})
    first = len(dumps(game.state))

    for _ in range(50):
        game.do("a", r=1)

    assert len(dumps(game.state)) <= first + 12
    assert isinstance(Run(game.state, game.desk), Run)
    assert compare.of_engine(game.state, game.run) is not None
