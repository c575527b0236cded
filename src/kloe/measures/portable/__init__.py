"""The portable subset of SQL in which measures are written: read, held to, and transpiled.

One text runs on DuckDB and on Spark with the same result to the last digit, because only what
was seen to agree is allowed. See ``docs/reference/portable-sql.md``.
"""

from kloe.measures.portable.after import spark_problems
from kloe.measures.portable.lint import GROUPS, RETURNS, problems
from kloe.measures.portable.syntax import DIALECTS, OWN, expand, parse, transpile
from kloe.measures.portable.values import Problem

__all__ = [
    "DIALECTS",
    "GROUPS",
    "OWN",
    "RETURNS",
    "Problem",
    "expand",
    "parse",
    "problems",
    "spark_problems",
    "transpile",
]
