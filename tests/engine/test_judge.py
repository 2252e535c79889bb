"""The engine against the judge: random models with fresh seeds in every run.

A failure prints its seed; `APPRODO_FUZZ_SEED=<seed> pytest tests/engine/test_judge.py` plays it again, and first.
"""

from collections import Counter
from dataclasses import replace

import pytest

from drills.__main__ import main
from engine import lint
from engine.game import activities, events, gateways
from engine.game.run import CLOSED, ENTER, QUIET, Run
from tests.engine import fuzz, generator, tangle

GROUPS, EACH = 12, 30
FIRST = generator.fresh_seed()
FEATURES = {
    *("exclusive", "parallel", "parallel in a loop", "inclusive", "inclusive in a loop", "event gateway", "loop"),
    *("way out of an inclusive branch", "several flows from a task", "conditional flows from a task", "link", "catch"),
    *("timer date", "timer duration", "timer cycle", "receive task", "receive task that repeats", "call activity"),
    *("multi-instance parallel", "multi-instance sequential", "standard loop", "several tokens in one place"),
    *("subprocess", "nested subprocess", "transaction cancelled", "transaction that repeats", "error of a service"),
    *(f"throw {kind}" for kind in ("none", "message", "send", "signal", "escalation")),
    *(f"end {kind}" for kind in ("none", "message", "signal", "error", "terminate")),
    *(f"boundary {kind} interrupting" for kind in ("timer", "message", "signal", "escalation", "error", "cancel")),
    *(f"boundary {kind} non-interrupting" for kind in ("timer", "message", "signal", "escalation")),
    *(f"event subprocess {kind} interrupting" for kind in ("timer", "cycle", "message", "signal", "error", "escalation")),
    *(f"event subprocess {kind} non-interrupting" for kind in ("timer", "cycle", "message", "signal", "escalation")),
    "signal to oneself",
}


@pytest.mark.parametrize("group", range(GROUPS))
def test_engine_and_judge_agree_on_random_models(group):
    first = FIRST + group * EACH

    differences = [played.difference for seed in range(first, first + EACH) if (played := fuzz.play(seed)).difference]

    assert not differences, f"APPRODO_FUZZ_SEED={differences[0].split()[1].strip(',')}\n" + "\n".join(differences[:3])


@pytest.mark.parametrize("group", range(4))
def test_engine_and_judge_agree_on_drawings_without_any_structure(group):
    first = FIRST + group * EACH
    accepted = [seed for seed in range(first, first + EACH) if not wrong(tangle.make(seed).xml)]

    differences = [each for seed in accepted if (each := fuzz.play(seed, draw=tangle.make).difference)]

    assert len(accepted) >= EACH / 10  # of half of them the lint finds nothing wrong; fewer than three are 1 in 400,000
    assert not differences, f"APPRODO_FUZZ_SEED={differences[0].split()[1].strip(',')}\n" + "\n".join(differences[:3])


def wrong(xml: bytes) -> list[str]:
    return [each.text for each in lint.check(xml) if each.level == "error"]


@pytest.mark.parametrize("group", range(2))
def test_the_lint_finds_nothing_wrong_with_models_that_run_right(group):
    first = FIRST + group * EACH
    models = [generator.make(seed) for seed in range(first, first + EACH)]

    found = {model.seed: text for model in models for xml in (model.xml, *model.called) for text in wrong(xml)}

    assert found == {}


def test_the_same_seed_draws_the_same_model():
    first, again = generator.make(4711), generator.make(4711)

    assert (first.xml, first.called) == (again.xml, again.called)


def test_the_random_models_are_made_of_everything_the_judge_knows():
    features = Counter(feature for seed in range(1500) for feature in generator.make(seed).features)

    assert FEATURES - features.keys() == set()
    assert min(features[feature] for feature in FEATURES) >= 5


# -- would they notice? ------------------------------------------------------------------------------------------------


def never_waits(run, token, node):
    """A join that lets the first token through."""
    run.leave(token)


def all_ways(run, token, node):
    """A gateway that takes every way out."""
    for flow in node.outgoing:
        run.put(token.scope, flow.target, flow.id)
    run.remove(token)


def forgets_boundaries(run, token, node):
    """An activity whose boundary events do not listen."""
    activities.activity(run, token, replace(node, boundary=()))


def ends_nothing(run, token, node):
    """An end event that is like any other."""
    run.leave(token)


def ends_too_early(run, scope):
    """A multi-instance activity that is done with its first instance."""
    host = run.state.tokens.get(scope.host or 0)
    if host is not None:
        for other in [each for each in run.state.scopes.values() if each.host == host.id]:
            run.cancel_scope(other.id)
        run.leave(host)


SABOTAGE = {
    "a parallel join does not wait": (ENTER, "parallelGateway", never_waits),
    "an inclusive join does not wait": (ENTER, "inclusiveGateway", never_waits),
    "an exclusive gateway takes all ways": (ENTER, "exclusiveGateway", all_ways),
    "boundary events do not listen": (ENTER, "userTask", forgets_boundaries),
    "end events end only their own path": (ENTER, "endEvent", ends_nothing),
    "multi-instance ends with the first": (CLOSED, "instance", ends_too_early),
}


def notices(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether some model differs now, and no more when what was spoilt is mended."""
    seed = next((seed for seed in range(100) if fuzz.play(seed).difference), None)
    monkeypatch.undo()
    return seed is not None and not fuzz.play(seed).difference


@pytest.mark.parametrize("what", SABOTAGE)
def test_the_judge_notices_when(what, monkeypatch):
    register, kind, wrong = SABOTAGE[what]
    monkeypatch.setitem(register, kind, wrong)

    assert notices(monkeypatch)


def test_the_judge_notices_when_inclusive_joins_are_never_judged(monkeypatch):
    monkeypatch.setattr(gateways, "_more_may_come", lambda run, scope, node, arrived: True)

    assert notices(monkeypatch)


def test_the_judge_notices_when_a_cycle_fires_only_once(monkeypatch):
    monkeypatch.setattr(events, "_rearm", lambda run, owner, armed, event: owner.armed.remove(armed))

    assert notices(monkeypatch)


def test_the_judge_notices_when_variables_leak_out_of_an_instance_that_still_runs(monkeypatch):
    def leaks(self, scope_id, values):
        root = next(scope for scope in self.state.scopes.values() if scope.parent is None)
        root.vars.update(values)

    monkeypatch.setattr(Run, "assign", leaks)

    assert notices(monkeypatch)


def test_the_drill_prints_models_steps_and_the_seed(capsys):
    code = main(["judge", "--models", "20", "--seed", "5"])

    out = capsys.readouterr().out
    assert (code, QUIET != []) == (0, True)
    assert out.startswith("seed 5, ")
    assert "models 20, steps " in out
    assert ", differences 0" in out
