"""Files of ids as spreadsheets, shells and databases leave them: read right, or refused as a whole."""

import gzip
import io
import json
import subprocess
import zipfile
from functools import partial
from pathlib import Path

import pytest
from children import started
from click.testing import CliRunner
from command import LIMIT, run
from needs import needs_awaited_files
from waiting import wait_until

from conversation_client import Material
from conversation_client.cli import main
from conversation_client.testing import Emulator
from conversation_client.testing.emulator import STARTING_CONVERSATION as CONVERSATION

THREE = "asset-1\nasset-2\nasset-3\n"
IDS = {"asset-1", "asset-2", "asset-3"}


def assets(server: Emulator) -> set[str]:
    return set(server.associations(CONVERSATION, Material.ASSET))


def associate(
    server: Emulator, path: Path, data: bytes, *options: str, piped: bool = False
) -> subprocess.CompletedProcess[str]:
    """Associate the ids of a file, or of a pipe."""
    path.write_bytes(data)
    asked = ("associate", CONVERSATION, "--server", server.url, *options)
    if piped:
        return run(*asked, "--assets", "-", stdin=data)
    arguments = [*asked, "--assets", str(path)]
    ended = CliRunner().invoke(main, arguments)  # in this process, which is quicker
    return subprocess.CompletedProcess(arguments, ended.exit_code, ended.stdout, ended.stderr)


compressed = partial(gzip.compress, mtime=0)  # the same each time, as names of tests are to be


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("sheet.xml", text)
    return file.getvalue()


READ: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "UTF-16, as PowerShell writes it": ("a.txt", THREE.encode("utf-16"), ()),
    "UTF-16, big-endian": ("a.txt", b"\xfe\xff" + THREE.encode("utf-16-be"), ()),
    "UTF-16, line ends of Windows": ("a", THREE.replace("\n", "\r\n").encode("utf-16"), ()),
    "UTF-32": ("a.txt", THREE.encode("utf-32"), ()),
    "UTF-16 CSV": (
        "a.csv",
        "id;name\r\nasset-1;x\r\nasset-2;y\r\nasset-3;z\r\n".encode("utf-16"),
        ("--header",),
    ),
    "UTF-8 with a mark": ("a.txt", b"\xef\xbb\xbf" + THREE.encode(), ()),
    "marks in the midst": (
        "a.txt",
        b"".join(b"\xef\xbb\xbf%s\n" % line.encode() for line in THREE.split()),
        (),
    ),
    "UTF-16 files joined": (
        "a.txt",
        "asset-1\n".encode("utf-16") + "asset-2\nasset-3\n".encode("utf-16"),
        (),
    ),
    "blanks and invisible characters around": (
        "a.txt",
        "asset-1 \n\t asset-2\xa0\n\u200b\u2060asset-3\u200b\ufeff\u3000".encode(),
        (),
    ),
    "quoted lines": ("a.txt", b'"asset-1"\n\'asset-2\'\r\n "asset-3" \n', ()),
    "semicolons": ("a.csv", b"id;name\nasset-1;a,b\nasset-2;c\nasset-3;d\n", ("--header",)),
    "tabs": ("a.tsv", b"id\tname\nasset-1\ta;b\nasset-2\t,\nasset-3\n", ("--header",)),
    "bars": ("a.csv", b"asset-1|x\nasset-2|y\nasset-3|z\n", ()),
    "delimiter told by the file": ("a.csv", b"sep=;\nasset-1;,\nasset-2;x\nasset-3\n", ()),
    "delimiter told by an option": (
        "a.csv",
        b"asset-1;a,b\nasset-2;c\nasset-3;d\n",
        ("--delimiter", ";"),
    ),
    "delimiter in quotes": ("a.csv", b'"asset-1";"a,b"\n"asset-2";"x"\nasset-3;\n', ()),
    "blanks in a column": ("a.csv", b'asset-1 ,x\n" asset-2",y\n\xc2\xa0asset-3,z\n', ()),
    "marks in a CSV": ("a.csv", b'\xef\xbb\xbf"asset-1",x\n\xef\xbb\xbf"asset-2"\nasset-3\n', ()),
    "one column": ("a.csv", THREE.encode(), ()),
    "JSON array": ("a.json", b'["asset-1","asset-2",\n"asset-3"]', ()),
    "JSON array by its content": ("a.txt", b' [\n  "asset-1",\n  "asset-2", "asset-3"\n]\n', ()),
    "JSON array with a mark": ("a", b'\xef\xbb\xbf["asset-1","asset-2","asset-3"]', ()),
    "JSON array in a file of JSON Lines": ("a.jsonl", json.dumps(sorted(IDS)).encode(), ()),
    "JSON array of objects": (
        "a.json",
        json.dumps([{"id": id_, "name": "n"} for id_ in IDS], indent=2).encode(),
        ("--field", "id"),
    ),
    "JSON Lines": ("a.json", b'"asset-1"\n"asset-2"\n"asset-3"\n', ()),
    "gzip": ("a.txt.gz", compressed(THREE.encode()), ()),
    "gzip by its content": ("a.txt", compressed(THREE.encode()), ()),
    "gzip of several members": (
        "a.gz",
        b"".join(compressed(f"{id_}\n".encode()) for id_ in IDS) + bytes(512),
        (),
    ),
    "gzip of a CSV": ("a.csv.gz", compressed(b"asset-1;x\nasset-2;y\nasset-3;z\n"), ()),
    "gzip of UTF-16": ("a.gz", compressed(THREE.encode("utf-16")), ()),
}


