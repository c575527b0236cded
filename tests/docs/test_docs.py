"""The documentation is true: its commands run, its links lead somewhere, its words exist."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from docs_pages import (
    COMMANDS_PAGE,
    DOCS,
    README,
    ROOT,
    Command,
    anchors,
    blocks,
    commands,
    links,
    name_of,
    page_directives,
    pages,
    prose,
    spans,
    text_of,
)
from docs_words import strings
from typer.main import get_command

from kloe.assessment.permissions import ORGANISATION_ROLES, ROLE_PERMISSIONS, Role
from kloe.cli import main
from kloe.core import errors
from postgres import Postgres, postgres  # noqa: F401 - a fixture

#: Pages that begin where their reader begins: with nothing. The others stand on ``ground``.
TUTORIAL = DOCS / "tutorial" / "first-self-assessment.md"
FROM_NOTHING = {README, TUTORIAL}
#: The regulator's workbook under the names that pages give it.
WORKBOOKS = ("tsm_2025_full.xlsx", "2025_TSM_full_data.xlsx")
#: Another folder than the default, which pages name where they mean it.
DATA = "data"
SHARED = ROOT.parent / "shared"
WITH_COMMANDS = [p for p in pages() if commands(p) and p != COMMANDS_PAGE]


def _marks(page: Path) -> list[pytest.MarkDecorator]:
    marks = [pytest.mark.slow]
    if any(w in c.text for c in commands(page) for w in (*WORKBOOKS, "tsm-2024-25")):
        marks.append(pytest.mark.shared)
    if "postgres" in page_directives(page):
        marks.append(pytest.mark.postgres)
    return marks


class Reader:
    """Somebody who types a page's commands, one after the other, in a folder of their own."""

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.settings = settings or {}
        folder.mkdir(parents=True, exist_ok=True)
        for name in WORKBOOKS:
            if SHARED.is_dir() and not (folder / name).exists():
                (folder / name).symlink_to(SHARED / "data" / "tsm_2025_full.xlsx")

    def types(self, command: Command) -> subprocess.CompletedProcess[str]:
        """Run a command in a shell; a server only as far as its options."""
        text = self._here(command.text)
        if command.serves:
            text += " --no-serve" if command.words[1] == "demo" else " --help"
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("KLOE_")},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "KLOE_DATA": str(self.folder / DATA),
            **dict(command.settings),
            **self.settings,
        }
        return subprocess.run(
            ["sh", "-c", text],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def _here(self, text: str) -> str:
        """The command with folders of a real machine (/media/disk) put into this one."""

        def moved(match: re.Match[str]) -> str:
            path = self.folder / match.group().lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            return str(path)

        return re.sub(r"(?<![\w.:/])/(?=[a-z])[^\s\"']+", moved, text)

    def reads(self, page: Path) -> None:
        """Type everything the page says, and expect each to end well."""
        for command in commands(page):
            if command.directive.startswith("skip"):
                continue
            done = self.types(command)
            code = re.search(r"exit (\d+)", command.directive)
            expected = int(code.group(1)) if code else 0
            assert done.returncode == expected, f"{command}\n{done.stdout}{done.stderr}"
            assert "Traceback" not in done.stderr, command


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in use: an organisation with a member, results, an assessment."""
    folder = tmp_path_factory.mktemp("ground")
    reader = Reader(folder)
    name = '"Arun District Council"'
    typed = [f"kloe users add you@example.org --organisation {name} --country england"]
    if SHARED.is_dir():
        typed += [
            f"kloe benchmarks import {WORKBOOKS[0]}",
            "kloe assessments create --dataset tsm-2024-25 --landlord 45UC",
        ]
    else:
        typed.append(f"kloe assessments create --organisation {name}")
    for text in typed:
        done = reader.types(Command(README, 0, text))
        assert done.returncode == 0, text + done.stderr
    return folder


@pytest.mark.parametrize(
    "page", [pytest.param(p, marks=_marks(p), id=name_of(p)) for p in WITH_COMMANDS]
)
def test_every_command_of_a_page_runs(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    settings = {}
    if "postgres" in page_directives(page):
        server: Postgres = request.getfixturevalue("postgres")
        settings["KLOE_DATABASE_URL"] = server.new_database()
    elif page not in FROM_NOTHING:
        shutil.copytree(request.getfixturevalue("ground") / DATA, tmp_path / DATA)
    Reader(tmp_path, settings).reads(page)


def test_what_a_page_says_of_a_block_is_understood() -> None:
    known = re.compile(r"skip \w[\w ]*|exit \d+")
    found = [(name_of(b.page), b.line) for p in pages() for b in blocks(p)
             if b.directive and not known.fullmatch(b.directive)]  # fmt: skip
    assert not found
    assert {d for p in pages() for d in page_directives(p)} <= {"postgres"}


#: What stands for a word of the reader's own.
_PLACEHOLDERS = re.compile(r"(\.\.\.|…|\[|\]|[|]|\\|<|>)")


@cache
def program() -> Any:
    return get_command(main.app)


def unknown(words: list[str]) -> str:
    """What a command says that the program does not know; nothing is run."""
    command = program()
    options: set[str] = set()
    for word in words:
        options |= {o for p in command.params for o in [*p.opts, *p.secondary_opts]}
        below = getattr(command, "commands", None)
        if word.startswith("-"):
            if word.partition("=")[0] not in {*options, "-h", "--help"}:
                return word
        elif below is not None:
            if word not in below:
                return word
            command = below[word]
    return ""


def test_every_command_in_a_sentence_exists() -> None:
    wrong = {}
    for page in pages():
        for span in spans(page):
            if re.match(r"(KLOE_\w+=\S+ )*kloe [a-z-]", span) and page != COMMANDS_PAGE:
                command = re.sub(r"^(KLOE_\w+=\S+ )+", "", span)
                words = shlex.split(_PLACEHOLDERS.split(command)[0])[1:]
                if word := unknown(words):
                    wrong[f"{name_of(page)}: {span}"] = word
    assert not wrong


def test_every_command_in_a_message_exists() -> None:
    """What errors and pages tell people to type."""
    wrong = {}
    for path in (ROOT / "src" / "kloe").rglob("*"):
        if path.suffix not in {".py", ".html", ".txt"}:
            continue
        for span in re.findall(r"(?:“|<code>)kloe ([a-z][^”<]*)(?:”|</code>)", path.read_text()):
            if word := unknown(_PLACEHOLDERS.split(span)[0].split()):
                wrong[f"{path.relative_to(ROOT)}: {span}"] = word
    assert not wrong


def test_what_is_no_command_is_found() -> None:
    assert not unknown(["users", "add", "a@example.org", "--role", "lead", "--data=x"])
    assert unknown(["users", "make"]) == "make"
    assert unknown(["scope", "--points"]) == "--points"


def test_links_lead_to_pages_and_headings_that_exist() -> None:
    broken = []
    for page in pages():
        for _image, words, target in links(page):
            if re.match(r"[a-z]+:", target):
                continue
            path, _sign, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            known = there.exists() and ROOT in (there, *there.parents)
            if not known or (anchor and anchor not in anchors(there)):
                broken.append(f"{name_of(page)}: [{words}]({target})")
    assert not broken


def test_no_link_is_hidden_in_a_name_without_words() -> None:
    assert not [
        f"{name_of(p)}: {target}"
        for p in pages()
        for _image, words, target in links(p)
        if not words.strip() or words.strip().lower() in {"here", "this", "link", "click here"}
    ]


def test_every_page_is_reached_from_the_index() -> None:
    index = DOCS / "README.md"
    reached, ahead = set(), [index]
    while ahead:
        page = ahead.pop()
        if page in reached:
            continue
        reached.add(page)
        for _image, _words, target in links(page):
            there = (page.parent / target.partition("#")[0]).resolve()
            if there.is_dir():
                ahead += there.glob("*.md")
            elif there.suffix == ".md" and there.exists():
                ahead.append(there)
    assert not {name_of(p) for p in pages()} - {name_of(p) for p in reached} - {"README.md"}
    listed = {(DOCS / t.partition("#")[0]).resolve() for _i, _w, t in links(index)}
    missing = {name_of(p) for p in DOCS.rglob("*.md") if p not in listed and p != index}
    # Decisions and areas of measures have an index of their own.
    own = ("docs/adr/", "docs/reference/measures/")
    assert not {m for m in missing if not m.startswith(own)}, "not in the index"


def test_images_exist_and_say_what_they_show() -> None:
    for page in pages():
        for image, words, target in links(page):
            if image:
                path = (page.parent / target).resolve()
                assert path.is_file(), f"{name_of(page)}: {target}"
                assert path.stat().st_size < 1_000_000, target
                assert len(words.split()) >= 5, f"{name_of(page)}: {target} has no description"
    used = {(p.parent / t).resolve() for p in pages() for image, _w, t in links(p) if image}
    assert not {p.name for p in (DOCS / "images").iterdir()} - {p.name for p in used}


def test_every_page_begins_with_its_title() -> None:
    for page in pages():
        lines = [x for x in text_of(page).splitlines() if not x.startswith("<!--")]
        assert re.match(r"# \S", lines[0]), name_of(page)
        assert len(re.findall(r"^# ", prose(page), flags=re.M)) == 1, name_of(page)


def _codes() -> set[int]:
    def below(kind: type[errors.KloeError]) -> Iterator[type[errors.KloeError]]:
        yield kind
        for one in kind.__subclasses__():
            yield from below(one)

    return {0} | {k.exit_code for k in below(errors.KloeError)}


def test_every_exit_code_named_exists() -> None:
    named = {
        (name_of(page), int(code))
        for page in pages()
        for code in re.findall(r"(?:exit code|[Ee]nds? with|exits with) `?(\d+)", prose(page))
    }
    assert named, "nothing found: has the wording changed?"
    assert {code for _page, code in named} <= _codes()


def test_every_role_named_exists() -> None:
    page = DOCS / "how-to" / "set-up-for-a-team.md"
    told = re.findall(r"^\| `(\w+)` \|", text_of(page), flags=re.M)
    assert sorted(told) == sorted(r.value for r in ORGANISATION_ROLES)
    sizes = [len(ROLE_PERMISSIONS[Role(name)]) for name in told]
    assert sizes == sorted(sizes), "each may what the one above it may"
    for page in pages():
        for role in re.findall(r"--role ([a-z]+)", text_of(page)):
            assert role in {r.value for r in ORGANISATION_ROLES}, f"{name_of(page)}: {role}"


_PARTS = "assessments|organisations|jobs|library|benchmarks|accounts|evidence|profile"


def test_every_address_named_exists() -> None:
    from django.urls import Resolver404, resolve

    uuid = "01a20038-0fff-7117-a224-599175096b07"
    wrong = []
    for page in pages():
        for span in spans(page):
            if re.match(rf"/(?:{_PARTS})/", span):
                try:
                    resolve(re.sub(r"<[^>]+>|…|\.\.\.", uuid, span))
                except Resolver404:
                    wrong.append(f"{name_of(page)}: {span}")
    assert not wrong


#: Pages in which bold words are the words of a page of kloe.
PRESSED = [
    TUTORIAL,
    *(
        DOCS / "how-to" / f"{name}.md"
        for name in ("set-up-for-a-team", "report", "published-results", "evidence")
    ),
]


@pytest.fixture(scope="session")
def said_by_pages() -> set[str]:
    """Every string that a page of kloe may show."""
    from kloe.frameworks import library

    asked = {str(x.question) for f in library.load_all() for x in f.scales.values()}
    return {text for _where, text in strings()} | asked


@pytest.mark.parametrize("page", PRESSED, ids=name_of)
def test_every_button_and_menu_named_exists(page: Path, said_by_pages: set[str]) -> None:
    named = {w.strip() for w in re.findall(r"\*\*([^*]+)\*\*", prose(page))}
    assert named
    assert not named - said_by_pages


def test_settings_named_in_pages_are_documented() -> None:
    known = set(re.findall(r"`(KLOE_[A-Z_]+)`", text_of(DOCS / "reference" / "settings.md")))
    for page in pages():
        assert set(re.findall(r"KLOE_[A-Z_]+", text_of(page))) <= known, name_of(page)


def test_files_named_in_pages_exist() -> None:
    """Paths of the source and the tests that pages point to."""
    missing = [
        f"{name_of(page)}: {span}"
        for page in pages()
        for span in spans(page)
        if re.fullmatch(r"(?:src|tests|benchmarks|docs)/[\w./-]+\.\w+|(?:src|tests)/[\w./-]+", span)
        and not (ROOT / span.rstrip("/")).exists()
    ]
    assert not missing


def test_the_tests_read_pages_rightly(tmp_path: Path, monkeypatch: Any) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A page\n\n<!-- docs: skip server -->\n```\nkloe serve\n```\n\n"
        "```sh\nexport KLOE_DATA=x\nKLOE_ERRORS=json kloe frameworks \\\n  list # all\npg_dump\n"
        "```\n\n## On `kloe`: two [words](other.md#a-b)\n![Five words to say what](x.png)\n"
    )
    first, second = commands(page)
    assert (first.words, first.serves, first.directive) == (["kloe", "serve"], True, "skip server")
    assert second.words == ["kloe", "frameworks", "list"]
    assert second.settings == (("KLOE_DATA", "x"),)
    assert not second.directive
    assert anchors(page) == {"a-page", "on-kloe-two-words"}
    assert [target for _image, _words, target in links(page)] == ["other.md#a-b", "x.png"]
