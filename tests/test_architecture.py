"""The shape of the house, kept by a test: layers, one commit site, one clock, sizes, no knots."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "verify": set(),  # what an auditor runs without us; the house counts and joins its hashes with the same lines
    "core": {"verify"},
    "engine": {"core"},
    "cases": {"core"},
    "notifications": {"core"},
    "tasks": {"core", "engine", "cases", "notifications"},
    "web": {"core", "engine", "cases", "notifications", "tasks", "migrations"},
    "migrations": {"core", "engine", "cases", "notifications", "tasks"},
}
# A library enters the house by one door, so that it can be changed behind that door.
ONLY = {
    "SpiffWorkflow": ("engine/",),
    "flask": ("web/",),
    "flask_login": ("web/auth.py",),
    "flask_babel": ("web/",),
    "flask_wtf": ("web/",),
    "jinja2": ("web/",),
    "werkzeug": ("web/", "tasks/forms.py"),
    "smtplib": ("notifications/",),
    "aiosmtpd": ("notifications/",),
    "apscheduler": ("tasks/schedule.py",),
    "marshmallow": ("tasks/",),
    # secrets, signatures that everybody may check, certificates of those who stamp
    "cryptography": ("core/vault.py", "core/signing.py", "core/stamps.py", "core/kept.py"),
    "rfc3161_client": ("core/stamps.py",),
    "argon2": ("core/passwords.py",),
    "phonenumbers": ("cases/findable.py",),
    "anyascii": ("cases/findable.py",),
    "PIL": ("cases/pictures.py", "cases/drawing.py"),
    "pypdfium2": ("cases/drawing.py",),
    "typst": ("tasks/pdf.py",),
    "holidays": ("core/calendar.py",),
    "alembic": ("migrations/",),
    "psycopg": ("core/db.py",),
    "sqlite3": ("core/db.py",),
    "pickle": (),
    "marshal": (),
}
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
BEGINS = {f"{name}.begin" for name in ("db", "session", "tx", "connection", "engine", "open_session")}
SESSION_FACTORIES = {"sessionmaker", "scoped_session", "async_sessionmaker", "open_session"}
COMMIT_SITES = {"core/db.py", "migrations/__init__.py"}
ROLLBACK_SITES = {"core/db.py", "web/app.py"}  # a reply of 400 or more takes everything back
ENTRANCES = {"core/clock.py", "core/failpoint.py", "web/cli.py", "tasks/schedule.py", "notifications/sink.py"}
DANGEROUS = {"eval", "exec", "compile", "__import__"}
LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS = 400, 50, 8
LATE_IMPORTS_ALLOWED = {"web/cli.py"}

FILES = [
    path for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py")) if "versions" not in path.parts
]
EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(node: ast.AST) -> Iterator[str]:
    """The full names a statement imports; "from a import b" may mean a or a.b."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports name the whole path"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def all_imports(path: Path) -> set[str]:
    return {name for node in ast.walk(tree_of(path)) for name in imported(node)}


def dotted(node: ast.AST) -> str:
    """The last two names of a call's target: "datetime.now" for datetime.datetime.now too."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value).rpartition('.')[2]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@EVERY_FILE
def test_imports_go_down_only(path):
    package = place(path).partition("/")[0]
    ours = {name.partition(".")[0] for name in all_imports(path)} & (MAY_IMPORT.keys() | {"tests"})

    assert ours <= MAY_IMPORT[package] | {package}


@EVERY_FILE
def test_a_library_enters_by_its_own_door(path):
    libraries = {name.partition(".")[0] for name in all_imports(path)} & ONLY.keys()

    assert not {name for name in libraries if not place(path).startswith(ONLY[name] or ("nowhere",))}


@EVERY_FILE
def test_transactions_begin_and_end_in_one_place(path):
    names = {dotted(node) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)}
    ends = {name for name in names if name.endswith(".commit") or name in BEGINS}
    factories = {name for name in all_imports(path) if name.rpartition(".")[2] in SESSION_FACTORIES}

    assert place(path) in COMMIT_SITES or not ends | (factories - {"core.sessions.open_session"})
    assert place(path) in ROLLBACK_SITES or "db.rollback" not in names


@EVERY_FILE
def test_there_is_one_clock(path):
    calls = {dotted(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}

    assert place(path) == "core/clock.py" or not calls & CLOCKS
    assert "time.time" not in all_imports(path)


@EVERY_FILE
def test_nothing_runs_text_as_code(path):
    calls = {
        node.func.id
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    own = {node.name for node in tree_of(path).body if isinstance(node, ast.FunctionDef)}

    assert not calls & DANGEROUS - own


@EVERY_FILE
def test_files_and_functions_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{node.name} is long"
            assert len(node.args.args) <= MOST_PARAMETERS, f"{node.name} has many parameters"


@EVERY_FILE
def test_a_module_says_what_it_promises(path):
    assert ast.get_docstring(tree_of(path))


@EVERY_FILE
def test_imports_stand_at_the_top(path):
    late = [
        inner.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]

    assert place(path) in LATE_IMPORTS_ALLOWED or not late


def test_modules_are_not_knotted_together():
    modules = {place(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in FILES}
    needs = {
        name: {found for full in all_imports(path) if (found := target(full, modules)) and found != name}
        for name, path in modules.items()
    }

    assert not knot(needs)


def target(full: str, modules: dict[str, Path]) -> str | None:
    """The module of ours that an import reads, the most particular one."""
    return full if full in modules else next((m for m in [full.rpartition(".")[0]] if m in modules), None)


def knot(needs: dict[str, set[str]]) -> set[str]:
    """What is left after taking away, again and again, every module that needs nothing left."""
    left = dict(needs)
    while free := {name for name, others in left.items() if not others & left.keys()}:
        left = {name: others for name, others in left.items() if name not in free}
    return left.keys() & {other for others in left.values() for other in others}


def test_the_knot_finder_finds_a_knot():
    assert knot({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == {"b", "c"}
    assert knot({"a": {"b"}, "b": set()}) == set()


def test_functions_are_short_on_the_whole():
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 25


@EVERY_FILE
def test_only_entrances_read_the_environment(path):
    names = {dotted(node) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)}

    assert place(path) in ENTRANCES or not names & {"os.environ", "os.getenv"}