@pytest.mark.parametrize("name", READ)
def test_what_is_certain_is_read_right(name: str, server: Emulator, tmp_path: Path) -> None:
    file, data, options = READ[name]
    ended = associate(server, tmp_path / file, data, *options)
    assert (ended.returncode, ended.stdout) == (0, "3 associated\n"), ended.stderr
    assert "3 of 3 done, 0 failed" in ended.stderr
    assert assets(server) == IDS


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("UTF-16, as PowerShell writes it", ()),
        ("marks in the midst", ()),
        ("quoted lines", ()),
        ("semicolons", ("--format", "csv", "--header")),
        ("JSON array by its content", ()),
        ("JSON array of objects", ("--field", "id")),
        ("gzip", ()),
        ("gzip of UTF-16", ()),
    ],
)
def test_a_pipe_is_read_as_a_file_is(
    name: str, options: tuple[str, ...], server: Emulator, tmp_path: Path
) -> None:
    ended = associate(server, tmp_path / "a", READ[name][1], *options, piped=True)
    assert (ended.returncode, ended.stdout) == (0, "3 associated\n"), ended.stderr
    assert assets(server) == IDS


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "UTF-16 without a mark": ("a.txt", THREE.encode("utf-16-le"), "UTF-16 without a byte order"),
    "UTF-16 without a mark, big-endian": ("a", THREE.encode("utf-16-be"), "UTF-16 without"),
    "UTF-16 cut off": ("a.txt", THREE.encode("utf-16")[:-1], "begins as UTF-16"),
    "spreadsheet": ("a.xlsx", zipped(THREE), "ZIP archive, as spreadsheets"),
    "old spreadsheet": (
        "a.xls",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        "save it as CSV",
    ),
    "xz": ("a.xz", b"\xfd7zXZ\x00\x00\x04" + bytes(64), "xz -dc"),
    "bzip2": ("a.bz2", b"BZh91AY&SY" + bytes(64), "bzip2 -dc"),
    "zstd": ("a.zst", b"\x28\xb5\x2f\xfd" + bytes(64), "zstd -dc"),
    "journal": ("job.db", b"SQLite format 3\x00" + bytes(100), "`resume` it"),
    "PDF": ("a.pdf", b"%PDF-1.7\n", "a PDF document"),
    "Parquet": ("a.parquet", b"PAR1\x15\x00" + bytes(64), "Parquet"),
    "page": ("a.txt", b" <!doctype html>\n<p>login</p>\n", "it is HTML or XML"),
    "table": ("a.txt", b"id,name\nasset-1,x\n", "--format csv"),
    "table with semicolons": ("a.txt", b"asset-1;x\n", "';' between its columns"),
    "table with tabs": ("a.txt", b"asset-1\tx\n", "'\\t' between its columns"),
    "quoted table": ("a.txt", b'"asset-1","x"\n', "--format csv"),
    "list of a program": ("a.txt", b'"asset-1",\n"asset-2",\n', "--format csv"),
    "objects": ("a.txt", b'{"id": "asset-1"}\n', "--field NAME"),
    "header": ("a.csv", b"id,name\nasset-1,x\n", "'id'): say --header"),
    "header of its own name": ("a.csv", b'"Asset ID";x\nasset-1;x\n', "('Asset ID')"),
    "delimiter that is not clear": ("a.csv", b"asset-1;a,b\n", "',' or ';': --delimiter says"),
    "JSON array cut off": ("a.json", b'["asset-1",\n"asset-2"', "begins as a JSON array"),
    "gzip cut off": ("a.gz", compressed(THREE.encode())[:-6], "cut off"),
    "gzip damaged": ("a.gz", compressed(THREE.encode())[:12] + bytes(30), "gzip"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("verb", ["send", "dry run"])
def test_what_is_not_certain_is_refused_in_one_line(
    name: str, verb: str, server: Emulator, tmp_path: Path
) -> None:
    file, data, told = REFUSED[name]
    options = ("--dry-run",) if verb == "dry run" else ("--journal", str(tmp_path / "j"))
    ended = associate(server, tmp_path / file, data, *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"conversation-client: {tmp_path / file}: ")
    assert ended.stderr.count("\n") == 1
    assert told in ended.stderr
    assert not assets(server)
    assert not (tmp_path / "j").exists()


@pytest.mark.parametrize("name", ["UTF-16 without a mark", "spreadsheet", "page", "table"])
def test_a_pipe_that_is_not_certain_is_refused(name: str, server: Emulator, tmp_path: Path) -> None:
    ended = associate(server, tmp_path / "a", REFUSED[name][1], piped=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("conversation-client: standard input: ")
    assert REFUSED[name][2] in ended.stderr
    assert not assets(server)


def test_a_line_that_may_mean_something_else_fails_alone(server: Emulator, tmp_path: Path) -> None:
    lines = ["asset-1", "a\u200bb", "a,b", "a;b", "a\tb", '"a"b"', '"a', "\ufeff", "a\rb", "it's"]
    ended = associate(server, tmp_path / "a", "\n".join(lines).encode())
    assert (ended.returncode, ended.stdout) == (1, "2 associated, 8 failed\n")
    assert assets(server) == {"asset-1", "it's"}


def test_lines_are_taken_as_they_are_where_that_is_said(server: Emulator, tmp_path: Path) -> None:
    data = b'a,b;c\n"quoted"\n[x]\n{y}\n'
    ended = associate(server, tmp_path / "a", data, "--format", "lines")
    assert (ended.returncode, ended.stdout) == (0, "4 associated\n")
    assert assets(server) == {"a,b;c", '"quoted"', "[x]", "{y}"}


def test_a_column_with_another_delimiter_in_it_fails_alone(
    server: Emulator, tmp_path: Path
) -> None:
    data = b'asset-1,x\nasset-2;y\n"asset;3",z\n'
    ended = associate(server, tmp_path / "a.csv", data)
    assert (ended.returncode, ended.stdout) == (1, "2 associated, 1 failed\n")
    assert "line 2: ';' in the first column, where ',' separates columns" in ended.stderr
    assert assets(server) == {"asset-1", "asset;3"}


def test_a_first_record_that_is_no_header_is_taken(server: Emulator, tmp_path: Path) -> None:
    ended = associate(server, tmp_path / "a.csv", b"id,x\n", "--no-header")
    assert (ended.returncode, assets(server)) == (0, {"id"})


@pytest.mark.parametrize(
    ("data", "total"),
    [
        (b"id,name\nasset-1,x\n", 1),
        (b'id,name\nasset-1,"x\ny"\nasset-2,"z\n\n"\n', 2),
        (b"id,name\n", 0),
        (b"", 0),
        (b"\xef\xbb\xbf", 0),
        (compressed(b""), 0),
    ],
)
def test_what_is_skipped_is_not_counted(
    data: bytes, total: int, server: Emulator, tmp_path: Path
) -> None:
    ended = associate(server, tmp_path / "a.csv", data, "--header")
    assert (ended.returncode, ended.stdout) == (0, f"{total} associated\n")
    assert f"Associating: {total} of {total} done, 0 failed" in ended.stderr


@needs_awaited_files
def test_a_typed_id_is_sent_at_once(server: Emulator) -> None:
    asked = ["associate", CONVERSATION, "--assets", "-", "--server", server.url]
    with started(None, *asked) as process:
        process.stdin.write("a\n")
        process.stdin.flush()
        wait_until(lambda: assets(server))
        process.communicate("b\n", timeout=LIMIT)
    assert assets(server) == {"a", "b"}


def test_a_large_array_is_read_though_it_is_one_line(server: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([f"asset-{number:0100}" for number in range(20_000)]))
    ended = run("associate", CONVERSATION, "--assets", str(path), "--dry-run")
    assert ended.stdout == "20,000 ids are good, 0 lines hold none; nothing was sent\n"


def test_elements_of_an_array_that_are_no_ids_fail_alone(server: Emulator, tmp_path: Path) -> None:
    ended = associate(server, tmp_path / "a.json", b'["asset-1", 5, null, {"id": "x"}, ["y"], ""]')
    assert (ended.returncode, ended.stdout) == (1, "1 associated, 5 failed\n")
    assert assets(server) == {"asset-1"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--delimiter", ";"), "--delimiter is for CSV"),
        (("--format", "csv", "--delimiter", ";;"), "one character is needed"),
        (("--format", "csv", "--delimiter", '"'), "one character is needed"),
        (("--no-header",), "--header is for CSV"),
    ],
)
def test_options_of_a_csv_are_checked(options: tuple[str, ...], told: str) -> None:
    ended = run("associate", CONVERSATION, "--assets", "-", *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr
