"""Named points where a crash drill kills the process, as a power cut would.

`APPRODO_FAILPOINT=before_commit` dies at the first passage, `before_commit:7` at the seventh.
"""

import os
import signal

_name, _, _count = os.environ.get("APPRODO_FAILPOINT", "").partition(":")
_left = int(_count or 1)


def reach(name: str) -> None:
    """Die here when the drill says so; otherwise do nothing."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
