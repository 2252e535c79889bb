"""What one reader chooses of her mail, within what the office allows."""

from sqlalchemy.orm import Session

from cases.access import Actor
from core import signing
from core.config import Config
from core.errors import N_, InvalidForm, NotYours
from notifications import choices, push, ways
from notifications.choices import MailChoice
from notifications.parcel import PUSH
from notifications.push import Device
from tasks import rules
from tasks.rules import HOUR, House


def chosen(db: Session, user_id: str) -> MailChoice:
    """What this reader chose, as far as the office still allows it (a row that is not kept)."""
    kept, (digests, letters) = choices.of(db, user_id), offered(rules.house(db))
    return MailChoice(
        user_id=user_id, quiet_from=kept.quiet_from, quiet_to=kept.quiet_to,
        digest=kept.digest if kept.digest in digests else choices.DAILY,
        singly=kept.singly if kept.singly in letters else choices.ALL,
    )  # fmt: skip


def offered(house: House) -> tuple[list[str], list[str]]:
    """Which digests and which single letters a reader may choose here."""
    digests = [choices.DAILY]
    digests += [choices.WHEN_DUE] if house.may_thin else []
    digests += [choices.NEVER] if house.may_silence else []
    return digests, [choices.ALL, choices.URGENT] if house.may_thin else [choices.ALL]


def choose(db: Session, actor: Actor, digest: str, singly: str, quiet_from: str, quiet_to: str) -> MailChoice:
    """Keep one's choice; without hours of one's own those of the office hold."""
    digests, letters = offered(rules.house(db))
    wrong = {}
    if digest not in digests:
        wrong["digest"] = [N_("Scegli una voce dell'elenco.")]
    if singly not in letters:
        wrong["singly"] = [N_("Scegli una voce dell'elenco.")]
    if bool(quiet_from) != bool(quiet_to) or any(each and not HOUR.fullmatch(each) for each in (quiet_from, quiet_to)):
        wrong["quiet_from"] = [N_("Scrivi tutte e due le ore, come 20:00, oppure nessuna.")]
    elif quiet_from and (too_long := rules.quiet_faults(quiet_from, quiet_to)):
        wrong["quiet_from"] = too_long
    if wrong:
        raise InvalidForm(wrong)
    hours = (quiet_from, quiet_to) if quiet_from else None
    return choices.choose(db, actor.user_id, digest, singly, hours, by=actor.user_id)


def push_key(config: Config) -> str | None:
    """What a browser needs to let this office wake it; None where the office has not opened that way."""
    return signing.push_public(config.keys) if ways.is_open(config, PUSH) else None


def wake(db: Session, actor: Actor, config: Config, endpoint: str) -> Device:
    """Let one of one's own devices be woken."""
    if not ways.is_open(config, PUSH):
        raise NotYours
    return push.add(db, config, actor.user_id, endpoint, by=actor.user_id)


def let_sleep(db: Session, actor: Actor, device_id: str) -> None:
    """Wake it no more."""
    push.remove(db, actor.user_id, device_id, by=actor.user_id)
