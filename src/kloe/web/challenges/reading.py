"""A chapter of a draft as its page shows it: the words of the report, each to be challenged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from kloe.assessment.plain import from_json
from kloe.core.errors import NotFound
from kloe.core.messages import Message
from kloe.reports import html
from kloe.reports.blocks import Block, Cover, Labels, ReportDocument, Section
from kloe.reports.numbering import anchor_of
from kloe.web.challenges.models import Challenge, Draft, DraftChapter

#: The number of a paragraph as the report writes it. Words of people are escaped, so that
#: nothing they write looks like it.
_NUMBER = re.compile(r'<a class="pn" href="#p-(\d+)">\d+</a> ?')
_LINK = re.compile(r'<a href="#([^"]+)">')
_FRAME = ReportDocument(
    title="",
    language="",
    view="full",
    author="",
    made="",
    subject="",
    running="",
    tags=(),
    labels=Labels("", "", "", "", ""),
    cover=Cover("", "", "", (), (), ()),
    blocks=(),
)


def chapter_of(draft: Draft, n: int) -> DraftChapter:
    """A chapter of a draft.

    :raises NotFound: if there is none.
    """
    found = draft.chapters.filter(n=n).first()
    if found is None:
        raise NotFound(
            Message("Draft %(v)d has no chapter %(n)d.", v=draft.version, n=n),
            "",
            Message("Its page lists the chapters there are."),
        )
    return found


def body(
    draft: Draft,
    chapter: DraftChapter,
    said: Mapping[int, Sequence[Challenge]],
    *,
    writing: bool,
) -> SafeString:
    """The chapter below its heading.

    :param said: challenges by number of their paragraph.
    :param writing: whether each paragraph offers to be challenged.
    """
    block: Any = from_json(cast("Any", Block), chapter.content)
    blocks = block.blocks if isinstance(block, Section) else (block,)
    text = html.fragment(_FRAME, blocks)
    pk = draft.assessment_id

    def number(found: re.Match[str]) -> str:
        n = int(found[1])
        marks = format_html_join(
            " ",
            '<a class="tag challenged" href="{}">{}</a>',
            (
                (reverse("challenge", args=[pk, one.pk]), one.name or _("Not sent"))
                for one in said.get(n, ())
            ),
        )
        way: str | SafeString = ""
        if writing:
            way = format_html(
                '<a class="challenge-this" href="{}">{}<span class="visually-hidden">{}</span></a>',
                reverse("challenge-write", args=[pk, n]),
                _("Challenge"),
                _(" paragraph %(n)d") % {"n": n},
            )
        return format_html(
            '<span class="pn-line"><a class="pn" href="#{}">{}</a> {} {}</span> ',
            anchor_of(n),
            n,
            marks,
            way,
        )

    return mark_safe(_NUMBER.sub(number, _led(draft, chapter, text)))  # noqa: S308 - made above


def _led(draft: Draft, chapter: DraftChapter, text: str) -> str:
    """Links to what stands in another chapter lead to that chapter's page."""
    here = set(chapter.anchors)
    others: dict[str, int] = {}

    def link(found: re.Match[str]) -> str:
        anchor = found[1]
        if anchor in here or f'id="{anchor}"' in text:
            return found[0]
        if not others:
            rows = draft.chapters.exclude(pk=chapter.pk)
            for n, anchors, first, last in rows.values_list("n", "anchors", "first", "last"):
                others.update(dict.fromkeys(anchors, n))
                others.update({anchor_of(p): n for p in range(first, last + 1)})
        if anchor not in others:
            return found[0]
        args = [draft.assessment_id, draft.version, others[anchor]]
        return format_html('<a href="{}#{}">', reverse("draft-chapter", args=args), anchor)

    return _LINK.sub(link, text)
