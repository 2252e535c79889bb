"""What must be true after every crash, read from the database while nothing runs. Each rule yields sentences.

I1 what was acknowledged is there; I2 what was not is wholly there or wholly not; I3 nothing is stuck in silence; I5 the
log is whole; I6 nothing happened twice; I7 nobody saw a case of another post. I4, the mail, is in `crash_mail`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select, union_all
from sqlalchemy.orm import Session

from cases.casefile import Case
from cases.contacts import Contact
from cases.sheets import Sheet
from cases.shelters import Placement, Shelter
from core import clock, log
from core.users import User
from drills.crash_desk import DONE, PEOPLE, SILENT, Click, Journal
from drills.crash_ledger import Ledger
from engine import registry, waits
from engine.game import state
from engine.game.program import PEOPLE as DONE_BY_PEOPLE
from engine.game.run import Run
from engine.tables import Definition, Delivery, Incident, Instance, Step, Subscription, Timer, UserTask
from engine.world import World
from notifications.notices import Notice
from notifications.outbox import Message
from tasks import drafts, formbook, forms
from tasks.forms import Paper

# What the drill's desks say they did -> what the log says then, for clicks that are counted and not named one by one.
COUNTED = {"login": "session.opened", "record": "contact.recorded"}
NAMED = {"claim": "task.assigned", "release": "task.released", "delegate": "task.assigned"}
ROVING = frozenset({"nv_operator", "nv_supervisor", "cultural_mediator", "shelter_worker"})
CENTRAL = frozenset({"nv_operator", "nv_supervisor"})
CASE_PREFIX = "F-"


@dataclass
class Seen:
    """What the rules look at, and what they remember from one inspection to the next."""

    db: Session
    journal: Journal
    ledger: Ledger
    users: dict[str, str]  # id by login
    before: Counter[tuple[str, str, str]]  # what the log said before the first click
    versions: dict[str, int]  # of the instances whose rows were found right
    invented: frozenset[str] = frozenset()  # contacts and cases that the office came with, as figures without a pathway


def users_by_login(db: Session) -> dict[str, str]:
    """The ids of all accounts."""
    return {login: user_id for login, user_id in db.execute(select(User.login, User.id))}


def without_pathway(db: Session) -> frozenset[str]:
    """The codes of the contacts and cases on which no pathway was ever begun."""
    codes = union_all(select(Contact.code), select(Case.code)).subquery()
    return frozenset(db.scalars(select(codes.c.code).where(codes.c.code.not_in(select(Instance.business_key)))))


# -- I1 ----------------------------------------------------------------------------------------------------------------


def acknowledged_completions(seen: Seen) -> Iterator[str]:
    """Who was told "done" finds it done, by her."""
    for click in seen.journal.of("complete"):
        if click.outcome == DONE and not seen.ledger.done_by(click.subject, seen.users[click.login]):
            yield f"I1 acknowledged completion is not there: {_told(click)}"


def acknowledged_contacts(seen: Seen) -> Iterator[str]:
    """A contact whose code was shown exists and is its recorder's."""
    recorded = {entry.stream.partition(":")[2]: entry.actor for entry in seen.ledger.by_verb["contact.recorded"]}
    for click in seen.journal.of("record"):
        if click.outcome == DONE and recorded.get(click.subject) != seen.users[click.login]:
            yield f"I1 acknowledged contact is not there: {_told(click)}"


def counted_clicks(seen: Seen) -> Iterator[str]:
    """As many lines as acknowledged clicks, or more by what was sent without an answer."""
    yield from _bounds(seen, lambda click: (COUNTED.get(click.verb, ""), seen.users[click.login], ""))


def named_clicks(seen: Seen) -> Iterator[str]:
    """The same for claim, release and delegate, task by task."""
    yield from _bounds(seen, lambda click: (NAMED.get(click.verb, ""), seen.users[click.login], click.subject))


