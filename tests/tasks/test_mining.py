"""Somebody else's tool reads what we give out: pm4py opens XES and OCEL and finds the main path of the model again.

pm4py is AGPL and heavy: it has an environment of its own, made by `make pm4py`, which also runs this file; without that
environment it is not collected (`conftest.py`), since nothing of ours is then there to be tested.
"""

import json
import subprocess
from pathlib import Path

import pytest

from cases.contacts import Contact
from core.db import transaction
from engine import registry
from tasks import exports

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".tools" / "mining" / "bin" / "python"
# From a call to an open case: what the model `contact` is drawn for.
MAIN = [
    "contact_received", "triage", "gw_path", "routing", "contact_route", "contact_pickup", "gw_pickup", "case_open",
    "end_case_opened",
]  # fmt: skip
SCRIPT = '''
import json, sys, warnings
warnings.simplefilter("ignore")
import pm4py
xes, ocel, process = sys.argv[1:]
log = pm4py.read_xes(xes)
done = log[(log["lifecycle:transition"] == "complete") & (log["case:approdo:process"] == process)]
dfg, starts, ends = pm4py.discover_dfg(done)
variants = pm4py.get_variants(done)
main = max(variants, key=lambda path: variants[path] if isinstance(variants[path], int) else len(variants[path]))
net = pm4py.discover_petri_net_inductive(done)
objects = pm4py.read_ocel2_json(ocel)
print(json.dumps({
    "traces": int(done["case:concept:name"].nunique()), "main": list(main), "follows": [list(pair) for pair in dfg],
    "starts": sorted(starts), "fits": pm4py.fitness_token_based_replay(done, *net)["log_fitness"],
    "types": sorted(pm4py.ocel_get_object_types(objects)), "events": len(objects.events), "objects": len(objects.objects),
}))
'''


@pytest.fixture
def mined(office, tmp_path):
    codes = [office.sheltered() for _ in range(3)]
    with transaction() as db:
        codes += [contact.code for contact in db.query(Contact)]
        (tmp_path / "log.xes").write_bytes(exports.xes(db, codes))
        (tmp_path / "log.jsonocel").write_bytes(exports.ocel(db, codes))
    command = [str(PYTHON), "-c", SCRIPT, str(tmp_path / "log.xes"), str(tmp_path / "log.jsonocel"), "contact"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), json.loads((tmp_path / "log.jsonocel").read_text())


def successors(program, element, seen=frozenset()):
    """The names that come next in the model; gateways without a name are passed."""
    nodes = [program.nodes[flow.target] for flow in program.nodes[element].outgoing]
    named = {node.name for node in nodes if node.name}
    return named.union(*(successors(program, node.id, seen | {element}) for node in nodes if not node.name and node.id not in seen))


def test_pm4py_reads_xes_and_finds_the_main_path_of_the_model(mined):
    found, _ = mined
    with transaction() as db:
        program = registry.program(db, registry.current(db, "contact").id)
    names = {node.name: node.id for node in program.nodes.values()}

    assert [names[name] for name in found["main"]] == MAIN
    assert (found["traces"], found["starts"], found["fits"]) == (3, [program.nodes["contact_received"].name], 1.0)
    for before, after in found["follows"]:
        assert after in successors(program, names[before]), f"the model has no way from {before} to {after}"


def test_pm4py_reads_ocel_with_all_its_objects_and_events(mined):
    found, written = mined

    assert found["types"] == ["case", "pathway", "worker"]
    assert (found["events"], found["objects"]) == (len(written["events"]), len(written["objects"]))
