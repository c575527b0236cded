"""How tables, joins, groups and windows hold together: every row within its own landlord."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from kloe.core.messages import _
from kloe.measures.portable.expressions import AGGREGATES, Expressions
from kloe.measures.portable.notes import Notes, shown
from kloe.measures.portable.shapes import Open, outside, own_nodes, tied, total
from kloe.measures.portable.values import (
    ANY,
    PERIOD,
    Family,
    Relation,
    Scope,
    Source,
    Value,
)

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SELECT = {"with_", "expressions", "from_", "joins", "where", "group", "having", "distinct"}
_CLAUSES = {
    "limit": "LIMIT", "offset": "OFFSET", "order": "ORDER BY", "qualify": "QUALIFY",
    "windows": "WINDOW", "hint": "a hint", "sample": "a sample", "laterals": "LATERAL",
    "pivots": "PIVOT", "into": "INTO", "kind": "SELECT AS",
}  # fmt: skip


class Queries:
    """Reads the queries of one measure, noting what is outside the subset.

    :param tables: what each table of the records holds.
    """

    def __init__(
        self, notes: Notes, tables: Mapping[str, Relation], settings: Mapping[str, Any] | None
    ) -> None:
        self.notes = notes
        self.tables = tables
        self.ctes: dict[str, Relation] = {}
        self.expressions = Expressions(notes, self._inside, settings)

    def read(self, query: exp.Expr, around: Scope | None = None, place: str = "top") -> Relation:
        """What a query returns. ``place``: top, cte, from, exists, in or scalar."""
        before = dict(self.ctes)
        with_ = query.args.get("with_")
        if with_ is not None:
            self._with(with_, around)
        if isinstance(query, exp.Select):
            relation = self._select(query, around, place)
        elif isinstance(query, exp.SetOperation):
            relation = self._union(query, around, place)
        elif isinstance(query, exp.Subquery) and not query.alias:
            relation = self.read(query.this, around, place)
        else:
            self.notes.tell(query, _("“%(what)s” is no SELECT.", what=shown(query)))
            relation = Relation({})
        self.ctes = before
        return relation

    def _inside(self, query: exp.Expr, scope: Scope, place: str) -> list[Value]:
        return list(self.read(query, scope, place).columns.values())

    def _with(self, with_: exp.With, around: Scope | None) -> None:
        if with_.args.get("recursive"):
            self.notes.tell(with_, _("The CTE is recursive."), _("CTEs are not recursive."))
        if around is not None:
            self.notes.tell(with_, _("A CTE stands inside a condition."), "",
                            _("Move it to the beginning of the measure."))  # fmt: skip
        for cte in with_.expressions:
            name = cte.alias
            self._name(cte, name)
            if name in self.tables or name == "period" or name in self.ctes:
                self.notes.tell(cte, _("“%(name)s” is taken already.", name=name), "",
                                _("Give the CTE a name of its own."))  # fmt: skip
            if cte.args["alias"].columns:
                self.notes.tell(cte, _("The CTE lists its columns."), "",
                                _("Name them inside, by AS."))  # fmt: skip
            self.ctes[name] = self.read(cte.this, None, "cte")

    def _name(self, node: exp.Expr, name: str) -> None:
        quoted = isinstance(node, exp.Identifier) and node.args.get("quoted")
        if not _NAME.fullmatch(name) or quoted:
            self.notes.tell(node, _("The name “%(name)s” is not plain.", name=name),
                            _("Lower-case letters, digits and underscores, unquoted."))  # fmt: skip

    # Union

    def _union(self, query: exp.SetOperation, around: Scope | None, place: str) -> Relation:
        if type(query) is not exp.Union or query.args.get("distinct"):
            self.notes.tell(
                query,
                _("“%(what)s” is not in the portable subset.", what=query.key.upper()),
                _("Allowed: %(all)s.", all="UNION ALL"),
                _("Write SELECT DISTINCT around it where needed."),
            )
        self._clauses(query, {"with_", "this", "expression", "distinct"})
        left = self.read(query.this, around, place)
        right = self.read(query.expression, around, place)
        if list(left.columns) != list(right.columns) and place not in ("exists", "scalar"):
            self.notes.tell(
                query.expression,
                _("The parts of UNION ALL return %(a)s and %(b)s.", a=", ".join(left.columns),
                  b=", ".join(right.columns)),
                _("They return columns of the same names in the same order."),
            )  # fmt: skip
        columns = {
            name: self.expressions.together(query, value, right.columns.get(name, ANY))
            for name, value in left.columns.items()
        }
        return Relation(columns, frozenset(), left.marks & right.marks)

    def _clauses(self, query: exp.Expr, allowed: set[str]) -> None:
        for key, value in query.args.items():
            if value and key not in allowed:
                self.notes.tell(
                    query,
                    _("The query has %(what)s.", what=_CLAUSES.get(key, key.upper())),
                    "",
                    {
                        "limit": _("Take the first by ROW_NUMBER() in a subquery."),
                        "qualify": _("Ask for the row number in a query around it."),
                        "order": _("kloe orders results itself."),
                    }.get(key, ""),
                )

    # Select

    def _select(self, query: exp.Select, around: Scope | None, place: str) -> Relation:
        self._clauses(query, _SELECT)
        scope = Scope(around=around)
        self._from(query, scope)
        where = query.args.get("where")
        if where is not None:
            self.expressions.condition(where.this, scope)
            self._refuse(where, (exp.Window,), _("WHERE asks a window function."),
                         _("Ask in a query around it."))  # fmt: skip
            self._refuse(where, tuple(AGGREGATES), _("WHERE asks an aggregate."), _("Use HAVING."))
        if place in ("exists", "in", "scalar"):
            self._tie_inside(query, scope, place)
        distinct = query.args.get("distinct")
        if distinct is not None and distinct.args.get("on"):
            self.notes.tell(query, _("DISTINCT ON picks rows differently."), "",
                            _("Take the first by ROW_NUMBER() in a subquery."))  # fmt: skip
        groups = self._groups(query, scope, place)
        columns = self._columns(query, scope, place)
        having = query.args.get("having")
        if having is not None:
            self.expressions.condition(having.this, scope)
        self._grouped(query, groups)
        self._windows(query, scope, groups)
        if scope.records() and place in ("top", "cte", "from"):
            self._returns_landlord(query, scope)
        return self._relation(query, scope, columns, groups)

    def _refuse(
        self, node: exp.Expr, kinds: tuple[type[exp.Expr], ...], found: Any, remedy: Any
    ) -> None:
        for one in own_nodes(node):
            if isinstance(one, kinds):
                self.notes.tell(one, found, "", remedy)

    def _from(self, query: exp.Select, scope: Scope) -> None:
        from_ = query.args.get("from_")
        if from_ is not None:
            self._source(from_.this, scope)
        for join in query.args.get("joins") or ():
            known = [s.alias for s in scope.records()]
            side = (join.side or "").upper()
            kind = (join.kind or "").upper()
            source = self._source(join.this, scope, outer=side == "LEFT")
            if (
                side not in ("", "LEFT")
                or kind not in ("", "INNER", "CROSS", "OUTER")
                or any(join.args.get(key) for key in ("using", "method", "match_condition"))
            ):
                self.notes.tell(join, _("“%(what)s” is not in the portable subset.",
                                        what=shown(join)),
                                _("JOIN … ON, LEFT JOIN … ON, and CROSS JOIN period."))  # fmt: skip
            on = join.args.get("on")
            if on is not None:
                self.expressions.condition(on, scope)
                self._refuse(on, (exp.Query,), _("ON holds a subquery, which Spark refuses."),
                             _("Move it to WHERE, or to a CTE."))  # fmt: skip
            elif kind != "CROSS":
                self.notes.tell(join, _("“%(what)s” joins without ON.", what=shown(join)), "",
                                _("Write JOIN … ON b.landlord = a.landlord AND …"))  # fmt: skip
            if source is not None and source.relation.landlord and known:
                self._tie(join, on, source.alias, known)

    def _source(self, node: exp.Expr, scope: Scope, *, outer: bool = False) -> Source | None:
        alias = node.alias
        period = False
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            name = node.name
            period = name == "period" and name not in self.ctes
            relation = PERIOD if period else self.ctes.get(name) or self.tables.get(name)
            if relation is None or node.args.get("db"):
                self.notes.tell(
                    node, _("There is no table “%(name)s”.", name=shown(node.this)),
                    _("There are the tables of the layouts, period, and the measure's CTEs."),
                )  # fmt: skip
                relation = Open()
            if {k for k, v in node.args.items() if v} - {"this", "alias", "db"}:
                self.notes.tell(node, _("“%(what)s” is not in the portable subset.",
                                        what=shown(node)))  # fmt: skip
            if not alias:
                self.notes.tell(
                    node,
                    _("The table “%(name)s” has no alias.", name=name),
                    "",
                    _("Write FROM %(name)s AS %(a)s.", name=name, a=name[:1]),
                )
                alias = name
        elif isinstance(node, exp.Subquery):
            relation = self.read(node.this, None, "from")
            if not alias:
                self.notes.tell(node, _("A subquery has no alias."), "", _("Write (…) AS x."))
                return None
        else:
            self.notes.tell(node, _("“%(what)s” is no table.", what=shown(node)),
                            _("Tables, CTEs and subqueries."))  # fmt: skip
            return None
        self._name(node, alias)
        if node.args.get("alias") and node.args["alias"].columns:
            self.notes.tell(node, _("The alias lists its columns."), "", _("Name them by AS."))
        if alias in scope.sources or (scope.around and alias in scope.around.sources):
            self.notes.tell(node, _("The alias “%(name)s” is taken already.", name=alias), "",
                            _("Give each table an alias of its own."))  # fmt: skip
        source = Source(alias, relation, period, outer)
        scope.sources[alias] = source
        return source

    # Landlords

    def _tie(self, node: exp.Expr, on: exp.Expr | None, alias: str, known: list[str]) -> None:
        if not tied(on, {alias}, set(known)):
            self.notes.tell(
                node,
                _("“%(alias)s” is joined without its landlord.", alias=alias),
                "",
                _("Write ON %(a)s.landlord = %(b)s.landlord AND …", a=alias, b=known[0]),
            )

    def _tie_inside(self, query: exp.Select, scope: Scope, place: str) -> None:
        outer = [s.alias for s in scope.around.records()] if scope.around else []
        inner = [s.alias for s in scope.records()]
        where = query.args.get("where")
        if inner and outer and not tied(where.this if where else None, set(inner), set(outer)):
            self.notes.tell(
                query,
                _("The subquery is not tied to the landlord of the query around it."),
                "",
                _("Write WHERE %(a)s.landlord = %(b)s.landlord AND …", a=inner[0], b=outer[0]),
            )
        if place == "scalar" and (
            query.args.get("group")
            or len(query.expressions) != 1
            or not isinstance(query.expressions[0].unalias(), tuple(AGGREGATES))
        ):
            self.notes.tell(query, _("A subquery stands for one value but may return more."),
                            _("It returns one aggregate, without GROUP BY."))  # fmt: skip

    def _returns_landlord(self, query: exp.Select, scope: Scope) -> None:
        for one in query.expressions:
            if one.alias_or_name != "landlord":
                continue
            column = one.unalias()
            source = scope.sources.get(column.table) if isinstance(column, exp.Column) else None
            if source is None or column.name != "landlord":
                self.notes.tell(one, _("“landlord” is not the landlord of a table."))
            elif source.outer and any(not s.outer for s in scope.records()):
                self.notes.tell(
                    one, _("“landlord” comes from a LEFT JOIN and may be NULL."), "",
                    _("Take it from the first table."),
                )  # fmt: skip
            return
        self.notes.tell(
            query, _("The query reads records but does not return their landlord."), "",
            _("Let its first column be the landlord."),
        )  # fmt: skip

    # Groups

    def _groups(self, query: exp.Select, scope: Scope, place: str) -> list[exp.Expr] | None:
        group = query.args.get("group")
        if group is None:
            lonely = next(
                (n for e in (*query.expressions, query.args.get("having")) if e is not None
                 for n in own_nodes(e) if isinstance(n, tuple(AGGREGATES))
                 and not isinstance(n.parent, exp.Window)),
                None,
            )  # fmt: skip
            if lonely is None:
                return None
            if place != "scalar" and scope.records():
                self.notes.tell(
                    lonely, _("“%(what)s” is taken over all landlords.", what=shown(lonely)), "",
                    _("Add GROUP BY with the landlord."),
                )  # fmt: skip
            return []
        if {k for k, v in group.args.items() if v} - {"expressions"}:
            self.notes.tell(group, _("“%(what)s” is not in the portable subset.",
                                     what=shown(group)), _("GROUP BY columns."))  # fmt: skip
        for one in group.expressions:
            if isinstance(one, exp.Literal):
                self.notes.tell(group, _("GROUP BY counts columns."), "", _("Name them."))
            else:
                self.expressions.read(one, scope)
        self._per_landlord(group, group.expressions, scope, "GROUP BY")
        return list(group.expressions)

    def _per_landlord(
        self, node: exp.Expr, given: list[exp.Expr], scope: Scope, clause: str
    ) -> None:
        columns = {(c.table, c.name) for c in given if isinstance(c, exp.Column)}
        records = scope.records()
        if records and not any((s.alias, "landlord") in columns for s in records):
            self.notes.tell(node, _("%(clause)s mixes landlords.", clause=clause), "",
                            _("Add %(a)s.landlord.", a=records[0].alias))  # fmt: skip
        period = next((s for s in scope.sources.values() if s.period), None)
        if period is not None and not any(name == "period_id" for _a, name in columns):
            self.notes.tell(node, _("%(clause)s mixes periods.", clause=clause), "",
                            _("Add %(a)s.period_id.", a=period.alias))  # fmt: skip

    def _grouped(self, query: exp.Select, groups: list[exp.Expr] | None) -> None:
        if groups is None:
            return
        having = query.args.get("having")
        for one in (*query.expressions, *([having.this] if having else [])):
            loose = next((c for c in outside(one, groups) if isinstance(c, exp.Column)), None)
            if loose is not None:
                self.notes.tell(
                    loose, _("“%(what)s” is neither grouped nor an aggregate.", what=shown(loose)),
                    "", _("Add it to GROUP BY, or take MIN or MAX."),
                )  # fmt: skip

    def _windows(self, query: exp.Select, scope: Scope, groups: list[exp.Expr] | None) -> None:
        for window in (n for e in query.expressions for n in own_nodes(e)):
            if not isinstance(window, exp.Window):
                continue
            partition = window.args.get("partition_by") or []
            for one in partition:
                self.expressions.read(one, scope)
            self._per_landlord(window, partition, scope, "PARTITION BY")
            order = window.args.get("order")
            terms = [one.this for one in order.expressions] if order else []
            for one in terms:
                self.expressions.read(one, scope)
            whole = isinstance(window.this, tuple(AGGREGATES))
            if not terms and not whole:
                self.notes.tell(window, _("“%(what)s” has no ORDER BY.", what=shown(window)))
            if terms and not total([*partition, *terms], terms[-1], scope, groups):
                self.notes.tell(
                    window,
                    _("The ORDER BY of “%(what)s” does not tell all rows apart.",
                      what=shown(window)),
                    _("It ends with the key of the table (the columns that name a row)."),
                )  # fmt: skip
            spec = window.args.get("spec")
            if spec is not None and (spec.args.get("kind") != "ROWS" or spec.args.get("exclude")):
                self.notes.tell(window, _("The frame of “%(what)s” is not of rows.",
                                          what=shown(window)), _("ROWS BETWEEN …"))  # fmt: skip

    # What comes out

    def _columns(self, query: exp.Select, scope: Scope, place: str) -> dict[str, Value]:
        columns: dict[str, Value] = {}
        for n, one in enumerate(query.expressions):
            name = one.alias_or_name
            if isinstance(one, exp.Star) or (isinstance(one, exp.Column) and name == "*"):
                self.notes.tell(one, _("“*” takes whatever the table has."), "",
                                _("Name every column."))  # fmt: skip
                continue
            value = self.expressions.read(one.unalias(), scope)
            if place in ("exists", "in", "scalar"):
                columns[name or str(n)] = value
                continue
            if not isinstance(one, exp.Alias | exp.Column):
                self.notes.tell(one, _("The column “%(what)s” has no name.", what=shown(one)), "",
                                _("Write AS and a name."))  # fmt: skip
                name = str(n)
            else:
                self._name(one, name)
            if name in columns:
                self.notes.tell(one, _("Two columns are called “%(name)s”.", name=name))
            if value.family in (Family.SHIFTED, Family.INTERVAL):
                self.notes.tell(one, _("“%(name)s” is %(is)s, which differs between engines.",
                                       name=name, **{"is": value.sql}), "",
                                _("Write CAST(d + INTERVAL … AS DATE)."))  # fmt: skip
            columns[name] = value
        return columns

    def _relation(
        self,
        query: exp.Select,
        scope: Scope,
        columns: dict[str, Value],
        groups: list[exp.Expr] | None,
    ) -> Relation:
        made = {
            (one.unalias().table, one.unalias().name): one.alias_or_name
            for one in query.expressions
            if isinstance(one.unalias(), exp.Column)
        }
        marks = frozenset(
            name
            for (alias, column), name in made.items()
            if (source := scope.sources.get(alias)) is not None and column in source.relation.marks
        )
        if groups:
            named = [made.get((g.table, g.name)) for g in groups if isinstance(g, exp.Column)]
            if len(named) == len(groups) and all(named):
                keys = frozenset(str(n) for n in named if n != "landlord")
                return Relation(columns, keys, marks | keys)
            return Relation(columns, frozenset(), marks)
        if query.args.get("distinct"):
            keys = frozenset(columns) - {"landlord"}
            return Relation(columns, keys, marks | keys)
        wanted = [(s.alias, key) for s in scope.sources.values() for key in s.relation.keys]
        known = all(s.relation.keys for s in scope.sources.values())
        if wanted and known and all(one in made for one in wanted):
            return Relation(columns, frozenset(made[one] for one in wanted), marks)
        return Relation(columns, frozenset(), marks)
