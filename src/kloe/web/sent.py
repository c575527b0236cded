"""What a request may hold before anybody makes something of it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, QueryDict

from kloe.core.errors import InvalidInput
from kloe.core.messages import _

#: Words to look for: longer ones find nothing, and databases refuse to look for them.
MOST_WORDS = 200
NUL = "\x00"


def words_asked(request: HttpRequest, name: str = "q") -> str:
    """The words somebody looks for, as the address has them."""
    return request.GET.get(name, "").strip()[:MOST_WORDS]


def refuse_nul(request: HttpRequest, *, body: bool = True) -> None:
    """Refuse the one character that no database keeps in a text.

    :param body: look into the form too, which reads it.
    :raises InvalidInput: if it stands in the address or in a field.
    """
    found = NUL in request.path or _holds_nul(request.GET)
    if found or (body and request.method == "POST" and _holds_nul(request.POST)):
        raise InvalidInput(
            _("What was sent holds a character that cannot be stored (NUL)."),
            _("Texts hold letters, signs and line breaks."),
            _("Type the text again rather than pasting it."),
        )


def _holds_nul(sent: QueryDict) -> bool:
    return any(NUL in name or any(NUL in v for v in values) for name, values in sent.lists())


class TemporaryFiles(TemporaryFileUploadHandler):
    """Files of forms other than evidence and extracts; of one that finds no room nothing stays."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse a body beyond what any such form takes, before a byte of it is read.

        These are read ahead of every view, and so from people nobody knows.

        :raises RequestDataTooBig: where it is too large.
        """
        _body, _meta, content_length, *_rest = args
        if content_length > settings.EVIDENCE_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig("the body is larger than any form here takes")
        return super().handle_raw_input(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the next bytes, or remove the file."""
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            self._forget()
            raise

    def file_complete(self, file_size: int) -> Any:
        """All has come; what was held back is written now."""
        try:
            return super().file_complete(file_size)
        except OSError:
            self._forget()
            raise

    def _forget(self) -> None:
        path = Path(self.file.temporary_file_path())
        # Closing writes what is held back, which is refused a second time.
        with suppress(OSError):
            self.file.close()
        path.unlink(missing_ok=True)
