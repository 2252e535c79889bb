"""Catalogues of indicators (form F05): which there are, in which version, and what each item weighs.

Allegato VI (June 2026) has no weights: its items stand in the form. The operational indicators of ILO and European
Commission (2009, WCMS_105023) have six dimensions, each item strong, medium or weak. Two of the four lists are shipped:
adults and labour, with the 10+10+16+9+15+7 items of the original, and children and labour (10+10+15+8+15+7, none weak),
read in a public summary of the original that says it was checked against it. The wording is ours and the certainty of
both is C: to be verified on the original. The two lists on sexual exploitation were not found in a text to cite: they
are missing. A new edition is a new list with a new name; sheets say which one they were filled in from.
"""

from cases.codes.base import CodeList
from core.errors import N_

CATALOGUES: CodeList = (
    ("allegato_vi_2026", N_("Allegato VI delle procedure operative, giugno 2026")),
    ("ilo_2009_lavoro_adulti", N_("Indicatori ILO 2009, lavoro, adulti (da verificare)")),
    ("ilo_2009_lavoro_minori", N_("Indicatori ILO 2009, lavoro, minori (da verificare)")),
)
DIMENSIONS: CodeList = (
    ("inganno", N_("Reclutamento con l'inganno")),
    ("coercizione", N_("Reclutamento con la forza")),
    ("vulnerabilita", N_("Reclutamento con abuso di vulnerabilità")),
    ("sfruttamento", N_("Sfruttamento")),
    ("coercizione_arrivo", N_("Coercizione a destinazione")),
    ("vulnerabilita_arrivo", N_("Abuso di vulnerabilità a destinazione")),
)
DECEPTION: CodeList = (
    ("forte_lavoro", N_("Inganno sul lavoro, sul luogo o sul datore di lavoro")),
    ("medio_condizioni", N_("Inganno sulle condizioni di lavoro")),
    ("medio_contratto", N_("Inganno sul contenuto o sulla legalità del contratto")),
    ("medio_ricongiungimento", N_("Inganno sul ricongiungimento familiare")),
    ("medio_alloggio", N_("Inganno su alloggio e condizioni di vita")),
    ("medio_documenti", N_("Inganno sui documenti o sul soggiorno regolare")),
    ("medio_viaggio", N_("Inganno su viaggio e reclutamento")),
    ("medio_paga", N_("Inganno sulla paga")),
    ("medio_matrimonio_adozione", N_("Inganno con promesse di matrimonio o adozione")),
    ("debole_istruzione", N_("Inganno sulla possibilità di studiare")),
)
COERCION: CodeList = (
    ("forte_violenza", N_("Violenza sulla persona")),
    ("medio_rapimento_vendita", N_("Rapimento, matrimonio o adozione forzati, vendita della persona")),
    ("medio_documenti", N_("Documenti trattenuti")),
    ("medio_debito", N_("Servitù per debito")),
    ("medio_isolamento", N_("Isolamento, reclusione o sorveglianza")),
    ("medio_minaccia_autorita", N_("Minaccia di denuncia alle autorità")),
    ("medio_minaccia_violenza", N_("Minaccia di violenza sulla persona")),
    ("medio_minaccia_rivelare", N_("Minaccia di dirlo a famiglia, comunità o altri")),
    ("medio_violenza_famiglia", N_("Violenza sulla famiglia, minacciata o reale")),
    ("debole_denaro", N_("Denaro trattenuto")),
)
VULNERABILITY: CodeList = (
    ("medio_famiglia_difficile", N_("Abuso di una situazione familiare difficile")),
    ("medio_irregolarita", N_("Abuso della condizione irregolare")),
    ("medio_lingua_istruzione", N_("Abuso della scarsa istruzione o della lingua non conosciuta")),
    ("medio_informazione", N_("Abuso della mancanza di informazioni")),
    ("medio_controllo", N_("Controllo di chi sfrutta")),
    ("medio_economia", N_("Ragioni economiche")),
    ("medio_false_leggi", N_("False informazioni su leggi e autorità")),
    ("medio_false_migrazione", N_("False informazioni sul successo della migrazione")),
    ("medio_famiglia", N_("Situazione familiare")),
    ("medio_personale", N_("Situazione personale")),
    ("medio_dipendenza", N_("Dipendenza psicologica o affettiva")),
    ("medio_autorita", N_("Rapporto con le autorità o condizione giuridica")),
    ("debole_credenze", N_("Abuso di credenze culturali o religiose")),
    ("debole_contesto", N_("Contesto generale")),
    ("debole_passato", N_("Difficoltà nel passato")),
    ("debole_organizzare_viaggio", N_("Difficoltà a organizzare il viaggio")),
)
EXPLOITATION: CodeList = (
    ("forte_orari", N_("Giorni o ore di lavoro eccessivi")),
    ("medio_vita", N_("Cattive condizioni di vita")),
    ("medio_pericolo", N_("Lavoro pericoloso")),
    ("medio_paga", N_("Paga bassa o assente")),
    ("medio_leggi", N_("Leggi sul lavoro o contratto non rispettati")),
    ("medio_previdenza", N_("Nessuna tutela sociale (contratto, assicurazione)")),
    ("medio_lavoro", N_("Pessime condizioni di lavoro")),
    ("medio_manipolazione_paga", N_("Paga manipolata")),
    ("debole_istruzione", N_("Nessun accesso all'istruzione")),
)
COERCION_THERE: CodeList = (
    ("forte_documenti", N_("Documenti trattenuti")),
    ("forte_debito", N_("Servitù per debito")),
    ("forte_isolamento", N_("Isolamento, reclusione o sorveglianza")),
    ("forte_violenza", N_("Violenza sulla persona")),
    ("medio_illeciti", N_("Costrizione ad attività illecite o criminali")),
    ("medio_compiti", N_("Compiti o clienti imposti")),
    ("medio_contro_pari", N_("Costrizione ad agire contro altre persone nella stessa condizione")),
    ("medio_mentire", N_("Costrizione a mentire ad autorità, famiglia, altri")),
    ("medio_minaccia_autorita", N_("Minaccia di denuncia alle autorità")),
    ("medio_minaccia_lavoro", N_("Minaccia di condizioni di lavoro ancora peggiori")),
    ("medio_minaccia_violenza", N_("Minaccia di violenza sulla persona")),
    ("medio_influenza", N_("Forte influenza di altri")),
    ("medio_violenza_famiglia", N_("Violenza sulla famiglia, minacciata o reale")),
    ("medio_paga", N_("Paga trattenuta")),
    ("debole_minaccia_rivelare", N_("Minaccia di dirlo a famiglia, comunità o altri")),
)
VULNERABILITY_THERE: CodeList = (
    ("medio_dipendenza", N_("Dipendenza da chi sfrutta")),
    ("medio_luogo", N_("Difficoltà a vivere in un luogo sconosciuto")),
    ("medio_economia", N_("Ragioni economiche")),
    ("medio_famiglia", N_("Situazione familiare")),
    ("medio_autorita", N_("Rapporto con le autorità o condizione giuridica")),
    ("debole_passato", N_("Difficoltà nel passato")),
    ("debole_persona", N_("Caratteristiche della persona")),
)

