"""``kloe verify``: exit codes, what is printed, and that it needs neither Django nor data."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cli_commands import ended, kloe
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kloe.reports import sealing


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    file = folder / "report.html"
    file.write_text("<p>Good</p>")
    sealing.seal(
        folder / "package.zip",
        [sealing.Source("report/report.html", file)],
        key=Ed25519PrivateKey.from_private_bytes(b"v" * 32),
        edition="public",
        about={"title": "Inspection", "landlord": "Tai [bold]", "number": 2},
        made_at=datetime(2026, 11, 22, tzinfo=UTC),
        made_by="Arolygiaeth\x1b[2J",
        version="1",
    )
    return folder / "package.zip"


def test_a_whole_package_ends_with_0_and_names_its_key(package: Path, capsys: Any) -> None:
    code, out, err = ended(capsys, "verify", package)
    assert code == 0
    assert "as it was sealed" in out
    assert "Tai [bold]: Inspection" in out
    assert "\x1b[2J" not in out
    assert "Compare the fingerprint" in err


def test_json_holds_the_same(package: Path, capsys: Any) -> None:
    code, out, _err = ended(capsys, "verify", package, "--format", "json")
    said = json.loads(out)
    assert code == 0
    assert said["whole"] is True
    assert said["problems"] == []
    key = said["fingerprint"]
    code, _out, err = ended(capsys, "verify", package, "--key", key.upper())
    assert code == 0
    assert "Compare" not in err
    code, out, err = ended(capsys, "verify", package, "--key", "0" * 64, "--format", "json")
    assert code == 4
    assert json.loads(out)["problems"][0]["kind"] == "key"
    assert "PUBLIC-KEY.pem" in err


def test_a_changed_byte_ends_with_4_and_names_the_file(
    package: Path, tmp_path: Path, capsys: Any
) -> None:
    changed = tmp_path / "changed.zip"
    changed.write_bytes(package.read_bytes().replace(b"<p>Good</p>", b"<p>Poor</p>"))
    code, out, err = ended(capsys, "verify", changed)
    assert code == 4
    assert "report/report.html" in out
    assert "report/report.html" in err


def test_other_faults_have_their_codes(package: Path, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "other.zip").write_bytes(b"no zip")
    assert ended(capsys, "verify", tmp_path / "other.zip")[0] == 3
    assert ended(capsys, "verify", tmp_path / "none.zip")[0] == 5
    code, _out, err = ended(capsys, "verify", package, "--key", "abc")
    assert code == 2
    assert "64 hexadecimal digits" in err


def test_it_runs_without_django_and_without_data(package: Path, tmp_path: Path) -> None:
    done = kloe("verify", package, KLOE_DATA=str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "none").exists()
    import subprocess

    code = (
        "import sys\nfrom kloe.cli import main\n"
        f"try:\n    main.run(['verify', {str(package)!r}])\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "assert 'django' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
