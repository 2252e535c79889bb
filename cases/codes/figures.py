"""Code lists of the figures: what their tables tell apart beside the lists of the register, and who receives them."""

from cases.codes.base import CodeList
from core.errors import N_

FIGURE_RECEIVERS: CodeList = (
    ("sirit", N_("SIRIT")),
    ("istat", N_("ISTAT")),
    ("dpo", N_("Dipartimento per le pari opportunità")),
    ("regia", N_("Gruppo di regia")),
    ("ente", N_("Altro ente")),
)
FIGURE_SEXES: CodeList = (
    ("femmina", N_("Femmine")),
    ("maschio", N_("Maschi")),
    ("altro", N_("Altra identità di genere")),
)
FIGURE_AGES: CodeList = (
    ("minore", N_("Minorenni")),
    ("adulto", N_("Maggiorenni")),
)
FIGURE_FORMS: CodeList = (
    ("sessuale", N_("Sessuale")),
    ("piu", N_("Più forme")),
)
STAYS: CodeList = (
    ("fino_a_7", N_("Fino a 7 giorni")),
    ("da_8_a_45", N_("Da 8 a 45 giorni")),
    ("da_46_a_90", N_("Da 46 a 90 giorni")),
    ("da_91_a_180", N_("Da 91 a 180 giorni")),
    ("oltre_180", N_("Oltre 180 giorni")),
)
MEETINGS: CodeList = (
    ("nuovi", N_("Per la prima volta")),
    ("gia_noti", N_("Di nuovo")),
)
MONTHS_OF_QUARTER: CodeList = (
    ("1", N_("Primo mese")),
    ("2", N_("Secondo mese")),
    ("3", N_("Terzo mese")),
)

LISTS: dict[str, CodeList] = {
    "destinatario_dati": FIGURE_RECEIVERS,
    "sesso_statistica": FIGURE_SEXES,
    "eta_statistica": FIGURE_AGES,
    "forma_statistica": FIGURE_FORMS,
    "durata_accoglienza": STAYS,
    "incontro": MEETINGS,
    "mese_del_trimestre": MONTHS_OF_QUARTER,
}
