"""Code lists of the directory: kinds of bodies, owners of posts, the register of associations, agreements."""

from cases.codes.base import CodeList
from core.errors import N_

DIRECTORY_KINDS: CodeList = (
    ("autorita", N_("Amministrazione nazionale")),
    ("polizia", N_("Questura o altra forza di polizia")),
    ("procura", N_("Procura della Repubblica")),
    ("prefettura", N_("Prefettura")),
    ("commissione", N_("Commissione per l'asilo")),
    ("tribunale", N_("Tribunale")),
    ("ispettorato", N_("Ispettorato del lavoro")),
    ("sanita", N_("Azienda sanitaria o ospedale")),
    ("comune", N_("Comune o servizi sociali")),
    ("scuola", N_("Scuola o CPIA")),
    ("sindacato", N_("Sindacato")),
    ("interpreti", N_("Servizio di interpreti e mediazione")),
    ("avvocato", N_("Avvocata o avvocato")),
    ("privato_sociale", N_("Ente del privato sociale, partner")),
    ("internazionale", N_("Organizzazione internazionale")),
    ("altro", N_("Altro ente")),
)
LEAD_KINDS: CodeList = (
    ("regione", N_("Regione o Provincia autonoma")),
    ("provincia", N_("Provincia o Città metropolitana")),
    ("comune", N_("Comune")),
    ("privato_sociale", N_("Ente del privato sociale")),
)
# Art. 52 c. 1 DPR 394/1999: lett. a) integration, lett. b) programmes of art. 18.
REGISTER_SECTIONS: CodeList = (
    ("prima", N_("Prima sezione: integrazione (lett. a)")),
    ("seconda", N_("Seconda sezione: programmi art. 18 (lett. b)")),
)
AGREEMENT_KINDS: CodeList = (
    ("convenzione", N_("Convenzione")),
    ("protocollo", N_("Protocollo d'intesa")),
    ("accordo", N_("Accordo di partenariato")),
    ("altro", N_("Altro accordo")),
)

LISTS: dict[str, CodeList] = {
    "tipo_ente_rubrica": DIRECTORY_KINDS,
    "tipo_titolare": LEAD_KINDS,
    "sezione_registro": REGISTER_SECTIONS,
    "tipo_accordo": AGREEMENT_KINDS,
}
