"""Histories for others' tools: what they expect is there, and nothing that a person said."""

import csv
import io
import json
import zipfile
from datetime import datetime

import pytest
from lxml import etree

from cases import handouts, htcds_record
from cases.casefile import Case
from core import clock, seal
from core.db import transaction
from tasks import exports

XES_KINDS = {"string", "date", "int", "float", "boolean", "id", "list"}


@pytest.fixture
def case(office):
    code = office.case()
    while True:
        with transaction() as db:
            if seal.seal(db, by="clock") is None:
                return code


def packed(kind, code):
    with transaction() as db:
        content, _ = exports.archive(db, kind, [code], "u_marco")
    return zipfile.ZipFile(io.BytesIO(content))


def test_xes_has_the_shape_of_the_standard_and_its_events_are_in_order(case):
    log = etree.fromstring(packed("xes", case).read("log.xes"))

    assert log.tag == "log"
    assert log.get("xes.version")
    assert {each.get("prefix") for each in log.iter("extension")} == {"concept", "time", "org", "lifecycle"}
    assert {scope.get("scope") for scope in log.iter("global")} == {"trace", "event"}
    traces = log.findall("trace")
    assert traces
    for trace in traces:
        assert {each.get("key"): each.get("value") for each in trace.findall("string")}["approdo:case"] == case
        moments = []
        for event in trace.findall("event"):
            found = {each.get("key"): each.get("value") or "" for each in event}
            assert {each.tag for each in event} <= XES_KINDS
            assert found["concept:name"]
            assert found["lifecycle:transition"] in ("start", "complete", "ate_abort")
            moments.append(datetime.fromisoformat(found["time:timestamp"]))
        assert moments == sorted(moments)


def test_what_one_run_did_at_one_moment_stands_in_the_order_of_the_model(office):
    contact = office.call()
    log = etree.fromstring(packed("xes", contact).read("log.xes"))
    begun = [
        {each.get("key"): each.get("value") for each in event}["approdo:element"]
        for event in log.iter("event")
        if {each.get("key"): each.get("value") for each in event}["lifecycle:transition"] == "start"
    ]

    assert begun == ["contact_received", "triage", "gw_path", "routing", "contact_route", "contact_pickup"]


def test_ocel_names_every_type_and_object_that_its_events_speak_of(case):
    log = json.loads(packed("ocel", case).read("log.jsonocel"))
    objects, kinds = {each["id"] for each in log["objects"]}, {each["name"] for each in log["objectTypes"]}

    assert log["events"]
    assert {each["type"] for each in log["objects"]} <= kinds
    assert {each["type"] for each in log["events"]} == {each["name"] for each in log["eventTypes"]}
    for event in log["events"]:
        assert {link["objectId"] for link in event["relationships"]} <= objects
        assert datetime.fromisoformat(event["time"])


def test_the_table_and_the_lines_speak_of_the_same_case(case):
    rows = list(csv.DictReader(io.StringIO(packed("csv", case).read("steps.csv").decode())))
    lines = [json.loads(row) for row in packed("jsonl", case).read("lines.jsonl").splitlines()]

    assert {row["case"] for row in rows} == {case}
    assert {line["case"] or line["stream"] for line in lines} <= {case, f"case:{case}"}


def test_every_archive_names_its_files_by_hash_and_is_the_same_for_the_same_content(case, time):
    for kind in handouts.KINDS:
        files = packed(kind, case)
        manifest = json.loads(files.read("export.json"))
        assert set(manifest["files"]) | {"export.json"} == set(files.namelist())
        with transaction() as db:
            assert exports.archive(db, kind, [case], "u_marco")[1] == exports.archive(db, kind, [case], "u_marco")[1]
        assert manifest["made_at"] == clock.iso(clock.now())


def test_what_begins_like_a_formula_is_only_text():
    assert exports._harmless("=1+1") == "'=1+1"
    assert exports._harmless("Colloquio") == "Colloquio"


def test_htcds_records_hold_only_what_the_standard_knows(case):
    record = json.loads(packed("htcds", case).read("htcds.json"))["records"][0]

    assert record.pop("case") == case
    assert record["cas_Status"] == "Active"
    assert set(record) <= set(htcds_record.FIELDS)


@pytest.mark.parametrize("wrong", [{"cas_Status": "Open"}, {"cas_CaseOwner": 3}, {"prs_FirstName": "Grace"}])
def test_what_the_standard_does_not_know_does_not_leave(wrong):
    with pytest.raises(htcds_record.NotHtcds):
        htcds_record.check(wrong)


def test_a_status_never_stands_without_who_decided_it():
    case = Case(status="open", phase="P4", victim_status="presunta", status_decider=None)

    assert "vic_TraffickingStatus" not in htcds_record.of_case(case, None)
    case.status_decider = "ente_antitratta"
    assert htcds_record.of_case(case, "u_anna")["vic_TraffickingStatusDecisionMakingOrg"] == "NGO"