def _bounds(seen: Seen, line_of: Callable[[Click], tuple[str, str, str]]) -> Iterator[str]:
    """`line_of`: verb, actor and task of the line that a click leaves; no verb: not our matter."""
    clicks = [(line_of(click), click.outcome) for click in seen.journal.clicks]
    done = Counter(line for line, outcome in clicks if line[0] and outcome == DONE)
    silent = Counter(line for line, outcome in clicks if line[0] and outcome == SILENT)
    for key in done.keys() | silent.keys():
        found = seen.ledger.counts[key] - seen.before[key]
        if not done[key] <= found <= done[key] + silent[key]:
            words = f"{done[key]} acknowledged, {silent[key]} without an answer, {found} in the log"
            yield f"I1 {key[0]} by {key[1]} {key[2]}: {words}"


def kept_drafts(seen: Seen) -> Iterator[str]:
    """The last draft that was acknowledged is there, letter by letter, unless its task or its time is over."""
    forgotten = clock.iso(clock.now() - drafts.KEPT)
    last: dict[tuple[str, str], list[Click]] = {}
    for click in seen.journal.clicks:
        place = click.login, click.subject
        if click.verb == "draft" and click.outcome == DONE:
            last[place] = [click]
        elif place in last and click.verb in ("draft", "complete"):
            last[place].append(click)
    for (login, task), (click, *later) in last.items():
        waiting = seen.db.get(UserTask, task)
        if waiting is None or waiting.form is None or click.at < forgotten or any(c.outcome == DONE for c in later):
            continue
        form = formbook.read(seen.db, waiting.form)
        possible = [forms.typed(form, Paper(c.values)) for c in (click, *later) if c.verb == "draft"]
        if drafts.load(seen.db, f"task:{task}", seen.users[login]) not in possible:
            yield f"I1 acknowledged draft is not there: {_told(click)}"


# -- I2 ----------------------------------------------------------------------------------------------------------------


def whole_completions(seen: Seen) -> Iterator[str]:
    """Task done <=> step ended by her <=> log line <=> no task row left."""
    people = select(Step.id, Step.by, Step.outcome, Step.ended_at).where(Step.kind.in_(DONE_BY_PEOPLE))
    steps = {key: (by, outcome, ended) for key, by, outcome, ended in seen.db.execute(people)}
    done = {key: by for key, (by, outcome, _) in steps.items() if outcome == "done"}
    yield from _same("completed by the log", seen.ledger.completed, "done by the steps", done)
    for task, entries in seen.ledger.completed.items():
        if task in done and done[task] not in {entry.actor for entry in entries}:
            yield f"I2 task {task}: the step says {done[task]}, the log {entries[0].actor}"
    waiting = set(seen.db.scalars(select(UserTask.id)))
    yield from _same("task rows", waiting, "open steps", {key for key, (_, _, ended) in steps.items() if ended is None})


def whole_sheets(seen: Seen) -> Iterator[str]:
    """A form that was completed is filed exactly once."""
    definitions = {key: found for key, found in seen.db.execute(select(Instance.id, Instance.definition_id))}
    expected: Counter[tuple[str, str, str]] = Counter()
    for entries in seen.ledger.completed.values():
        for entry in entries:
            if form := _form_of(seen.db, definitions[entry.facts["instance"]], entry.facts["element"]):
                expected[entry.stream, form, entry.actor] += 1
    of_tasks = {form for _, form, _ in expected}
    rows = seen.db.execute(select(Sheet.scope, Sheet.form, Sheet.filed_by).where(Sheet.form.in_(of_tasks)))
    yield from _same_counts("sheets to be filed", expected, "filed", Counter(tuple(row) for row in rows))
    yield from _same_counts(
        "sheets", Counter(seen.db.scalars(select(Sheet.id))), "in the log", _fact(seen, "sheet.filed", "sheet")
    )


def _form_of(db: Session, definition: str, element: str) -> str | None:
    """The form of a task of this definition or of a pathway that it calls."""
    nodes = registry.program(db, definition).nodes
    if element in nodes:
        return nodes[element].form
    called = [registry.current(db, node.called).id for node in nodes.values() if node.called]
    return next((form for each in called if (form := _form_of(db, each, element))), None)


