"""Data directories and backups for the tests of both."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from kloe.core.digest import file_digest
from kloe.core.messages import Message
from kloe.web.backup import make

NEW = "what came later"


def fill(folder: Path) -> Path:
    """A data directory as the program leaves it, small."""
    for name in ("files/org-1", "benchmarks/tsm-2025", "reports", "frameworks", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "secret-key").write_text("k" * 60)
    (folder / "secret-key").chmod(0o600)
    (folder / "files" / "org-1" / ("a" * 64)).write_bytes(os.urandom(70_000))
    (folder / "files" / "org-1" / ("b" * 64)).write_bytes(b"")
    (folder / "benchmarks" / "tsm-2025" / "values.parquet").write_bytes(b"PAR1" + b"x" * 4000)
    (folder / "reports" / "Adroddiad – ô.pdf").write_bytes(b"%PDF-1.7 " + b"y" * 5000)
    (folder / "frameworks" / "rules.yaml").write_text("a: 1\n" * 100)
    (folder / "tmp" / "upload.part").write_text("half an upload")
    with closing(sqlite3.connect(folder / "kloe.sqlite3")) as db, db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, words TEXT)")
        db.executemany("INSERT INTO t (words) VALUES (?)", [("word " * 20,)] * 500)
    return folder


def digests(folder: Path) -> dict[str, str]:
    """Every file by path; the database by its rows, as a copy may lay out its pages anew."""
    found = {}
    for path, name in make.files_of(folder):
        if name == "kloe.sqlite3":
            with closing(sqlite3.connect(path)) as db:
                found[name] = "\n".join(db.iterdump())
        else:
            found[name] = file_digest(path)
    return found


def left(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


class Full:
    """Progress that finds the disk full after some bytes."""

    def __init__(self, after: int, words: str) -> None:
        self.after = after
        self.words = words

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        if done >= self.after and self.words in str(what):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