# The first word of a code says how much the item weighs.
WEIGHTS = {"forte": "strong", "medio": "medium", "debole": "weak"}
ITEMS: dict[str, CodeList] = {
    "inganno": DECEPTION,
    "coercizione": COERCION,
    "vulnerabilita": VULNERABILITY,
    "sfruttamento": EXPLOITATION,
    "coercizione_arrivo": COERCION_THERE,
    "vulnerabilita_arrivo": VULNERABILITY_THERE,
}
# For somebody under 18 some items weigh more, and two are not in the list: the same words, another first word.
STRONGER_FOR_CHILDREN = {
    "inganno": {"debole_istruzione": "forte"},
    "coercizione": {
        "medio_rapimento_vendita": "forte",
        "medio_debito": "forte",
        "medio_minaccia_violenza": "forte",
        "debole_denaro": "medio",
    },
    "coercizione_arrivo": {
        "medio_illeciti": "forte",
        "medio_compiti": "forte",
        "medio_minaccia_violenza": "forte",
        "medio_influenza": "forte",
    },
}
NOT_FOR_CHILDREN = frozenset({"medio_false_leggi", "medio_previdenza"})


def _for_children(dimension: str, items: CodeList) -> CodeList:
    stronger = STRONGER_FOR_CHILDREN.get(dimension, {})

    def weighed(code: str) -> str:
        weight, _, item = code.partition("_")
        return f"{stronger.get(code, 'medio' if weight == 'debole' else weight)}_{item}"

    return tuple((weighed(code), words) for code, words in items if code not in NOT_FOR_CHILDREN)


CHILD_ITEMS: dict[str, CodeList] = {dimension: _for_children(dimension, items) for dimension, items in ITEMS.items()}
# Which fields of the form `indicators` hold the items of a catalogue, by the first word of their keys.
FIELDS = {"ilo_2009_lavoro_adulti": "ilo", "ilo_2009_lavoro_minori": "ilo_minori"}
LISTS: dict[str, CodeList] = {
    "catalogo_indicatori": CATALOGUES,
    "dimensione": DIMENSIONS,
    **{f"ilo_2009_{dimension}": items for dimension, items in ITEMS.items()},
    **{f"ilo_2009_minori_{dimension}": items for dimension, items in CHILD_ITEMS.items()},
}
