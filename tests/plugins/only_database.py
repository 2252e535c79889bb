"""`--only-database` leaves out the tests that touch no database: on the second one they would only say the same."""

import pytest

ROOT_FIXTURE = "template"  # every database of a test comes from it (tests/conftest.py)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="run only the tests that use a database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("only_database"):
        return
    with_database = [item for item in items if ROOT_FIXTURE in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=list(set(items) - set(with_database)))
    items[:] = with_database
