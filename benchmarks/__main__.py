"""`python -m benchmarks`: measure, print the figures, and write all of it down."""

import argparse
from pathlib import Path

from benchmarks import panels, report
from benchmarks.cases import CASES
from benchmarks.environments import PICTURE, interpreters
from benchmarks.run import Plan, measure

QUICK = Plan(rounds=1, seconds=0.02, share=0.01)


def main() -> None:
    arguments = _arguments()
    if arguments.output is not None:  # before anything is measured for it
        arguments.output.mkdir(parents=True, exist_ok=True)
    plan = QUICK if arguments.quick else Plan(rounds=arguments.rounds, seconds=0.5, share=1)
    if arguments.only:
        cases = [case for case in CASES if case.name in arguments.only]
    else:
        cases = [case for case in CASES if not (arguments.quick and case.repeats)]
    wanted = {entry.environment: None for case in cases for entry in case.entries}
    found = interpreters([*wanted, PICTURE], quick=arguments.quick)
    artist = found.pop(PICTURE, None)

    results = measure(cases, found, plan)

    text = report.written(results, cases, found, plan)
    if arguments.quick:
        print("A quick run: it shows that everything runs, and nothing else.\n")
    print(text if arguments.only else report.figures(results))
    folder = arguments.output
    if folder is None and not arguments.quick and not arguments.only:
        folder = Path(__file__).parent
    if folder is not None:
        (folder / "RESULTS.md").write_text(text, encoding="utf-8")
    if folder is not None and artist is not None and not arguments.only:
        panels.draw(results, folder / "results.svg", artist)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="see that it runs, in a minute")
    parser.add_argument("--rounds", type=int, default=5, help="of a full run, 5 by default")
    parser.add_argument(
        "--only",
        action="append",
        choices=[case.name for case in CASES],
        metavar="CASE",
        help=f"a case, may be repeated: {', '.join(case.name for case in CASES)}",
    )
    parser.add_argument(
        "--output",
        type=Path,
        help="folder for RESULTS.md and results.svg, made if need be; by default that of this program, for a run"
        " of all cases that is not quick",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
