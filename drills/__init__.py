"""Drills: the system put to the test from outside, for as long as one likes. `python -m drills --help` lists them.

Each drill is one module here with `add_arguments(parser)` and `run(options) -> exit code`; `__main__` names them.
"""
