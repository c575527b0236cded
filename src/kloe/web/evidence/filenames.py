"""Names and types of files, as they come from anywhere.

A name is shown and offered for download, never used as a path. A type is found from the first
bytes, with the extension deciding only between types that look alike; what a browser claims
about a file is not looked at.
"""

from __future__ import annotations

import re
import unicodedata

#: Bytes of a name in UTF-8: file systems take 255, and people add "(1)".
MAX_BYTES = 200
FALLBACK = "file"
_FORBIDDEN = re.compile(r'[<>:"|?*]')
#: Names that mean a device on Windows.
_DEVICES = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])$", re.IGNORECASE)

PLAIN = "text/plain"
UNKNOWN = "application/octet-stream"
_OPEN = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

#: (offset, bytes, type): what a file begins with.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\x7fELF", "application/x-executable"),
)
#: What a ZIP archive may be besides an archive, by extension.
_ZIPPED = {
    "docx": _OPEN + "wordprocessingml.document",
    "xlsx": _OPEN + "spreadsheetml.sheet",
    "pptx": _OPEN + "presentationml.presentation",
    "odt": _ODF + "text",
    "ods": _ODF + "spreadsheet",
    "odp": _ODF + "presentation",
    "epub": "application/epub+zip",
}
#: What an OLE compound file may be, by extension.
_COMPOUND = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_TEXTS = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "md": "text/markdown",
    "eml": "message/rfc822",
    "ics": "text/calendar",
}
_BY_EXTENSION = _ZIPPED | _COMPOUND | _TEXTS | {"txt": PLAIN, "pdf": "application/pdf"}
_MARKUP = (
    (re.compile(rb"<svg[\s>]", re.IGNORECASE), "image/svg+xml"),
    (
        re.compile(rb"<(!doctype html|html|head|body|script|iframe)[\s>]", re.IGNORECASE),
        "text/html",
    ),
    (re.compile(rb"^\s*<\?xml", re.IGNORECASE), "application/xml"),
)
#: Types a browser would run or draw; they are given out as bytes without meaning.
ACTIVE = frozenset({"text/html", "image/svg+xml", "application/xml", "application/x-msdownload"})
#: Bytes needed to tell a type.
HEAD = 2048


def clean_name(given: str) -> str:
    """A name that is safe to show, to put into a header and to save under.

    Folders, control characters, characters that turn the direction of writing, characters and
    device names other systems refuse are taken out; the extension survives shortening.
    """
    name = re.split(r"[\\/]", unicodedata.normalize("NFC", given))[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    name = _FORBIDDEN.sub("_", re.sub(r"\s+", " ", name)).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 12 or " " in extension:
        stem, extension = name, ""
    if _DEVICES.match(stem or extension):
        stem = f"_{stem or extension}"
    tail = f".{extension}" if extension and stem else ""
    room = MAX_BYTES - len(tail.encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .")
    return f"{stem}{tail}" if stem else (extension or FALLBACK)


def extension_of(name: str) -> str:
    """The extension in small letters, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def sniff(head: bytes, name: str) -> str:
    """The type of a file from its first bytes (``HEAD`` of them are enough)."""
    extension = extension_of(name)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _ZIPPED.get(extension, "application/zip")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _COMPOUND.get(extension, "application/x-ole-storage")
    for offset, magic, found in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return found
    if not _is_text(head):
        return UNKNOWN
    for pattern, found in _MARKUP:
        if pattern.search(head):
            return found
    return _TEXTS.get(extension, PLAIN)


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\x00" in head:
        return False
    control = sum(b < 32 and b not in b"\t\n\r\x0c\x1b" for b in head)
    return control == 0


def claims_otherwise(name: str, media_type: str) -> bool:
    """Whether the extension names a type that the content is not."""
    claimed = _BY_EXTENSION.get(extension_of(name))
    return claimed is not None and claimed != media_type


def served_as(media_type: str) -> str:
    """The type a file is given out with: nothing a browser would run."""
    if media_type in ACTIVE or not media_type:
        return UNKNOWN
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
