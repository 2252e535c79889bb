"""What our codes are called in HTCDS 2.0 (IOM, 24 December 2021); a code without a name there is exported empty.

Two of the standard's gaps are ours to fill: illicit economies have no code (exported "Other"), and four ways of
control exist only in its prose, not in its pick-list (exported "Other", kept apart here).
"""

EXPLOITATION: dict[str, tuple[str, ...]] = {
    "sessuale": ("SexualExploitation",),
    "sessuale_strada": ("SexualExploitation",),
    "sessuale_indoor": ("SexualExploitation",),
    "sessuale_online": ("SexualExploitation",),
    "lavorativo": ("ForcedLabour",),
    "servitu_domestica": ("Servitude",),
    "accattonaggio": ("ForcedBegging",),
    "economie_illegali": ("Other",),
    "matrimonio_forzato": ("ForcedMarriage",),
    "espianto_organi": ("OrganRemoval",),
    "adozione_illegale": ("ForcedAdoption",),
    "maternita_surrogata": ("Surrogacy",),
    "materiale_sessuale": ("SexualExploitation", "Pornography"),
    "sfruttamento_minorile": ("ChildLabour",),
    "arruolamento": ("ForcedMilitaryByNonStateActors",),
    "non_nota": (),
    "altro": ("Other",),
}
INDUSTRY: dict[str, str] = {"servitu_domestica": "T"}
VICTIM_STATUS: dict[str, str] = {
    "in_valutazione": "PossibleVictimOfTrafficking",
    "presunta": "PossibleVictimOfTrafficking",
    "identificata": "ActualVictimOfTrafficking",
    "non_vittima": "NotAVictimOfTrafficking",
}
STATUS_DECIDER: dict[str, str] = {
    "ente_antitratta": "NGO",
    "polizia_giudiziaria": "Police",
    "magistratura": "CourtOrProsecution",
    "commissione_o_inl": "NonPoliceGovernmentalOrganization",
    "altro": "Other",
}
GENDER: dict[str, str] = {
    "femmina": "Feminine",
    "maschio": "Masculine",
    "donna_trans": "TransgenderFeminine",
    "uomo_trans": "TransgenderMasculine",
    "non_binario": "NonConforming",
    "non_dichiarato": "NonSpecifiedUnknown",
}
CONTROL: dict[str, str] = {
    "minacce": "PhysicalThreats",
    "minacce_autorita": "ThreatsLawEnforcement",
    "minacce_famiglia": "ThreatensChildrenFamily",
    "debito": "DebtBondage",
    "false_promesse": "FalsePromises",
    "violenza_fisica": "PhysicalAbuse",
    "violenza_sessuale": "SexualAbuse",
    "guadagni_sottratti": "TakesEarnings",
    "controllo_denaro": "RestrictsFinancialAccess",
    "cure_negate": "RestrictsMedicalCare",
    "beni_negati": "WithholdsNecessities",
    "violenza_psicologica": "PsychologicalAbuse",
    "sostanze": "PsychoactiveSubstance",
    "orari_eccessivi": "ExcessiveWorkingHours",
    "documenti_trattenuti": "WithholdsDocuments",
    "rito_giuramento": "Other",
    "violenza_familiari": "Other",
    "movimento_limitato": "Other",
    "uso_figli": "Other",
    "altro": "Other",
}
RECRUITMENT: dict[str, str] = {
    "luogo_affari": "AtAPlaceOfBusiness",
    "scuola": "AtAnEducationalInstitution",
    "lavoro": "AtWork",
    "reti_sociali": "ThroughOnlineSocialNetworks",
    "annuncio_online": "ThroughAnOnlineAdvertisement",
    "televisione": "ThroughATelevisionAdvert",
    "giornale": "ThroughANewspaperAdvert",
    "famiglia": "ThroughFamilyOrFamilyEvents",
    "amici": "ThroughFriendsOrSocialEvents",
    "altro": "Other",
}
CASE_STATUS: dict[str, str] = {"open": "Active", "suspended": "Active", "closed": "Closed"}
CLOSED_REFERRED = frozenset({"trasferimento", "altro_servizio", "maggiore_eta"})
AFTER_EXIT = "P10"
TRANSFER_REASON: dict[str, str] = {
    "sicurezza": "MigrationOrChangeOfLocation",
    "rete_ostile": "MigrationOrChangeOfLocation",
    "salute": "AdditionalServicesRequired",
    "ricongiungimento": "MigrationOrChangeOfLocation",
    "lavoro": "MigrationOrChangeOfLocation",
    "mancanza_posti": "AdditionalServicesRequired",
    "conflitto": "Other",
    "asilo_competenza": "Other",
    "altro": "Other",
}


def case_status(status: str, phase: str, outcome: str | None) -> str:
    """`cas_Status`: open, and followed up once its person has left; closed, as referred if she went elsewhere."""
    if status == "closed":
        return "ClosedReferred" if outcome in CLOSED_REFERRED else "Closed"
    return "FollowUp" if phase == AFTER_EXIT else CASE_STATUS[status]
