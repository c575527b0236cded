"""Spark, for records that outgrow one machine: the same Parquet files, the same results.

A Java process is started once and shared by all engines of this process; it keeps its words to
itself and opens no port to the outside unless a cluster is named. Nothing is downloaded.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kloe.core.errors import EnvironmentFault, InvalidInput
from kloe.core.messages import _
from kloe.measures.engines.base import Held
from kloe.records.layouts import layout
from kloe.records.store import RecordSet

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

MASTER = "local[2]"
#: The least release of Java that Spark 4 runs on.
JAVA = 17
_LOGGING = Path(__file__).with_name("spark-log4j2.properties")
_PARTITIONS = "spark.sql.shuffle.partitions"
#: Up to so many rows, planning and compiling cost more than computing.
SMALL = 1_000_000
#: Few rows: the plan is kept short and nothing is compiled.
_SMALL = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.autoBroadcastJoinThreshold": str(10 * 2**20),
}
#: Many rows: Spark compiles, and sizes its shuffles by what it meets.
_LARGE = {
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
}


def java() -> str:
    """The Java program that Spark will run.

    :raises EnvironmentFault: where there is none, or too old a one; saying what to install.
    """
    remedy = _(
        "Install a Java runtime %(n)d or later (Debian and Ubuntu: apt install"
        " openjdk-%(n)d-jre-headless), or point JAVA_HOME to one.",
        n=JAVA,
    )
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if found is None:
        raise EnvironmentFault(_("Spark needs Java, and there is none here."), "", remedy)
    try:
        told = subprocess.run(
            [found, "-version"], capture_output=True, text=True, timeout=60, check=False
        )
        release = told.stderr.split('"')[1]
        number = int(release.split(".")[0].split("-")[0])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError) as error:
        raise EnvironmentFault(
            _("%(java)s does not say which Java it is.", java=found), "", remedy
        ) from error
    if number < JAVA:
        raise EnvironmentFault(
            _("Java %(release)s is too old for Spark.", release=release),
            _("Spark needs Java %(n)d or later.", n=JAVA),
            remedy,
        )
    return found


def without_pyspark() -> EnvironmentFault:
    """What to say where pyspark is not installed."""
    return EnvironmentFault(
        _("Spark needs pyspark, which is not installed."),
        "",
        _("Install kloe with it: pip install 'kloe[spark]' (uv sync --extra spark)."),
    )


class _Process:
    """The one Java process and its context: started for the first engine, stopped after the last.

    Engines of one master share it. Another master has to wait until they are closed.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._session: SparkSession | None = None
        self._master = ""
        self._users = 0
        self._gateway: Any = None
        self._log: IO[bytes] | None = None
        self._scratch: str | None = None

    def take(self, master: str) -> SparkSession:
        """A session of its own on the master's context.

        :raises EnvironmentFault: where Spark cannot be started.
        """
        with self._lock:
            if self._session is not None and self._master != master:
                raise EnvironmentFault(
                    _("Spark runs on %(master)s in this process.", master=self._master),
                    _("One process talks to one master at a time."),
                    _("Close that engine first, or start another process."),
                )
            if self._session is None:
                self._start(master)
            assert self._session is not None
            self._users += 1
            return self._session.newSession()

    def give_back(self) -> None:
        """One engine fewer; the last one stops the context."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._stop()

    def _stop(self) -> None:
        if self._session is None:
            return
        application = str(self._session.sparkContext.applicationId)
        self._session.stop()
        self._session = None
        if self._master.startswith("local-cluster"):
            import pyspark

            # Workers on this machine keep a folder there, and Spark has no setting for another.
            work = Path(pyspark.__file__).parent / "work" / application
            shutil.rmtree(work, ignore_errors=True)

    def _start(self, master: str) -> None:
        try:
            from pyspark import SparkConf, SparkContext
            from pyspark.errors import PySparkException
            from pyspark.java_gateway import launch_gateway
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise without_pyspark() from error
        java()
        conf = SparkConf(loadDefaults=False)
        for key, value in self._settings(master).items():
            conf.set(key, value)
        try:
            if self._gateway is None:
                self._log = tempfile.TemporaryFile()  # noqa: SIM115 - the Java process's words
                if master.startswith("local"):
                    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
                self._gateway = launch_gateway(conf, {"stderr": self._log, "stdout": self._log})
                atexit.register(self._end)
            # Spark takes Ctrl-C for itself; it stays with whoever had it.
            ours = signal.getsignal(signal.SIGINT)
            context = SparkContext(conf=conf, gateway=self._gateway)
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGINT, ours)
            self._session, self._master = SparkSession(context), master
        except (PySparkException, OSError, _java_error()) as error:
            raise EnvironmentFault(
                _("Spark does not start on %(master)s: %(error)s", master=master,
                  error=_first_line(error)),
                _("It said: %(log)s", log=self._last_words()),
                _("Look after the master's address, the Java runtime and free memory."),
            ) from error  # fmt: skip
        # What goes wrong is told by our own errors, once and in words.
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)

    def _settings(self, master: str) -> dict[str, str]:
        if self._scratch is None:
            self._scratch = tempfile.mkdtemp(prefix="kloe-spark-")
        settings = {
            "spark.master": master,
            "spark.app.name": "kloe",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
            "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
            "spark.sql.ansi.enabled": "true",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.timestampType": "TIMESTAMP_NTZ",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.warehouse.dir": str(Path(self._scratch) / "warehouse"),
            "spark.sql.parquet.mergeSchema": "false",
            "spark.sql.legacy.timeParserPolicy": "CORRECTED",
        }
        if master.startswith("local"):
            settings |= {
                "spark.driver.bindAddress": "127.0.0.1",
                "spark.driver.host": "127.0.0.1",
                "spark.local.dir": self._scratch,
            }
        return settings

    def _last_words(self) -> str:
        if self._log is None:
            return "–"
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "–"

    def _end(self) -> None:
        """At the end of this process: stop Java, and take its files away."""
        with self._lock:
            self._stop()
            if self._gateway is not None:
                self._gateway.shutdown()
                process = getattr(self._gateway, "proc", None)
                if process is not None:
                    process.stdin.close()
                    process.wait(timeout=30)
                self._gateway = None
            if self._log is not None:
                self._log.close()
            if self._scratch is not None:
                shutil.rmtree(self._scratch, ignore_errors=True)


_PROCESS = _Process()


class Spark:
    """An engine on Spark. Used within ``with``; sessions of one process share one Java process.

    :param master: ``local[2]``, ``local-cluster[2,1,1024]``, ``spark://host:7077``, ``yarn``…
        On a cluster the records lie where every machine finds them under the same path.
    """

    name = "spark"

    def __init__(self, *, master: str = MASTER) -> None:
        self.master = master
        self._session_: SparkSession | None = None
        self._mode: Mapping[str, str] | None = None
        self._rows = 0

    @property
    def version(self) -> str:
        """The engine's release."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("pyspark")
        except PackageNotFoundError:
            return ""

    def _session(self) -> SparkSession:
        if self._session_ is None:
            self._session_ = _PROCESS.take(self.master)
        return self._session_

    def _set(self, mode: Mapping[str, str]) -> None:
        if mode is self._mode:
            return
        conf = self._session().conf
        for key, value in mode.items():
            conf.set(key, value)
        if mode is _SMALL:
            conf.set(_PARTITIONS, "1" if self.master.startswith("local[") else "4")
        elif self.master.startswith("local"):
            conf.set(_PARTITIONS, "8")
        else:
            conf.unset(_PARTITIONS)
        self._mode = mode

    def hold(self, tables: Mapping[str, Held]) -> None:
        """Give these names these rows, in place of what they held."""
        session = self._session()
        for name, held in tables.items():
            frame = session.createDataFrame(arrow(held), schema=_schema(held.types))
            frame.createOrReplaceTempView(name)

    def open(self, records: RecordSet, tables: Iterable[str]) -> None:
        """Let the names of tables stand for the set's Parquet files, with the layouts' types."""
        for name in tables:
            if name not in records.tables:
                continue
            types = layout(name).types
            paths = [path.resolve() for path in records.paths(name)]
            if not paths:
                self.hold({name: Held(types)})
                continue
            self._files(paths, types).createOrReplaceTempView(name)
            self._rows += records.tables[name].rows

    def _files(self, paths: Sequence[Path], types: Mapping[str, str]) -> DataFrame:
        """The rows of files: read by the layout, or, where a file's types differ, cast to it."""
        import pyarrow.parquet as pq

        session = self._session()
        wanted = arrow(Held(types)).schema
        usual: list[Path] = []
        other: list[Path] = []
        for path in paths:
            found = pq.read_schema(path)
            same = all(
                found.field(one.name).type == one.type for one in wanted if one.name in found.names
            )
            (usual if same else other).append(path)
        frames = []
        if usual:
            frames.append(session.read.schema(_schema(types)).parquet(*map(_address, usual)))
        for path in other:
            found = pq.read_schema(path)
            frames.append(
                session.read.parquet(_address(path)).selectExpr(
                    *(
                        f"CAST({f'`{c}`' if c in found.names else 'NULL'} AS {_spark(t)}) AS `{c}`"
                        for c, t in types.items()
                    )
                )
            )
        whole = frames[0]
        for frame in frames[1:]:
            whole = whole.unionByName(frame)
        return whole

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query in Spark's SQL: numbers as int or Decimal, never float.

        :raises InvalidInput: with the engine's words, where the query cannot be run.
        """
        from pyspark.errors import PySparkException

        session = self._session()
        self._set(_SMALL if self._rows < SMALL else _LARGE)
        try:
            frame = session.sql(sql)
            loose = [f.name for f in frame.schema if f.dataType.typeName() in ("double", "float")]
            if loose:
                raise InvalidInput(
                    _("The query returns a double: %(names)s.", names=", ".join(loose)),
                    _("Numbers are whole numbers or decimals."),
                )
            return [tuple(row) for row in frame.collect()]
        except (PySparkException, _java_error()) as error:
            raise InvalidInput(
                _("Spark refuses the query: %(error)s", error=_first_line(error))
            ) from error

    def close(self) -> None:
        """Give the session back; with the last one Spark stops."""
        if self._session_ is not None:
            self._session_ = None
            self._mode, self._rows = None, 0
            _PROCESS.give_back()

    def __enter__(self) -> Spark:
        return self

    def __exit__(self, *stopped: object) -> None:
        self.close()


def arrow(held: Held) -> pa.Table:
    """Rows in memory as columns, with exactly the types they are held in."""
    import pyarrow as pa

    plain = {
        "VARCHAR": pa.string(), "TEXT": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int32(),
        "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"), "BOOLEAN": pa.bool_(),
    }  # fmt: skip
    columns, fields = [], []
    for n, (name, type_) in enumerate(held.types.items()):
        kind = plain.get(type_) or pa.decimal128(*_digits(type_))
        values = [row[n] for row in held.rows]
        fields.append(pa.field(name, kind))
        columns.append(pa.array(values, kind))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _address(path: Path) -> str:
    """A file as Spark wants it: on this machine's disk, with nothing in its name a pattern."""
    return "file:" + re.sub(r"([\\{}\[\]*?])", r"\\\1", path.as_posix())


