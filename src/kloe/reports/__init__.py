"""Reports: a document built once from a snapshot, and renderers that only lay it out.

``render(build(snapshot), "pdf")`` is the whole of it; see :mod:`kloe.reports.document` and
:mod:`kloe.reports.render`.
"""
