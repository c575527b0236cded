"""For authors: ``python -m kloe.measures.portable FILE…`` tells the problems of each file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import sqlglot

from kloe.core.errors import InvalidInput
from kloe.measures.portable import parse, problems, spark_problems, transpile
from kloe.records.layouts import layouts


def main(files: Sequence[str]) -> int:
    """Tell the problems of each file; 3 where there are any."""
    found = 0
    for name in files:
        try:
            tree = parse(Path(name).read_text())
            told = [str(p) for p in problems(tree, layouts())]
            if not told:
                after = sqlglot.parse_one(transpile(tree, "spark"), read="spark")
                told = [f"(Spark) {p}" for p in spark_problems(after)]
        except InvalidInput as error:
            told = [str(error)]
        found += len(told)
        sys.stdout.write("".join(f"{name}:{line}\n" for line in told))
    return InvalidInput.exit_code if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
