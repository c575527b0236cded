"""The engines by their names. Only the one that is wanted is loaded."""

from __future__ import annotations

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.measures.engines.base import Engine

ENGINES = ("duckdb", "spark")


def engine(name: str, *, master: str | None = None) -> Engine:
    """The engine of this name.

    :raises InvalidInput: where there is none.
    """
    if name == "duckdb":
        from kloe.measures.engines.duckdb import DuckDB

        return DuckDB()
    if name == "spark":
        from kloe.measures.engines.spark import Spark

        return Spark(master=master) if master else Spark()
    raise InvalidInput(
        _("There is no engine “%(name)s”.", name=name),
        _("There are: %(all)s.", all=", ".join(ENGINES)),
    )


def engine_release(name: str) -> str:
    """Name and release of an engine, as results bear it, without loading it.

    :raises EnvironmentFault: where it is not installed.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"{name} {version('pyspark' if name == 'spark' else name)}"
    except PackageNotFoundError as error:
        if name == "spark":
            from kloe.measures.engines.spark import without_pyspark

            raise without_pyspark() from error
        raise
