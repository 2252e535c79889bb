"""`python -m drills NAME ...`: run one drill; exit 0 if it found nothing."""

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from drills import crash, judge, year

DRILLS: dict[str, ModuleType] = {"judge": judge, "crash": crash, "year": year}


def parser() -> argparse.ArgumentParser:
    """The command line, one subcommand a drill."""
    line = argparse.ArgumentParser(prog="python -m drills", description="Drills: the system put to the test.")
    names = line.add_subparsers(dest="drill", required=True, metavar="DRILL")
    for name, drill in DRILLS.items():
        summary = (drill.__doc__ or "").strip().splitlines()[0]
        drill.add_arguments(names.add_parser(name, help=summary, description=summary))
    return line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the drill that the command line names."""
    options = parser().parse_args(arguments)
    code: int = DRILLS[options.drill].run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
