"""The network as data: every province has exactly one project and everybody else the central desk."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from cases import posts
from cases.territory import PROVINCES
from tests.databases import Template

TEXT = (Path(__file__).parents[2] / "workflows" / "directory.toml").read_text()
POSTS = tomllib.loads(TEXT)["post"]
ON = date(2026, 7, 21)


@pytest.fixture
def engine_url(template: Template) -> Iterator[str]:
    """The address of an empty database."""
    url = template.copy()
    yield url
    template.drop(url)


@pytest.fixture
def network(db: Session) -> Session:
    posts.load(db, TEXT, by="deploy")
    return db


def test_there_are_a_central_desk_and_twenty_one_projects() -> None:
    assert Counter(post["kind"] for post in POSTS) == {"central": 1, "project": 21}


def test_every_province_belongs_to_exactly_one_project() -> None:
    covered = Counter(province for post in POSTS for province in post["provinces"])

    assert covered == Counter(code for code, _ in PROVINCES)


def test_only_the_national_number_is_published_and_no_person_is_named() -> None:
    assert [post["code"] for post in POSTS if "phone" in post] == ["nv-centrale"]
    assert "referent" not in tomllib.loads(TEXT)


def test_the_directory_loads_and_loading_it_again_changes_nothing(network: Session) -> None:
    before = len(posts.list_(network, ON))

    posts.load(network, TEXT, by="deploy")

    assert len(posts.list_(network, ON)) == before == len(POSTS)


@pytest.mark.parametrize(
    ("province", "post"), [("MI", "lombardia-1"), ("BG", "lombardia-2"), ("LE", "puglia"), (None, "nv-centrale")]
)
def test_a_province_is_answered_for_by_its_project(network: Session, province: str | None, post: str) -> None:
    found = posts.route(network, province, ON)

    assert found is not None
    assert found.code == post