def whole_openings(seen: Seen) -> Iterator[str]:
    """A contact or case is a row, a line and one pathway that opens it; an instance began and ended once, or not."""
    contacts, files = set(seen.db.scalars(select(Contact.code))), set(seen.db.scalars(select(Case.code)))
    yield from _same_counts("contacts", Counter(contacts), "in the log", _streams(seen, "contact.recorded"))
    yield from _same_counts("cases", Counter(files), "in the log", _streams(seen, "case.opened"))
    instances = list(seen.db.execute(select(Instance.id, Instance.status)))
    for kind, process, codes in (("contact", "contact", contacts), ("case", "protection", files)):
        of = select(Instance.business_key).join(Definition, Definition.id == Instance.definition_id)
        started = Counter(seen.db.scalars(of.where(Definition.process_id == process)))
        yield from _same_counts(f"{kind} codes", Counter(codes - seen.invented), "pathways", started)
    begun = _fact(seen, "instance.started", "instance")
    yield from _same_counts("instances", Counter(row[0] for row in instances), "started in the log", begun)
    over: Counter[str] = Counter()
    for verb in ("instance.ended", "instance.cancelled", "instance.failed"):
        over.update(_fact(seen, verb, "instance").keys())
    ended = Counter(key for key, status in instances if status != "open")
    yield from _same_counts("ended instances", ended, "ended in the log", over)
    there = select(Contact.code, Contact.case_code).where(Contact.case_code.is_not(None))
    back = select(Case.contact_code, Case.code).where(Case.contact_code.is_not(None))
    pairs = ({tuple(row) for row in seen.db.execute(query)} for query in (there, back))
    yield from _same("contacts that became cases", next(pairs), "cases from contacts", next(pairs))


def whole_promises(seen: Seen) -> Iterator[str]:
    """Every promised letter and notice is a row and a line."""
    for table, verb in ((Message, "message.promised"), (Notice, "notice.told")):
        rows = Counter(f"user:{user}" for user in seen.db.scalars(select(table.user_id)))
        lines = Counter(entry.stream for entry in seen.ledger.by_verb[verb])
        yield from _same_counts(f"{table.__tablename__} rows", rows, "in the log", lines)


def rows_as_state(seen: Seen) -> Iterator[str]:
    """What an instance waits for by its state is what its rows say; looked at again only after a change."""
    rows: dict[str, set[tuple[str, str]]] = {}
    for table in (UserTask, Timer, Subscription):
        for key, instance_id in seen.db.execute(select(table.id, table.instance_id)):
            rows.setdefault(instance_id, set()).add((table.__tablename__, key))
    for instance in seen.db.scalars(select(Instance).where(Instance.status == "open")):
        if seen.versions.get(instance.id) == instance.version:
            continue
        found = waits.of(Run(state.loads(instance.state), World(seen.db, instance, "drill")), instance)
        by_state = {("user_task", key) for key in found.tasks} | {("timer", key) for key in found.timers}
        by_state |= {("subscription", key) for key in found.subscriptions}
        yield from _same(f"instance {instance.id}: by its state", by_state, "by its rows", rows.get(instance.id, set()))
        seen.versions[instance.id] = instance.version


# -- I3, I5, I6, I7 ----------------------------------------------------------------------------------------------------


def nothing_stuck(seen: Seen) -> Iterator[str]:
    """Every open instance waits for somebody or something, or is parked."""
    tables = (UserTask, Timer, Subscription, Delivery)
    waiting: list[Any] = [exists().where(table.instance_id == Instance.id) for table in tables]
    waiting.append(exists().where(Incident.instance_id == Instance.id, Incident.status == "open"))
    query = select(Instance.id, Instance.business_key).where(Instance.status == "open", *(~each for each in waiting))
    for instance, code in seen.db.execute(query):
        yield f"I3 instance {instance} of {code} waits for nothing and nobody"


def unbroken_log(seen: Seen) -> Iterator[str]:
    """The chain of every stream."""
    for broken in log.verify(seen.db):
        yield f"I5 {broken.stream}, line {broken.seq}: {broken.sentence}"


