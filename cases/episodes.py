"""Episodes: one event in which several people were met (an inspection, a raid), each with a case of her own.

The link opens nothing: whoever reads a case sees the episode and, of the other cases, only those that she may see
anyway. To the rest it is as if they were not there; how many people were met is a fact of the event, not of the cases.
"""

from datetime import date

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, casefile, codes
from cases.access import Actor
from core import log
from core.db import Base
from core.errors import N_, InvalidForm
from core.ids import new_code, new_id

MOST_PERSONS = 500


class Episode(Base):
    """One event: what kind, when, how many people were met there. No place, no name."""

    __tablename__ = "episode"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    happened_on: Mapped[date]
    persons: Mapped[int | None]
    recorded_by: Mapped[str] = mapped_column(Text)


class EpisodeCase(Base):
    """A case that comes from an episode."""

    __tablename__ = "episode_case"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    episode_code: Mapped[str] = mapped_column(ForeignKey("episode.code"), index=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), unique=True)
    linked_by: Mapped[str] = mapped_column(Text)


def record(
    db: Session, case_code: str, kind: str, happened_on: date, persons: int | None = None, *, by: str
) -> Episode:
    """Record an event and link the first case to it; `persons` is how many people were met, null if not known."""
    codes.check("episode_kind", codes.EPISODE_KINDS, kind)
    casefile.check_not_future("happened_on", happened_on)
    if persons is not None and not 1 <= persons <= MOST_PERSONS:
        raise InvalidForm({"episode_persons": [N_("Scrivi quante persone, da 1 a 500, oppure lascia vuoto.")]})
    code = _free_code(db)
    episode = Episode(code=code, kind=kind, happened_on=happened_on, persons=persons, recorded_by=by)
    db.add(episode)
    db.flush()
    _link(db, episode, case_code, by=by)
    return episode


def link(db: Session, actor: Actor, case_code: str, code: str, *, by: str) -> Episode:
    """Link another case to an episode that the actor knows from a case of hers; an unknown code is refused alike."""
    known = select(EpisodeCase.id).where(
        EpisodeCase.episode_code == code, EpisodeCase.case_code.in_(access.visible_cases(actor))
    )
    episode = db.get(Episode, code)
    if episode is None or db.scalar(known.limit(1)) is None:
        raise InvalidForm({"episode_code": [N_("Nessun fatto con questo codice tra i casi che segui.")]})
    _link(db, episode, case_code, by=by)
    return episode


def of_case(db: Session, case_code: str) -> Episode | None:
    """The episode that a case comes from."""
    query = select(Episode).join(EpisodeCase, EpisodeCase.episode_code == Episode.code)
    return db.scalar(query.where(EpisodeCase.case_code == case_code))


def others(db: Session, actor: Actor, case_code: str) -> list[str]:
    """The codes of the other cases of the same episode, those only that the actor may see anyway."""
    mine = select(EpisodeCase.episode_code).where(EpisodeCase.case_code == case_code)
    query = select(EpisodeCase.case_code).where(
        EpisodeCase.episode_code.in_(mine),
        EpisodeCase.case_code != case_code,
        EpisodeCase.case_code.in_(access.visible_cases(actor)),
    )
    return list(db.scalars(query.order_by(EpisodeCase.case_code)))


def _link(db: Session, episode: Episode, case_code: str, *, by: str) -> None:
    casefile.lock(db, case_code)
    known = of_case(db, case_code)
    if known is not None and known.code != episode.code:
        raise InvalidForm({"episode_code": [N_("Questo caso è già collegato a un altro fatto.")]})
    if known is None:
        db.add(EpisodeCase(id=new_id(), episode_code=episode.code, case_code=case_code, linked_by=by))
        db.flush()
        log.append(
            db, "episode.linked", casefile.scope_of(case_code), by=by, case=case_code, episode=episode.code,
            kind=episode.kind, on=episode.happened_on,
        )  # fmt: skip


def _free_code(db: Session) -> str:
    while True:
        code = new_code("FE", length=6)
        if db.get(Episode, code) is None:
            return code
