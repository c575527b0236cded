"""Full-text search over the pages of evidence: SQLite FTS5 or PostgreSQL behind one function.

Whose pages are searched is a query set of documents, made from accesses in one place
(``visible``); the database matches words within it. The words of the index are the words of
``documents.asking``, so that both databases find the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from kloe.assessment.documents.asking import Asked, Term, snippet, words_of
from kloe.web.access import AssessmentAccess
from kloe.web.documents.models import PAGE_BITS, Document, DocumentPage
from kloe.web.documents.places import place
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.queries import hidden_from

#: Nobody looks further; counting on would cost more than finding.
MOST = 1000
#: Of a word that more pages have, those of the evidence added last are ranked: weighing a page
#: costs a hundred times what finding it does, and what half of all pages have tells little.
RANKED = 2000


def visible(
    accesses: Iterable[AssessmentAccess | None], assessments: Iterable[UUID] = ()
) -> QuerySet[Document]:
    """The documents of evidence that a person sees in full, and that is not deleted.

    :param assessments: searched for the owner of the data directory, who sees everything.
    """
    which = Q(pk__in=[])
    for access in accesses:
        if access is not None:
            which |= Q(assessment=access.assessment.pk) & ~hidden_from(access)
    if of_all := list(assessments):
        which |= Q(assessment__in=of_all)
    return Document.objects.filter(item__in=EvidenceItem.objects.filter(which, deleted_at=None))


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that has what was asked for."""

    item: Any
    document: Document
    number: int
    label: str
    text: str
    snippet: SafeString

    @property
    def own_words(self) -> bool:
        """Whether it is what people wrote about the item."""
        return self.number == 0

    @property
    def where(self) -> str:
        """*Page 12*."""
        return place(self.document.unit, self.number, self.label)


@dataclass(frozen=True, slots=True)
class Found:
    """A part of what was found, and how much there is (at most ``MOST``)."""

    hits: list[Hit]
    total: int

    @property
    def more(self) -> bool:
        return self.total >= MOST


def search(
    wanted: Asked,
    documents: QuerySet[Document],
    scopes: Sequence[UUID],
    *,
    first: int = 0,
    count: int = 20,
) -> Found:
    """The pages that fit, best first: three queries.

    :param scopes: the assessments these documents are of.
    """
    if not wanted or not scopes:
        return Found([], 0)
    inside, params = documents.order_by().values("pk").query.sql_with_params()
    find = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
    pages, total = find(wanted, inside, list(params), scopes, first, min(count, MOST - first))
    rows = {
        p.pk: p
        for p in DocumentPage.objects.filter(pk__in=pages).select_related(
            "document__item__assessment"
        )
    }
    hits = [_hit(rows[p], wanted) for p in pages if p in rows]
    return Found(hits, total)


def _hit(page: DocumentPage, wanted: Asked) -> Hit:
    return Hit(
        page.document.item,
        page.document,
        page.number,
        page.label,
        page.text,
        shown(page.text, wanted.wanted),
    )


def shown(text: str, wanted: tuple[Term, ...]) -> SafeString:
    """A snippet with its words marked; everything of the document is escaped."""
    return SafeString(
        "".join(
            format_html_join("", "<mark>{}</mark>" if p.hit else "{}", [(p.text,)])
            for p in snippet(text, wanted)
        )
    )


# SQLite --------------------------------------------------------------------------------------


def fts5(wanted: Asked, scopes: Sequence[UUID]) -> str:
    """The question as FTS5 reads it. Words are letters and digits only, and always quoted."""

    def one(term: Term) -> str:
        return f'"{" ".join(term.words)}"' + (" *" if term.open else "")

    where = " OR ".join(f'"{s.hex}"' for s in scopes)
    said = " AND ".join(one(t) for t in wanted.wanted)
    said = f"(scope : ({where})) AND (text : ({said}))"
    if wanted.unwanted:
        said = f"({said}) NOT (text : ({' OR '.join(one(t) for t in wanted.unwanted)}))"
    return said


