"""Parquet: columns as text, in pieces by number of row."""

from __future__ import annotations

from collections.abc import Iterator

from kloe.core.messages import Message, _
from kloe.records.extracts.files import SourceFile
from kloe.records.extracts.names import tidy
from kloe.records.extracts.pieces import LINE, Piece, Unreadable, quoted
from kloe.records.mapping_model import SourceMap

ROWS = 500_000
UNPIVOTED = 50_000


class ParquetExtract:
    """A Parquet file, opened. Rows are counted from 1."""

    def __init__(self, file: SourceFile, source: SourceMap) -> None:
        import pyarrow.parquet as pq
        from pyarrow import ArrowException

        self.file = file
        self.remarks: list[Message] = []
        self.typed = True
        self._rows = UNPIVOTED if source.unpivot else ROWS
        try:
            with pq.ParquetFile(file.path) as opened:
                self._total = opened.metadata.num_rows
                schema = opened.schema_arrow
        except (ArrowException, OSError) as error:
            raise Unreadable(
                file.shown,
                _("The Parquet file is damaged or cut off."),
                _("Export or copy the file again."),
            ) from error
        self.names = tuple(tidy(name) for name in schema.names)
        decimal = source.numbers.decimal
        self._columns = [
            _as_text(name, str(type_), decimal)
            for name, type_ in zip(schema.names, schema.types, strict=True)
        ]
        if not self._total:
            raise Unreadable(
                file.shown,
                _("The file has columns but no rows."),
                _("Export it again, or take it out of the folder."),
            )

    @property
    def size(self) -> int:
        """Bytes of the file, for progress."""
        return self.file.size

    def pieces(self) -> Iterator[Piece]:
        """The rows in pieces."""
        columns = ", ".join(f"{sql} AS c{n}" for n, sql in enumerate(self._columns))
        for start in range(0, self._total, self._rows):
            end = min(start + self._rows, self._total)
            yield Piece(
                relation=(
                    f"(SELECT file_row_number + 1 AS {LINE}, {columns} FROM"  # noqa: S608 - quoted
                    f" read_parquet({quoted(str(self.file.path))}, file_row_number = true)"
                    f" WHERE file_row_number >= {start} AND file_row_number < {end})"
                ),
                first=1,
                lined=True,
                bytes=self.file.size * (end - start) // self._total,
                records=end - start,
            )


def _as_text(name: str, type_: str, decimal: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    text = f"CAST({column} AS VARCHAR)"
    if decimal != "." and type_.startswith(("decimal", "float", "double", "halffloat")):
        text = f"replace({text}, '.', {quoted(decimal)})"
    return text
