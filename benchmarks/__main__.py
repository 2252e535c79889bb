"""`python -m benchmarks engine|desk|audit|workshop [--db URL|postgres] [--quick] [--json]`."""

import argparse
import json

from benchmarks import audit, desk, engine, workshop

SUITES = {"audit": audit.measure, "desk": desk.measure, "engine": engine.measure, "workshop": workshop.measure}


def main() -> None:
    """Run one suite and print its table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suite", choices=sorted(SUITES))
    parser.add_argument(
        "--db", default="", help="database URL; 'postgres' starts a server; default: SQLite in a new folder"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows; the ratios are rougher")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    given = parser.parse_args()
    found = SUITES[given.suite](given.db, quick=given.quick)
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
