"""The casework register: contacts, cases, persons, shelters, terms. Knows no BPMN and no web."""
