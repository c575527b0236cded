"""Uploads on their way in: counted and hashed as they are read, never held in memory.

A view that takes files stands under ``receiving``: the person's access is settled before a
byte of the body is read, a file beyond the limit is not written further, and whatever was not
kept when the view has answered is removed. A form that comes back with a fault holds on to the
files that came in well, by a signed token, so that nobody uploads them twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopFutureHandlers
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.web.access import AssessmentAccess
from kloe.web.evidence.filenames import HEAD, clean_name
from kloe.web.evidence.storage import PREFIX, Received, Receiver, TooLarge, limit, megabytes
from kloe.web.reading import refuse_nul

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, AssessmentAccess, P], HttpResponse]
#: A request carries at most this many times the limit for one file.
MOST_FILES = 20
HELD_SECONDS = 6 * 3600
_SALT = "kloe.evidence.held"


@dataclass(frozen=True, slots=True)
class Upload:
    """One file a form brought, with the name it may have here."""

    name: str
    received: Received

    @property
    def size(self) -> int:
        return self.received.size


class Intake:
    """What a request's body brought: files that came in well, and why others did not."""

    def __init__(self) -> None:
        self.uploads: list[Upload] = []
        self.refused: list[tuple[str, str]] = []
        self._held: set[Path] = set()

    def hold(self, upload: Upload, *, user: UUID, assessment: UUID) -> str:
        """Keep a file until its form comes again; gives the token the form carries."""
        received = upload.received
        self._held.add(received.path)
        return signing.dumps(
            {
                "file": received.path.name,
                "name": upload.name,
                "sha256": received.sha256,
                "size": received.size,
                "for": [str(user), str(assessment)],
            },
            salt=_SALT,
            compress=True,
        )

    def resume(self, token: str, *, user: UUID, assessment: UUID) -> Upload | None:
        """The file an earlier sending of the form brought, if it is still there."""
        try:
            held = signing.loads(token, salt=_SALT, max_age=HELD_SECONDS)
        except signing.BadSignature:
            return None
        path = Path(settings.DATA_DIR) / "tmp" / held["file"]
        ours = held["for"] == [str(user), str(assessment)] and path.name.startswith(PREFIX)
        if not ours or not path.is_file():
            return None
        with path.open("rb") as f:
            head = f.read(HEAD)
        upload = Upload(held["name"], Received(path, held["sha256"], held["size"], head))
        self.uploads.append(upload)
        return upload

    def close(self) -> None:
        """Remove what was neither kept as evidence nor held."""
        for upload in self.uploads:
            if upload.received.path not in self._held:
                upload.received.discard()


class _Placeholder(UploadedFile):
    """Stands in ``request.FILES``; the bytes are with the intake."""


class _Handler(FileUploadHandler):
    """Hands each file of a body to a receiver."""

    chunk_size = 1 << 17

    def __init__(self, request: HttpRequest, intake: Intake) -> None:
        super().__init__(request)
        self.intake = intake
        self._receiver: Receiver | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._receiver = Receiver()
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self._receiver is not None
        try:
            self._receiver.write(raw_data)
        except TooLarge as error:
            self.intake.refused.append((clean_name(self.file_name or ""), str(error)))
            raise SkipFile from error

    def file_complete(self, file_size: int) -> UploadedFile:
        assert self._receiver is not None
        name = clean_name(self.file_name or "")
        received = self._receiver.finish()
        if received.size:
            self.intake.uploads.append(Upload(name, received))
        else:
            received.discard()
            self.intake.refused.append((name, str(_("The file is empty: it has 0 bytes."))))
        return _Placeholder(file=None, name=name, size=received.size)

    def upload_interrupted(self) -> None:
        if self._receiver is not None:
            self._receiver.abort()


def _check_length(request: HttpRequest) -> None:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    most = limit() * MOST_FILES
    if length > most:
        raise InvalidInput(
            _("Files of %(size)s MB together were sent.", size=megabytes(length)),
            _("At most %(most)s MB come in at once.", most=megabytes(most)),
            _("Add them in several goes."),
        )


def receiving(view: View[P]) -> View[P]:
    """A view that takes files: gets them by ``intake_of(request)``.

    The token against forgery is checked here rather than before the view, because checking
    reads the body, and the body has to go through our handler.
    """

    def readable(
        request: HttpRequest, access: AssessmentAccess, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        refuse_nul(request)
        return view(request, access, *args, **kwargs)

    checked = csrf_protect(cast("Callable[..., HttpResponse]", readable))

    @csrf_exempt
    @wraps(view)
    def guarded(
        request: HttpRequest, access: AssessmentAccess, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        _check_length(request)
        intake = Intake()
        handler = _Handler(request, intake)
        request.upload_handlers = [handler]
        request.evidence_intake = intake  # type: ignore[attr-defined]
        try:
            return checked(request, access, *args, **kwargs)
        finally:
            handler.upload_interrupted()
            intake.close()

    return cast("View[P]", guarded)


def intake_of(request: HttpRequest) -> Intake:
    """The files of the request; reading the form reads them."""
    assert request.POST is not None
    return cast("Intake", request.evidence_intake)  # type: ignore[attr-defined]
