"""Transfers (messa in rete): another place for a person, in another territory, found without saying who she is.

The request and its anonymous profile go to the projects, which offer places; she chooses one and consents; two posts
turn a key each; on arrival the case changes hands at that instant, and the origin keeps a summary for a while. Who may
see a transfer is decided in `cases/access.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, consented, grants, posts
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, MissingConsent, NotYours, WrongOrder
from core.ids import new_code, new_id

PREFIX = "TR"
PURPOSE = "trasferimento"
SUMMARY = timedelta(days=30)
OPEN = ("searching", "chosen", "accepted")
# What the projects may know of a person they are asked to receive: nothing that tells her apart.
PROFILE: Mapping[str, codes.CodeList | None] = {
    "gender": codes.GENDERS,
    "age_band": codes.AGE_BANDS,
    "place_kind": codes.ACCOMMODATION_KINDS,
    "children": None,
    "language": None,
    "from_on": None,
}


class Transfer(Base):
    """One search for a place elsewhere, from the request to the arrival or its end."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index(
            "uq_transfer_open",
            "case_code",
            unique=True,
            sqlite_where=text("ended_at is null"),
            postgresql_where=text("ended_at is null"),
        ),
    )
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    from_post: Mapped[str] = mapped_column(ForeignKey("post.code"), index=True)
    to_post: Mapped[str | None] = mapped_column(ForeignKey("post.code"), index=True)
    status: Mapped[str] = mapped_column(Text, default="searching")
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(Text)
    risk: Mapped[str | None] = mapped_column(Text)
    profile: Mapped[dict[str, Any]]
    needs: Mapped[list[str]]
    excluded: Mapped[list[str]]
    handed_over: Mapped[list[str]]
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    sender_key: Mapped[str | None] = mapped_column(Text)
    receiver_key: Mapped[str | None] = mapped_column(Text)
    accepted_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    summary_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def receiver(self) -> str:
        """The receiver that her consent must name."""
        return receiver_of(self.to_post or "")


