"""Who may do what: the table of roles and actions, which `cases/access.py` reads. What is not here is refused."""

# Roles whose holders work on the cases of their post; the desk on call only on those it was named for.
TEAM = frozenset({"case_manager", "legal_officer", "supervisor"})
ASSIGNABLE = TEAM | {"local_desk"}
CENTRAL = frozenset({"nv_operator", "nv_supervisor"})
TERRITORY = frozenset({"street_worker", "local_desk", "case_manager", "supervisor"})
TASK_ROLES = CENTRAL | TERRITORY | TEAM | {"shelter_worker", "cultural_mediator"}
# Who answers for a project when another one asks it for a place.
RECEIVING = frozenset({"case_manager", "supervisor", "local_desk"})
OFFICE = frozenset({"coordinator", "auditor", "admin"})

MAY: dict[str, frozenset[str]] = {
    "task.list": TASK_ROLES,
    "task.complete": TASK_ROLES,
    "task.assign": frozenset({"supervisor", "nv_supervisor"}),
    "task.skip": frozenset({"supervisor", "nv_supervisor"}),
    "contact.list": CENTRAL | TERRITORY,
    "contact.record": CENTRAL | TERRITORY,
    "contact.amend": CENTRAL | TERRITORY,
    "contact.link": CENTRAL | TERRITORY,
    "contact.route": CENTRAL | {"local_desk", "supervisor"},
    "contact.pick_up": frozenset({"local_desk", "case_manager", "supervisor"}),
    "contact.close": CENTRAL | TERRITORY,
    "outing.record": frozenset({"street_worker", "supervisor"}),
    "desk.use": frozenset({"local_desk", "case_manager", "supervisor"}),
    "agenda.use": TERRITORY | TEAM | {"shelter_worker", "cultural_mediator"},
    "search.ask": CENTRAL | TERRITORY | TEAM,
    "case.list": ASSIGNABLE | {"shelter_worker", "cultural_mediator"},
    "case.open": frozenset({"local_desk", "case_manager", "supervisor"}),
    "case.assign": frozenset({"supervisor"}),
    "case.mask": frozenset({"case_manager", "supervisor"}),
    "case.unmask": frozenset({"supervisor"}),
    "case.suspend": frozenset({"case_manager", "supervisor"}),
    "pathway.start": TEAM | {"local_desk"},
    "case.close": frozenset({"case_manager", "supervisor"}),
    "case.reopen": frozenset({"case_manager", "supervisor"}),
    "step.add": frozenset({"case_manager", "supervisor"}),
    "case.break_glass": ASSIGNABLE,
    "case.looks": frozenset({"case_manager", "supervisor"}),
    "mediator.appoint": frozenset({"case_manager", "legal_officer", "supervisor"}),
    "person.record": frozenset({"local_desk", "case_manager", "legal_officer", "supervisor"}),
    "consent.record": frozenset({"local_desk", "case_manager", "legal_officer", "supervisor"}),
    "retention.hold": frozenset({"legal_officer", "supervisor"}),
    "document.write": frozenset({"local_desk", "case_manager", "legal_officer", "supervisor"}),
    "permit.record": frozenset({"case_manager", "legal_officer", "supervisor"}),
    "episode.record": frozenset({"local_desk", "case_manager", "legal_officer", "supervisor"}),
    "communication.record": frozenset({"case_manager", "legal_officer", "supervisor"}),
    "deadline.list": TEAM | {"local_desk"},
    "deadline.override": TEAM,
    "shelter.list": ASSIGNABLE | {"shelter_worker"},
    "shelter.open": frozenset({"shelter_worker", "supervisor"}),
    "shelter.address": frozenset({"shelter_worker"}),
    "shelter.ask": ASSIGNABLE,
    "shelter.reveal": frozenset({"shelter_worker", "coordinator"}),
    "placement.record": frozenset({"local_desk", "case_manager", "shelter_worker", "supervisor"}),
    "transfer.list": CENTRAL | RECEIVING | {"legal_officer"},
    "transfer.offer": frozenset({"case_manager", "supervisor"}),
    "transfer.plan": frozenset({"case_manager", "supervisor"}),
    "transfer.withdraw": frozenset({"case_manager", "supervisor", "local_desk"}),
    "referral.list": ASSIGNABLE,
    "rota.read": TASK_ROLES | {"coordinator"},
    "directory.read": TASK_ROLES | OFFICE,
    "directory.change": frozenset({"coordinator"}),
    "model.read": frozenset({"coordinator", "auditor"}),
    "model.publish": frozenset({"coordinator"}),
    "term.read": TASK_ROLES | {"coordinator", "auditor"},
    "term.change": frozenset({"coordinator"}),
    "audit.read": frozenset({"auditor"}),
    "audit.verify": frozenset({"auditor", "admin"}),
    "user.manage": frozenset({"admin"}),
    "incident.settle": frozenset({"coordinator"}),
    "status.read": frozenset({"coordinator", "admin"}),
}
