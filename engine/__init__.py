"""BPMN 2.0: models are read, checked, published and run here. Knows no person, no case and no web."""
