"""Every field of HTCDS 2.0 (IOM, 24 December 2021): its type, its pick-list, and whether a copy of ours holds it.

84 fields, 40 of them core, three deprecated. `given`: a copy has it, if the case knows it. `sealed`: we know it, but it
says who somebody is or what she told, so it stays in the vault. `absent`: we do not ask it, or not in this shape.
"""

from dataclasses import dataclass

GIVEN, SEALED, ABSENT = "given", "sealed", "absent"
APPS = (
    "Facebook Instagram WhatsApp Telegram FacebookMessenger Viber SnapChat Line 4Sale WeChat QQ QZone TikTok Twitter "
    "Other"
)
REASONS = "AdditionalServicesRequired MigrationOrChangeOfLocation Other"

# name | type, "!" core, "-" deprecated | ours | pick-list
LIST = f"""
org_Name | text | given
org_ShippingCity | text | absent
org_ShippingCountry | text | absent
org_ShippingState | text | absent
org_ShippingStreet | text | absent
org_ShippingPostalCode | text | absent
org_ShippingLongitude | geolocation | absent
org_ShippingLatitude | geolocation | absent
org_Phone | text | absent
org_Type | picklist | given | NGO LawEnforcement HealthServiceOrganisation CentralGovernmentOrganisation \
LocalGovernmentOrganisation ImmigrationService LegalService CorporateBusiness SchoolOrCollege
prs_Salutation | text! | absent
prs_FirstName | text! | sealed
prs_MiddleName | text | absent
prs_SecondName | text! | sealed
prs_Birthdate | date! | sealed
prs_Gender | picklist! | sealed | Feminine Masculine TransgenderFeminine TransgenderMasculine NonConforming \
NonSpecifiedUnknown
prs_Deceased | checkbox | absent
prs_MaritalStatus | picklist | absent | Single Married Widowed Divorced Separated RegisteredPartnership
prs_NumberOfChildren | number | sealed
prs_PrimaryLanguage | language | sealed
prs_SecondaryLanguage | language | sealed
prs_HighestLevelOfEducation | picklist | absent | EarlyChildhoodEducation PrimaryEducation LowerSecondaryEducation \
UpperSecondaryEducation PostSecondaryNonTertiaryEducation ShortCycleTertiaryEducation BachelorsOrEquivalentLevel \
MastersOrEquivalentLevel DoctoralOrEquivalentLevel
prs_Citizenship | countries! | sealed
prs_IdentityNumber | text | sealed
prs_Title | text! | absent
prs_Email | text! | sealed
prs_HomePhone | text! | absent
prs_MobilePhone | text! | sealed
prs_MailingCity | text! | absent
prs_MailingCountry | text! | absent
prs_MailingState | text! | absent
prs_MailingStreet | text! | absent
prs_MailingPostalCode | text! | absent
prs_MailingLongitude | number | absent
prs_MailingLatitude | number | absent
vic_AgreementToManagePersonalData | checkbox- | absent
vic_TraffickingStatus | picklist! | given | PossibleVictimOfTrafficking ActualVictimOfTrafficking \
NotAVictimOfTrafficking
vic_TraffickingStatusDecisionMakingOrg | picklist! | given | Police NGO CourtOrProsecution \
NonPoliceGovernmentalOrganization Other
vic_RelationshipToTrafficker | picklist | sealed | Familial Acquainted Unaquainted
vic_AgeWhenTrafficked | number | sealed
vic_RecruitmentWebsitesAndApps | multiselect | sealed | {APPS}
vic_MethodOfRecruitment | multiselect! | sealed | AtAPlaceOfBusiness AtAnEducationalInstitution AtWork \
ThroughOnlineSocialNetworks ThroughAnOnlineAdvertisement ThroughATelevisionAdvert ThroughANewspaperAdvert \
ThroughFamilyOrFamilyEvents ThroughFriendsOrSocialEvents Other
vic_LocationOfRecruitment | organisation! | absent
vic_MethodsOfControl | multiselect! | sealed | PhysicalThreats ThreatsLawEnforcement ThreatensChildrenFamily \
DebtBondage FalsePromises PhysicalAbuse SexualAbuse TakesEarnings RestrictsFinancialAccess RestrictsMedicalCare \
WithholdsNecessities PsychologicalAbuse PsychoactiveSubstance ExcessiveWorkingHours WithholdsDocuments Other
vic_TypeOfExploitation | multiselect! | sealed | ForcedLabour SexualExploitation ChildLabour ForcedMarriage Servitude \
ForcedMilitaryByNonStateActors OrganRemoval ForcedBegging ForcedAdoption Surrogacy Other
vic_ForcedLabourIndustry | picklist! | sealed | A_AgricultureForestryAndFishing B_MiningAndQuarrying C_Manufacturing \
D_ElectricityGasSteamAndAirConditioningSupply E_WaterSupplySewerageWasteManagement F_Construction \
G_WholesaleAndRetailTradeRepairOfMotorVehicles H_TransportationAndStorage I_AccommodationAndFoodServiceActivities \
J_InformationAndCommunication K_FinancialAndInsuranceActivities L_RealEstateActivities \
M_ProfessionalScientificAndTechnicalActivities N_AdministrativeAndSupportServiceActivities \
O_PublicAdministrationAndDefence P_Education Q_HumanHealthAndSocialWorkActivities R_ArtsEntertainmentAndRecreation \
S_OtherServiceActivities T_ActivitiesOfHouseholdsAsEmployers U_ActivitiesOfExtraterritorialOrganizations
vic_TypeOfSexExploitation | multiselect! | sealed | Prostitution Pornography RemoteInteractiveServices \
PrivateSexualServices
vic_LocationOfExploitation | organisation! | sealed
vic_ExploitationWebsitesAndApps | multiselect | absent | {APPS}
vic_Vulnerabilities | multiselect!- | absent | Addiction SocialGroup Discrimination Poverty \
DisabilityAndPhysicalHealth MentalHealth Migration Homelessness AbuseSocialMedia AbusePhysical Education \
WorkEnvironment
vic_DetailsOfVulnerabilities | longtext!- | absent
per_RoleInProcess | multiselect | sealed | TravellingPartner Transporter RecruiterOrIntermediary BrokerTravelAgent \
TransferredIndividual HarbouredIndividual SoldIndividual BoughtIndividual ReceivedIndividual ControlledIndividual \
Smuggler Abuser Kidnapper Exploiter Other
per_RoleDetails | longtext | sealed
per_Organisation | none | absent
cas_Status | picklist! | given | Active FollowUp Closed ClosedReferred
cas_ReasonForCaseClosure | longtext! | given
cas_CaseOwner | user! | given
cas_ReferringOrganisation | organisation! | given
cas_IncomingReferralDate | date! | given
cas_ReferringPrimaryCaseWorker | person! | given
cas_ReasonForIncomingReferral | picklist! | given | {REASONS}
cas_IncomingReferralDetails | longtext! | sealed
cas_ReferredOrganisation | organisation! | given
cas_ReferredPrimaryCaseWorker | person! | absent
cas_ReasonForOutgoingReferral | picklist! | given | {REASONS}
cas_OutgoingReferralDate | date! | given
cas_OutgoingReferralDetails | longtext! | sealed
cco_CaseComment | longtext | sealed
hte_Longitude | geolocation | absent
hte_Latitude | geolocation | absent
hte_City | text | absent
hte_Country | text | absent
hte_State | text | absent
hte_Street | text | absent
hte_PostalCode | text | absent
hte_Date | date | sealed
hte_Type | picklist | absent | Recruitment Transit Exploitation
hte_Description | longtext | sealed
spl_Objectives | longtext | sealed
spl_ActionPlan | longtext | sealed
spl_PlannedEndDate | date | given
spl_ActualEndDate | date | given
spl_Type | picklist | given | Education Financial Health LabourExploitationRehabilitation Legal Livelihood \
RightsBasedTraining SexualExploitationRehabilitation SocialCare
con_Consent | checkbox! | given
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the standard, and what we do with it."""

    name: str
    kind: str
    core: bool
    deprecated: bool
    ours: str
    picks: tuple[str, ...]


def _read(line: str) -> Field:
    name, kind, ours, *picks = (part.strip() for part in line.split("|"))
    return Field(name, kind.rstrip("!-"), "!" in kind, "-" in kind, ours, tuple(" ".join(picks).split()))


FIELDS = {field.name: field for field in map(_read, filter(None, LIST.splitlines()))}
