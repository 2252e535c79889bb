"""The token game: BPMN 2.0 execution semantics (OMG formal/2011-01-03, chapter 13) over an immutable program.

Pure Python on plain values: no database, no SpiffWorkflow, no clock of its own. `run.Run` moves tokens until every
one of them waits for something; what the outside world offers (time, services, decisions, other processes) comes
through `env.Env`.
"""

from engine.game import activities, events, gateways

__all__ = ["activities", "events", "gateways"]  # each registers what happens at its nodes
