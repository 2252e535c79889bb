"""Random honest work at desks, over HTTP, and a journal of what was answered and what was only sent."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from time import sleep

from core import clock
from drills.crash_answers import Forms, Values, fill
from drills.crash_browser import Browser, NoAnswer, NotSent, Reply, Row, rows
from tasks import demo
from tasks.pathways import RECORDERS

# Who takes part: everybody with an inbox.
PEOPLE = {login: roles for login, _, _, roles in demo.PEOPLE if all(post for _, post in roles)}
KINDS = {
    login: [kind for kind, able in RECORDERS.items() if any(role in able for role, _ in roles)]
    for login, roles in PEOPLE.items()
}
VIEWS = ("all", "all", "mine", "group")
CONTACT_CODES = ("NV-", "UM-", "SP-", "OL-")
DONE, REFUSED, SILENT, UNSENT = "done", "refused", "silent", "unsent"
# Of a hundred visits of somebody who records contacts, and of a hundred tasks that were looked at.
RECORDS = 0.35
CLAIMS, RELEASES, DELEGATES, DRAFTS, DECLINES, READS = 0.10, 0.10, 0.04, 0.10, 0.02, 0.05


@dataclass(frozen=True)
class Click:
    """One press of a button and what came of it. `outcome`: done, refused, silent (sent, no answer), unsent."""

    era: int
    at: str
    login: str
    verb: str
    subject: str
    outcome: str
    status: int = 0
    words: str = ""
    values: Values = field(default_factory=dict)


@dataclass
class Journal:
    """What all desks did and saw. Only appended to, so that desks need no lock."""

    clicks: list[Click] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)  # (login, code) on an inbox page
    faults: list[Click] = field(default_factory=list)  # pages that said "our fault"
    unanswered: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # tasks, by login
    numbers: Iterator[int] = field(default_factory=count)

    def of(self, verb: str) -> list[Click]:
        """The clicks of one kind, in order."""
        return [click for click in self.clicks if click.verb == verb]

    def mark(self) -> str:
        """A text that was never used before."""
        return f"D{next(self.numbers):06}"


class Desk(threading.Thread):
    """One desk at which some people take turns until it is told to stop."""

    def __init__(self, era: int, port: int, people: list[str], random: Random, forms: Forms, journal: Journal) -> None:
        super().__init__(daemon=True)
        self.era, self.people, self.random = era, people, random
        self.forms, self.journal = forms, journal
        self.browsers = {login: Browser(port, login) for login in people}
        self.inside: set[str] = set()
        self.closing, self.opened = threading.Event(), threading.Event()
        self.answers = 0
        self.problem: BaseException | None = None

    def run(self) -> None:
        """Work; a dead server is waited for."""
        while not self.closing.is_set():
            try:
                self._act(self.random.choice(self.people))
            except NotSent:
                sleep(0.05)
            except NoAnswer:
                continue
            except BaseException as problem:  # noqa: BLE001 - told to the thread that waits for this one
                self.problem = problem
                return

    def _act(self, login: str) -> None:
        browser = self.browsers[login]
        if login not in self.inside:
            self._log_in(browser)
        elif self.journal.unanswered[login]:
            self._click_again(browser, self.journal.unanswered[login].pop())
        elif KINDS[login] and self.random.random() < RECORDS:
            self._record(browser, self.random.choice(KINDS[login]))
        else:
            self._work(browser)

    # -- clicks --------------------------------------------------------------------------------------------------------

    def _log_in(self, browser: Browser) -> None:
        self._open(browser, "/login")
        typed: Values = {"login": browser.login, "password": demo.PASSWORD}
        reply = self._send(browser, "login", browser.login, "/login", typed)
        if reply is not None and reply.status == 303:
            self.inside.add(browser.login)
            self.opened.set()

    def _record(self, browser: Browser, kind: str) -> None:
        form = self.forms.by_name["contact_call" if kind == "call" else "contact_street"]
        if self._open(browser, f"/contacts/new/{kind}").status == 200:
            values = fill(form, self.random, self.journal.mark())
            self._send(browser, "record", kind, f"/contacts/new/{kind}", values)

    def _work(self, browser: Browser) -> None:
        page = self._open(browser, f"/inbox?show={self.random.choice(VIEWS)}")
        waiting = rows(page.text) if page.status == 200 else []
        self.journal.seen |= {(browser.login, row.code) for row in waiting}
        if not waiting:
            return
        row, draw = self.random.choice(waiting), self.random.random()
        if row.claimable and draw < CLAIMS:
            self._send(browser, "claim", row.task, f"/inbox/{row.task}/claim", {"next": "inbox"})
        elif row.releasable and draw < RELEASES:
            self._send(browser, "release", row.task, f"/inbox/{row.task}/release", {})
        elif row.code.startswith(CONTACT_CODES) and draw > 1 - DECLINES:
            self._send(browser, "decline", row.code, f"/contacts/{row.code}/decline", {})
        else:
            self._do(browser, row)

    def _do(self, browser: Browser, row: Row) -> None:
        if self.random.random() < READS:
            self._open(browser, f"/{'contacts' if row.code.startswith(CONTACT_CODES) else 'cases'}/{row.code}")
        page = self._open(browser, f"/inbox/{row.task}")
        if page.status != 200:
            return
        form = self.forms.of_title[page.title]
        values = fill(form, self.random, self.journal.mark()) if form else {}
        draw = self.random.random()
        if page.colleagues and draw < DELEGATES:
            chosen: Values = {"to": self.random.choice(page.colleagues)}
            self._send(browser, "delegate", row.task, f"/inbox/{row.task}/delegate", chosen)
        elif form and draw < DELEGATES + DRAFTS:
            self._send(browser, "draft", row.task, f"/inbox/{row.task}", values | {"_draft": "1"})
        else:
            self._send(browser, "complete", row.task, f"/inbox/{row.task}", values)

    def _click_again(self, browser: Browser, task: str) -> None:
        """The second click of somebody who got no answer to the first."""
        page = self._open(browser, f"/inbox/{task}")
        outcome = DONE if page.status == 200 else REFUSED
        self._note(browser, "again", task, outcome, page.status, page.text if page.status != 200 else "")

    # -- the wire ------------------------------------------------------------------------------------------------------

    def _open(self, browser: Browser, path: str) -> Reply:
        reply = browser.get(path)
        if reply.status == 303 and reply.location.startswith("/login"):
            self.inside.discard(browser.login)
        self._check(browser, "open", path, reply)
        return reply

    def _send(self, browser: Browser, verb: str, subject: str, path: str, values: Values) -> Reply | None:
        """Press a button and write down what came of it; None if nothing came back."""
        try:
            reply = browser.post(path, values)
        except (NotSent, NoAnswer) as silence:
            silent = isinstance(silence, NoAnswer)
            self._note(browser, verb, subject, SILENT if silent else UNSENT, 0, values=values)
            if silent and verb == "complete":
                self.journal.unanswered[browser.login].append(subject)
            return None
        done = reply.status == 303 and not reply.location.startswith("/login")
        if verb == "record" and done:
            subject = reply.location.partition("?")[0].rpartition("/")[2]
        words = "" if done else reply.title
        self._note(browser, verb, subject, DONE if done else REFUSED, reply.status, words, values)
        self._check(browser, verb, subject, reply)
        return reply

    def _note(
        self,
        browser: Browser,
        verb: str,
        subject: str,
        outcome: str,
        status: int,
        words: str = "",
        values: Values | None = None,
    ) -> None:
        at = clock.iso(clock.now())
        click = Click(self.era, at, browser.login, verb, subject, outcome, status, words, values or {})
        self.journal.clicks.append(click)

    def _check(self, browser: Browser, verb: str, subject: str, reply: Reply) -> None:
        self.answers += 1
        if reply.status >= 500 and reply.status != 503:
            at = clock.iso(clock.now())
            self.journal.faults.append(Click(self.era, at, browser.login, verb, subject, REFUSED, reply.status))
