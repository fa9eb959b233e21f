"""`python -m cellar_worker COMMAND`: the workers that Cellar starts."""

import argparse
import sys


def main() -> int:
    """Runs the command that the arguments name; answers with the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m cellar_worker", description="Scores and serves MLflow models for Cellar."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("evaluate", help="score models on holdouts: JSON lines in on stdin, out on stdout")
    arguments = parser.parse_args()
    if arguments.command == "evaluate":
        from .evaluate import run

        return run()
    return 2


if __name__ == "__main__":
    sys.exit(main())
