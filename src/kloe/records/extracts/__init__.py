"""Reading landlords' extracts: text with delimiters, workbooks, Parquet; in pieces of bounded size.

Whatever the form, an extract gives the names of its columns and then pieces (:class:`Piece`), each
a relation DuckDB can read with the line or row every record stands on. Nothing is guessed in
silence, nothing is held in memory whole, and whatever cannot be read says why and what to do.
"""

from kloe.records.extracts.files import Kind, SourceFile, find
from kloe.records.extracts.opening import Extract, open_extract
from kloe.records.extracts.pieces import Fault, Piece

__all__ = ["Extract", "Fault", "Kind", "Piece", "SourceFile", "find", "open_extract"]
