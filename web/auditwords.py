"""Words of the auditor's room for templates."""

from datetime import timedelta

from flask import Flask
from flask_babel import ngettext

from cases.handouts import Handout
from core.errors import N_
from web import labels
from web.language import say

HANDOUTS = {
    "waiting": N_("aspetta una seconda persona"), "granted": N_("autorizzata"), "refused": N_("non autorizzata"),
    "over": N_("scaduta"),
}  # fmt: skip
RUNS = {"open": N_("in corso"), "ended": N_("finito"), "cancelled": N_("annullato"), "failed": N_("interrotto")}
READERS = {"glass": N_("accesso di emergenza"), "receiver": N_("chi riceve un trasferimento, prima dell'arrivo")}

FORMATS = {
    "proofs": N_("Prove: righe, sigilli e chiavi, da controllare con approdo-verify"),
    "xes": N_("XES (IEEE 1849), per l'analisi dei processi"), "ocel": N_("OCEL 2.0 (JSON)"),
    "htcds": N_("HTCDS 2.0: stato del caso e della persona, solo codici"),
    "csv": N_("Tabella dei passi (CSV)"), "jsonl": N_("Righe del registro (JSON Lines)"),
}  # fmt: skip


def teach(app: Flask) -> None:
    """Let every template say them."""
    app.jinja_env.globals.update(
        handout_state=handout_state, run_state=run_state, reader_name=reader_name, lasted=lasted
    )


def handout_state(row: Handout) -> str:
    """Where a file that was asked for stands."""
    over = row.status == "granted" and not row.is_ready
    return say(HANDOUTS["over" if over else row.status])


def run_state(status: str) -> str:
    """How a pathway stands."""
    return say(RUNS.get(status, status))


def reader_name(role: str) -> str:
    """A role, or another way into a case."""
    return say(READERS[role]) if role in READERS else say(labels.ROLES.get(role, role))


def lasted(span: timedelta) -> str:
    """A duration as people say it: the greatest unit that fits."""
    minutes = int(span.total_seconds() // 60)
    if minutes >= 2880:
        return str(ngettext("%(num)d giorno", "%(num)d giorni", minutes // 1440))
    if minutes >= 120:
        return str(ngettext("%(num)d ora", "%(num)d ore", minutes // 60))
    return str(ngettext("%(num)d minuto", "%(num)d minuti", minutes))