def _on_sqlite(
    wanted: Asked, inside: str, params: list[Any], scopes: Sequence[UUID], first: int, count: int
) -> tuple[list[int], int]:
    where = (
        "FROM documents_search WHERE documents_search MATCH %s "
        f"AND (rowid >> {PAGE_BITS}) IN ({inside})"
    )
    given = [fts5(wanted, scopes), *params]
    count_all = f"SELECT count(*) FROM (SELECT 1 {where} LIMIT {MOST})"  # noqa: S608
    best = (
        f"SELECT rowid FROM (SELECT rowid, bm25(documents_search, 0.0, 1.0) AS far {where} "  # noqa: S608
        f"ORDER BY rowid DESC LIMIT {RANKED}) ORDER BY far, rowid "
        f"LIMIT {int(count)} OFFSET {int(first)}"
    )
    return _run(best, count_all, given)


def _run(best: str, count_all: str, given: list[Any]) -> tuple[list[int], int]:
    with connection.cursor() as cursor:
        cursor.execute(best, given)
        pages = [row[0] for row in cursor.fetchall()]
        cursor.execute(count_all, given)
        [total] = cursor.fetchone()
    return pages, total


# PostgreSQL ----------------------------------------------------------------------------------


def tsquery(wanted: Asked) -> tuple[str, list[str]]:
    """The question as an expression of PostgreSQL, with its values."""
    parts, values = [], []
    for term in wanted.terms:
        if term.open:
            one = "to_tsquery('simple', %s)"
            values.append(" <-> ".join([*term.words[:-1], f"{term.words[-1]}:*"]))
        else:
            one = "phraseto_tsquery('simple', %s)"
            values.append(" ".join(term.words))
        parts.append(f"!!{one}" if term.without else one)
    return " && ".join(parts), values


def _on_postgresql(
    wanted: Asked, inside: str, params: list[Any], scopes: Sequence[UUID], first: int, count: int
) -> tuple[list[int], int]:
    query, values = tsquery(wanted)
    where = (
        f"FROM documents_documentpage, (SELECT {query} AS asked) q "
        f"WHERE search @@ q.asked AND document_id IN ({inside})"
    )
    given = [*values, *params]
    newest = f"SELECT id, search, q.asked {where} ORDER BY id DESC LIMIT {RANKED}"
    best = (
        f"SELECT id FROM ({newest}) n ORDER BY ts_rank(search, asked, 1) DESC, id "  # noqa: S608
        f"LIMIT {int(count)} OFFSET {int(first)}"
    )
    count_all = f"SELECT count(*) FROM (SELECT 1 {where} LIMIT {MOST}) found"  # noqa: S608
    return _run(best, count_all, given)


# Keeping the index ---------------------------------------------------------------------------


def put(pages: Sequence[DocumentPage]) -> None:
    """Store pages with their words. Call within a transaction."""
    DocumentPage.objects.bulk_create(pages, batch_size=200)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE documents_documentpage SET search = to_tsvector('simple', %s) "
                "WHERE id = %s",
                [(" ".join(words_of(p.text)), p.pk) for p in pages],
            )


def take(pages: QuerySet[DocumentPage]) -> None:
    """Remove pages and their words. Call within a transaction."""
    # Raw, so that nothing is fetched: nothing hangs on a page.
    pages._raw_delete(pages.db)


def rebuild() -> None:
    """Build the index anew from the pages that are stored."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT INTO documents_search(documents_search) VALUES ('rebuild')")
            cursor.execute("INSERT INTO documents_search(documents_search) VALUES ('optimize')")
            return
        last = 0
        while True:
            pages = DocumentPage.objects.filter(pk__gt=last).order_by("pk")
            rows = list(pages.values_list("pk", "text")[:500])
            if not rows:
                return
            cursor.executemany(
                "UPDATE documents_documentpage SET search = to_tsvector('simple', %s) "
                "WHERE id = %s",
                [(" ".join(words_of(text)), pk) for pk, text in rows],
            )
            last = rows[-1][0]