class Asked(Base):
    """A project that was asked for a place."""

    __tablename__ = "transfer_asked"
    transfer_code: Mapped[str] = mapped_column(ForeignKey("transfer.code"), primary_key=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"), primary_key=True, index=True)


class Offer(Base):
    """A place that a project offers; its conditions are sealed, they may speak of a house or of a person."""

    __tablename__ = "transfer_offer"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    transfer_code: Mapped[str] = mapped_column(ForeignKey("transfer.code"), index=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"))
    place_kind: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    conditions: Mapped[bytes | None]
    status: Mapped[str] = mapped_column(Text, default="open")
    offered_by: Mapped[str] = mapped_column(Text)
    offered_at: Mapped[datetime]


def scope_of(code: str) -> str:
    """The vault scope of what is answered in the tasks of the search, which knows no case."""
    return f"transfer:{code}"


def receiver_of(post: str) -> str:
    """A post as the receiver of a consent."""
    return f"ente:{post}"


def request(db: Session, case_code: str, facts: Mapping[str, Any], *, by: str) -> Transfer:
    """Ask every project, but those of the excluded territories, for a place; one search at a time."""
    case = casefile.lock(db, case_code)
    if case.status == "closed":
        raise WrongOrder(N_("Il caso è chiuso: per lavorarci va prima riaperto."))
    if open_of(db, case_code) is not None:
        raise WrongOrder(N_("Per questo caso si sta già cercando un posto."))
    transfer = Transfer(code=_free_code(db), case_code=case_code, from_post=case.post, risk=case.risk, handed_over=[])
    transfer.reason = codes.check("transfer_reason", codes.TRANSFER_REASONS, facts["reason"])
    transfer.urgency = codes.check("urgency", codes.URGENCIES, facts["urgency"])
    transfer.needs = codes.check_all("needs", codes.TRANSFER_NEEDS, facts.get("needs") or [])
    transfer.profile, transfer.excluded = _profile(facts), sorted(facts.get("excluded") or [])
    transfer.requested_by, transfer.requested_at = by, clock.now()
    db.add(transfer)
    db.flush()
    asked = _ask(db, transfer)
    _say(db, "transfer.requested", transfer, by=by, why=transfer.reason, urgency=transfer.urgency, asked=len(asked))
    return transfer


def offer(db: Session, code: str, post: str, place_kind: str, from_on: date, conditions: str = "", *, by: str) -> Offer:
    """Offer a place, in the name of a project that was asked; the offer before it of the same project falls."""
    transfer = _lock(db, code)
    if post not in asked(db, code):
        raise NotYours
    if transfer.status != "searching":
        raise WrongOrder(N_("Non si cerca più un posto per questa persona."))
    codes.check("place_kind", codes.ACCOMMODATION_KINDS, place_kind)
    if from_on < clock.today():
        raise InvalidForm({"from_on": [N_("Il posto sarebbe libero da un giorno già passato.")]})
    for earlier in offers(db, code):
        if earlier.post == post and earlier.status == "open":
            earlier.status = "withdrawn"
    made = Offer(id=new_id(), transfer_code=code, post=post, place_kind=place_kind, from_on=from_on)
    made.offered_by, made.offered_at = by, clock.now()
    made.conditions = _seal(db, transfer, made, conditions)
    db.add(made)
    db.flush()
    _say(db, "transfer.offered", transfer, by=by, post=post, place_kind=place_kind, on=from_on)
    return made


def choose(db: Session, code: str, offer_id: str, *, by: str) -> Transfer:
    """The person has chosen a place: only that project goes on, and only with her consent to it."""
    transfer = _lock(db, code)
    chosen = db.get(Offer, offer_id)
    if chosen is None or chosen.transfer_code != code or chosen.status != "open":
        raise InvalidForm({"offer": [N_("Questa offerta non è più aperta: scegline un'altra.")]})
    if transfer.status != "searching":
        raise WrongOrder(N_("Un posto è già stato scelto."))
    transfer.status, transfer.to_post, chosen.status = "chosen", chosen.post, "chosen"
    check_consent(db, transfer)
    _say(db, "transfer.chosen", transfer, by=by, post=chosen.post)
    return transfer


def turn_key(db: Session, code: str, post: str, *, by: str) -> Transfer:
    """One of the two posts agrees. The transfer is accepted when both have, by two people."""
    transfer = _lock(db, code)
    if transfer.status != "chosen":
        raise WrongOrder(N_("Prima la persona sceglie un posto."))
    check_consent(db, transfer)
    side, other = ("sender_key", "receiver_key") if post == transfer.from_post else ("receiver_key", "sender_key")
    if post not in (transfer.from_post, transfer.to_post):
        raise NotYours
    if getattr(transfer, other) == by:
        raise WrongOrder(N_("Servono due persone di due postazioni: qualcun altro deve confermare."))
    setattr(transfer, side, by)
    _say(db, "transfer.key_turned", transfer, by=by, post=post)
    if transfer.sender_key and transfer.receiver_key:
        transfer.status, transfer.accepted_at = "accepted", clock.now()
        _say(db, "transfer.accepted", transfer, by=by, post=transfer.to_post)
    return transfer


def release(db: Session, code: str, *, by: str) -> Transfer:
    """The chosen place is not to be: the search goes on among the others, and no key counts any more."""
    transfer = _lock(db, code)
    if transfer.status not in ("chosen", "accepted"):
        raise WrongOrder(N_("Nessun posto è stato scelto."))
    for each in offers(db, code):
        each.status = "declined" if each.status == "chosen" else each.status
    _say(db, "transfer.released", transfer, by=by, post=transfer.to_post)
    transfer.status, transfer.to_post, transfer.accepted_at = "searching", None, None
    transfer.sender_key = transfer.receiver_key = None
    return transfer


def depart(db: Session, code: str, handed_over: Sequence[str], *, by: str) -> Transfer:
    """The journey begins, with the list of what goes along."""
    transfer = _lock(db, code)
    if transfer.status != "accepted":
        raise WrongOrder(N_("Si parte solo quando entrambe le postazioni hanno accettato."))
    check_consent(db, transfer)
    transfer.handed_over = codes.check_all("handed_over", codes.HANDED_OVER, handed_over)
    _say(db, "transfer.departed", transfer, by=by, handed_over=transfer.handed_over)
    return transfer


def arrive(db: Session, code: str, at: datetime, *, by: str) -> Transfer:
    """She has arrived: from this instant the case is the receiving project's, and the origin's no longer."""
    case_code = get(db, code).case_code
    casefile.lock(db, case_code)
    transfer = _lock(db, code)
    if transfer.status != "accepted" or transfer.to_post is None:
        raise WrongOrder(N_("Si arriva solo dopo che entrambe le postazioni hanno accettato."))
    if not (transfer.accepted_at or at) <= at <= clock.now():
        raise InvalidForm({"arrived_at": [N_("L'arrivo viene dopo l'accettazione e non nel futuro.")]})
    check_consent(db, transfer)
    grants.close_all(db, case_code)
    casefile.hand_over(db, case_code, transfer.to_post, by=by)
    transfer.status, transfer.outcome, transfer.arrived_at = "arrived", "positivo", at
    transfer.ended_at, transfer.summary_until = clock.now(), clock.now() + SUMMARY
    _say(db, "transfer.arrived", transfer, by=by, at=at, post=transfer.to_post)
    return transfer


def end(db: Session, code: str, outcome: str, *, by: str) -> Transfer:
    """The search ends without a transfer; nobody outside sees it from now on."""
    codes.check("outcome", codes.TRANSFER_OUTCOMES, outcome)
    transfer = _lock(db, code)
    if transfer.ended_at is not None:
        raise WrongOrder(N_("Questo trasferimento è già concluso."))
    transfer.status, transfer.outcome, transfer.ended_at = "ended", outcome, clock.now()
    _say(db, "transfer.ended", transfer, by=by, outcome=outcome)
    return transfer


def check_consent(db: Session, transfer: Transfer) -> None:
    """Refuse unless she consents, today, to go to the chosen project."""
    if not consented.allowed(db, transfer.case_code, PURPOSE, transfer.receiver, clock.today()):
        raise MissingConsent(N_("Serve il consenso della persona al trasferimento verso questo progetto."))


def get(db: Session, code: str) -> Transfer:
    """The transfer, for services; pages for people ask `access.get_transfer`."""
    transfer = db.get(Transfer, code)
    if transfer is None:
        raise NotYours
    return transfer


def open_of(db: Session, case_code: str) -> Transfer | None:
    """The transfer of a case that is under way."""
    return db.scalar(select(Transfer).where(Transfer.case_code == case_code, Transfer.ended_at.is_(None)))


def of_case(db: Session, case_code: str) -> list[Transfer]:
    """All the transfers of a case, newest first."""
    query = select(Transfer).where(Transfer.case_code == case_code)
    return list(db.scalars(query.order_by(Transfer.requested_at.desc(), Transfer.code)))


def asked(db: Session, code: str) -> list[str]:
    """The posts that were asked for a place."""
    return list(db.scalars(select(Asked.post).where(Asked.transfer_code == code).order_by(Asked.post)))


def offers(db: Session, code: str, *, status: str = "") -> list[Offer]:
    """The places that were offered, first come first; of one status if it is given."""
    query = select(Offer).where(Offer.transfer_code == code).order_by(Offer.offered_at, Offer.id)
    return list(db.scalars(query.where(Offer.status == status) if status else query))


def conditions_of(db: Session, made: Offer) -> str:
    """The conditions of an offer. Whoever calls has asked `access.get_transfer`."""
    if made.conditions is None:
        return ""
    scope = casefile.scope_of(get(db, made.transfer_code).case_code)
    return vault.open_(db, scope, f"offer.{made.id}", made.conditions)


def _seal(db: Session, transfer: Transfer, made: Offer, conditions: str) -> bytes | None:
    """Under the key of the case, so that nothing outlives it."""
    words = conditions.strip()
    return vault.seal(db, casefile.scope_of(transfer.case_code), f"offer.{made.id}", words) if words else None


def _ask(db: Session, transfer: Transfer) -> list[Asked]:
    here = {transfer.from_post, *transfer.excluded}
    found = [post.code for post in posts.list_(db, clock.today(), "project") if post.code not in here]
    rows = [Asked(transfer_code=transfer.code, post=post) for post in found]
    db.add_all(rows)
    db.flush()
    return rows


def _profile(facts: Mapping[str, Any]) -> dict[str, Any]:
    profile = {}
    for name, codelist in PROFILE.items():
        value = facts.get(name)
        if value not in (None, "", []):
            profile[name] = codes.check(name, codelist, value) if codelist else value
    return profile


def _lock(db: Session, code: str) -> Transfer:
    query = select(Transfer).where(Transfer.code == code).with_for_update()
    transfer = db.scalar(query.execution_options(populate_existing=True))
    if transfer is None:
        raise NotYours
    return transfer


def _free_code(db: Session) -> str:
    while True:
        code = new_code(PREFIX, length=6)
        if db.get(Transfer, code) is None:
            return code


def _say(db: Session, verb: str, transfer: Transfer, *, by: str, **facts: Any) -> None:
    scope = casefile.scope_of(transfer.case_code)
    log.append(db, verb, scope, by=by, case=transfer.case_code, transfer=transfer.code, **facts)
