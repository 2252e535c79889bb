"""The provinces of Italy by vehicle code, as a call is placed on the map and routed to a post.

The 107 of the 2016 reform. Names are proper names: they are not translated.
"""

from core.errors import N_, InvalidForm

_TEXT = """
AG Agrigento, AL Alessandria, AN Ancona, AO Aosta, AP Ascoli Piceno, AQ L'Aquila, AR Arezzo, AT Asti, AV Avellino,
BA Bari, BG Bergamo, BI Biella, BL Belluno, BN Benevento, BO Bologna, BR Brindisi, BS Brescia, BT Barletta-Andria-Trani,
BZ Bolzano, CA Cagliari, CB Campobasso, CE Caserta, CH Chieti, CL Caltanissetta, CN Cuneo, CO Como, CR Cremona,
CS Cosenza, CT Catania, CZ Catanzaro, EN Enna, FC Forlì-Cesena, FE Ferrara, FG Foggia, FI Firenze, FM Fermo,
FR Frosinone, GE Genova, GO Gorizia, GR Grosseto, IM Imperia, IS Isernia, KR Crotone, LC Lecco, LE Lecce, LI Livorno,
LO Lodi, LT Latina, LU Lucca, MB Monza e Brianza, MC Macerata, ME Messina, MI Milano, MN Mantova, MO Modena,
MS Massa-Carrara, MT Matera, NA Napoli, NO Novara, NU Nuoro, OR Oristano, PA Palermo, PC Piacenza, PD Padova,
PE Pescara, PG Perugia, PI Pisa, PN Pordenone, PO Prato, PR Parma, PT Pistoia, PU Pesaro e Urbino, PV Pavia,
PZ Potenza, RA Ravenna, RC Reggio Calabria, RE Reggio Emilia, RG Ragusa, RI Rieti, RM Roma, RN Rimini, RO Rovigo,
SA Salerno, SI Siena, SO Sondrio, SP La Spezia, SR Siracusa, SS Sassari, SU Sud Sardegna, SV Savona, TA Taranto,
TE Teramo, TN Trento, TO Torino, TP Trapani, TR Terni, TS Trieste, TV Treviso, UD Udine, VA Varese,
VB Verbano-Cusio-Ossola, VC Vercelli, VE Venezia, VI Vicenza, VR Verona, VT Viterbo, VV Vibo Valentia
"""

PROVINCES: tuple[tuple[str, str], ...] = tuple(
    (entry.strip()[:2], entry.strip()[3:]) for entry in _TEXT.replace("\n", " ").split(",")
)
_NAMES = dict(PROVINCES)


def province_name(code: str) -> str:
    """The name of a province; the code itself when it is not one of ours."""
    return _NAMES.get(code, code)


def check_province(field: str, code: str) -> str:
    """Return the code in capitals, or refuse."""
    if code.upper() not in _NAMES:
        raise InvalidForm({field: [N_("Scrivi la sigla di una provincia, per esempio MI.")]})
    return code.upper()
