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
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopFutureHandlers
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.web.access import Anywhere
from kloe.web.evidence.filenames import HEAD, clean_name
from kloe.web.evidence.storage import PREFIX, Received, Receiver, TooLarge, limit, megabytes
from kloe.web.sent import refuse_nul

P = ParamSpec("P")
A = TypeVar("A", bound=Anywhere)
View = Callable[Concatenate[HttpRequest, A, P], HttpResponse]
#: A request carries at most this many times the limit for one file.
MOST_FILES = 20
HELD_SECONDS = 6 * 3600
_SALT = "kloe.evidence.held"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much comes in: one file, and a whole request; asked anew each time."""

    file: Callable[[], int] = limit
    request: Callable[[], int] = lambda: limit() * MOST_FILES
    #: What to do about a file that is too large.
    remedy: Message | None = None


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

    def hold(self, upload: Upload, *, user: UUID, place: UUID) -> str:
        """Keep a file until its form comes again; gives the token the form carries.

        :param place: the assessment or organisation it was sent to.
        """
        received = upload.received
        self._held.add(received.path)
        return signing.dumps(
            {
                "file": received.path.name,
                "name": upload.name,
                "sha256": received.sha256,
                "size": received.size,
                "for": [str(user), str(place)],
            },
            salt=_SALT,
            compress=True,
        )

    def resume(self, token: str, *, user: UUID, place: UUID) -> Upload | None:
        """The file an earlier sending of the form brought, if it is still there."""
        try:
            held = signing.loads(token, salt=_SALT, max_age=HELD_SECONDS)
        except signing.BadSignature:
            return None
        path = Path(settings.DATA_DIR) / "tmp" / held["file"]
        ours = held["for"] == [str(user), str(place)] and path.name.startswith(PREFIX)
        if not ours or not path.is_file():
            return None
        with path.open("rb") as f:
            head = f.read(HEAD)
        upload = Upload(held["name"], Received(path, held["sha256"], held["size"], head))
        self.uploads.append(upload)
        return upload

    def close(self) -> None:
        """Remove what was neither kept nor held."""
        for upload in self.uploads:
            if upload.received.path not in self._held:
                upload.received.discard()


class _Placeholder(UploadedFile):
    """Stands in ``request.FILES``; the bytes are with the intake."""


class _Handler(FileUploadHandler):
    """Hands each file of a body to a receiver."""

    chunk_size = 1 << 17

    def __init__(self, request: HttpRequest, intake: Intake, limits: Limits) -> None:
        super().__init__(request)
        self.intake = intake
        self.limits = limits
        self._receiver: Receiver | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._receiver = Receiver(self.limits.file(), remedy=self.limits.remedy)
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


def _check_length(request: HttpRequest, most: int) -> None:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > most:
        raise InvalidInput(
            _("Files of %(size)s MB together were sent.", size=megabytes(length)),
            _("At most %(most)s MB come in at once.", most=megabytes(most)),
            _("Add them in several goes."),
        )


def receiving_within(limits: Limits) -> Callable[[View[A, P]], View[A, P]]:
    """A view that takes files of these sizes: gets them by ``intake_of(request)``.

    The token against forgery is checked here rather than before the view, because checking
    reads the body, and the body has to go through our handler.
    """

    def decorate(view: View[A, P]) -> View[A, P]:
        def readable(
            request: HttpRequest, access: A, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            refuse_nul(request)
            return view(request, access, *args, **kwargs)

        checked = csrf_protect(cast("Callable[..., HttpResponse]", readable))

        @csrf_exempt
        @wraps(view)
        def guarded(
            request: HttpRequest, access: A, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            _check_length(request, limits.request())
            intake = Intake()
            handler = _Handler(request, intake, limits)
            request.upload_handlers = [handler]
            request.evidence_intake = intake  # type: ignore[attr-defined]
            try:
                return checked(request, access, *args, **kwargs)
            finally:
                handler.upload_interrupted()
                intake.close()

        return cast("View[A, P]", guarded)

    return decorate


def receiving(view: View[A, P]) -> View[A, P]:
    """A view that takes files of evidence."""
    return receiving_within(Limits())(view)


def intake_of(request: HttpRequest) -> Intake:
    """The files of the request; reading the form reads them."""
    assert request.POST is not None
    return cast("Intake", request.evidence_intake)  # type: ignore[attr-defined]