def nothing_twice(seen: Seen) -> Iterator[str]:
    """No task completed twice, no timer fired twice, no task taken out of somebody's hands, no house overfull."""
    for task, entries in seen.ledger.completed.items():
        if len(entries) > 1:
            yield f"I6 task {task} completed {len(entries)} times"
    fired = Counter(
        (entry.facts["instance"], entry.facts["element"], entry.facts.get("timer") or entry.facts["due"])
        for entry in seen.ledger.by_verb["timer.fired"]
    )
    yield from (f"I6 timer fired {times} times: {key}" for key, times in fired.items() if times > 1)
    for entry, holder in seen.ledger.holders():
        yield f"I6 {entry.verb} of {entry.facts['task']} by {entry.actor} while {holder} had it"
    beds = Counter[str]()
    for shelter, taken in seen.db.execute(select(Placement.shelter, Placement.beds).where(Placement.to_on.is_(None))):
        beds[shelter or ""] += taken
    for code, capacity in seen.db.execute(select(Shelter.code, Shelter.capacity)):
        if beds[code] > capacity:
            yield f"I6 shelter {code} has {beds[code]} guests in {capacity} beds"


def second_clicks(seen: Seen) -> Iterator[str]:
    """Who completed a task, got no answer and clicks again is told that she did it."""
    for click in seen.journal.of("again"):
        mine = seen.ledger.done_by(click.subject, seen.users[click.login], click.at)
        told = click.status == 409 and "Già completata da" in click.words
        if mine and not told:
            yield f"R02 completed without a reply, and the second click is not told so: {_told(click)}"


def own_posts_only(seen: Seen) -> Iterator[str]:
    """Nobody saw on an inbox page the code of a case or contact that never was at a post of hers."""
    stays: dict[str, set[str]] = {}
    query = select(Placement.case_code, Shelter.post).join(Shelter, Shelter.code == Placement.shelter)
    for code, post in seen.db.execute(query):
        stays.setdefault(code, set()).add(post)
    for login, code in seen.journal.seen:
        roles = PEOPLE[login]
        own = {post for role, post in roles if role not in ROVING}
        houses = {post for role, post in roles if role == "shelter_worker"}
        central = not code.startswith(CASE_PREFIX) and any(role in CENTRAL for role, _ in roles)
        if not (central or own & seen.ledger.posts[code] or houses & stays.get(code, set())):
            yield f"I7 {login} saw {code}, which was only ever at {sorted(seen.ledger.posts[code])}"


RULES: tuple[Callable[[Seen], Iterable[str]], ...] = (
    acknowledged_completions, acknowledged_contacts, counted_clicks, named_clicks, kept_drafts,
    whole_completions, whole_sheets, whole_openings, whole_promises, rows_as_state,
    nothing_stuck, unbroken_log, nothing_twice, second_clicks, own_posts_only,
)  # fmt: skip


# -- words -------------------------------------------------------------------------------------------------------------


def _told(click: Click) -> str:
    return f"{click.verb} {click.subject} by {click.login} at {click.at} (era {click.era}, status {click.status})"


def _same(left: str, here: Iterable[object], right: str, there: Iterable[object]) -> Iterator[str]:
    here, there = set(here), set(there)
    yield from (f"I2 {left}, but not {right}: {key}" for key in here - there)
    yield from (f"I2 {right}, but not {left}: {key}" for key in there - here)


def _same_counts(left: str, here: Counter[Any], right: str, there: Counter[Any]) -> Iterator[str]:
    for key in here.keys() | there.keys():
        if here[key] != there[key]:
            yield f"I2 {left} {here[key]}, {right} {there[key]}: {key}"


def _fact(seen: Seen, verb: str, name: str) -> Counter[str]:
    return Counter(entry.facts[name] for entry in seen.ledger.by_verb[verb])


def _streams(seen: Seen, verb: str) -> Counter[str]:
    return Counter(entry.stream.partition(":")[2] for entry in seen.ledger.by_verb[verb])
