"""What the system does when a model says so: one function per service task, each a few words to `cases/`.

A service reads facts of the pathway (codes, dates, choices), calls verbs of the register and gives facts back. What it
reads and gives is written in `workflows/README.md`. Answers that the pathway may not know come from the filed sheet.
One file per stretch of the pathway; a new file is named in `OFFERED`.
"""

from engine import services
from tasks.services import (
    accesses,
    asylum,
    contact,
    emergence,
    exits,
    identification,
    integration,
    interruption,
    minor,
    notices,
    permit,
    programme,
    protection,
    referral,
    report,
    rights,
    risk,
    transfer,
)

OFFERED = (
    accesses,
    asylum,
    contact,
    emergence,
    exits,
    identification,
    integration,
    interruption,
    minor,
    notices,
    permit,
    programme,
    protection,
    referral,
    report,
    rights,
    risk,
    transfer,
)


def offer() -> frozenset[str]:
    """The names that models may use; importing the modules named above is what offers them."""
    return services.known()