def _digits(type_: str) -> tuple[int, int]:
    precision, _comma, scale = type_.partition("(")[2].rstrip(")").partition(",")
    return int(precision), int(scale or 0)


def _spark(type_: str) -> str:
    """An SQL type by Spark's name."""
    return {"VARCHAR": "STRING", "TEXT": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ"}.get(type_, type_)


def _schema(types: Mapping[str, str]) -> Any:
    from pyspark.sql.types import (
        BooleanType,
        DateType,
        DecimalType,
        IntegerType,
        LongType,
        StringType,
        StructField,
        StructType,
        TimestampNTZType,
    )

    plain = {
        "VARCHAR": StringType(), "TEXT": StringType(), "BIGINT": LongType(),
        "INTEGER": IntegerType(), "DATE": DateType(), "TIMESTAMP": TimestampNTZType(),
        "BOOLEAN": BooleanType(),
    }  # fmt: skip
    return StructType(
        [StructField(c, plain.get(t) or DecimalType(*_digits(t))) for c, t in types.items()]
    )


def _java_error() -> type[Exception]:
    from py4j.protocol import Py4JError  # type: ignore[import-untyped,unused-ignore]

    found: type[Exception] = Py4JError
    return found


def _first_line(error: BaseException) -> str:
    """What went wrong at the bottom of it, in one line."""
    java = getattr(error, "java_exception", None)
    while java is not None and java.getCause() is not None:
        java = java.getCause()
    words = str(java.toString() if java is not None else error).strip()
    return words.splitlines()[0] if words else type(error).__name__
