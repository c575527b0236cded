"""Run by a test in a process of its own: measures over a set of records, on a master given.

``python cluster.py MASTER FOLDER OUT ID…``: writes, pickled, the rows each measure's query gave,
and how many processes there were.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from spark_ground import computed

from kloe.measures.engines.spark import Spark
from kloe.records.store import RecordSet


def main(master: str, folder: str, out: str, *ids: str) -> None:
    with Spark(master=master) as engine:
        rows = computed(RecordSet.open(Path(folder)), engine, list(ids))
        executors = engine._session().sparkContext._jsc.sc().getExecutorMemoryStatus().size()
    Path(out).write_bytes(pickle.dumps((rows, executors)))


if __name__ == "__main__":
    main(*sys.argv[1:])
