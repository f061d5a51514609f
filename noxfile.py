"""The one front door to the checks: `nox --list` tells all of them, `nox` runs the usual ones.

Those on other Pythons, and `oldest`, have environments of their own; all others run in the one that
nox is installed in, which CONTRIBUTING.md says how to make.
"""

import os
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["style", "types", "tests"]
nox.options.error_on_missing_interpreters = False
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

LANDING = ["landing"]
"""What has to pass before a change lands, beside the README's test command: `.ci/run` runs it."""
PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
SAME = (
    *("faults", "compat", "interop", "integration"),
    *("test_models.py", "test_operations.py", "test_layers.py", "test_plan.py", "test_limit.py"),
    *("test_site.py", "test_snippets.py"),
)
"""What is the same everywhere: documents, tables, decisions, pages, and the faults of the wire."""
WHAT_DIFFERS = (
    *("-n", "auto", "-m", "not interop and not heavy"),
    *(f"--ignore=tests/{name}" for name in SAME),
)
"""What may differ from one Python, system or release to another, as pytest's arguments."""
NOT_PACKED = (".ci/", ".github/", ".pre-commit-config.yaml")
WHEELS = (
    *("musllinux_1_2_x86_64", "musllinux_1_2_aarch64", "manylinux_2_28_aarch64"),
    *("macosx_11_0_arm64", "win_amd64", "win_arm64"),
)
"""Platforms for which wheels of all dependencies are asked for."""


@nox.session(python=False, tags=LANDING)
def style(session: nox.Session) -> None:
    """The code's style, and the form of the files that GitHub reads."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    forms = {
        "workflows": Path(".github/workflows").iterdir(),
        "issue-forms": Path(".github/ISSUE_TEMPLATE").iterdir(),
    }
    for form, files in forms.items():
        session.run("check-jsonschema", f"--builtin-schema=vendor.github-{form}", *map(str, files))


@nox.session(python=False, tags=LANDING)
def types(session: nox.Session) -> None:
    """The types inside, and that all public ones are known."""
    session.run("mypy")
    session.run("pyright", f"--pythonpath={sys.executable}")
    with session.chdir(session.create_tmp()):  # away from the sources: what is installed counts
        session.run("pyright", "--verifytypes=conversation_client", "--ignoreexternal")


@nox.session(python=False)
def tests(session: nox.Session) -> None:
    """The whole suite; arguments after `--` go to pytest."""
    session.run(*PYTEST, "-n", "auto", *session.posargs)


@nox.session(python=False)
def coverage(session: nox.Session) -> None:
    """The whole suite, and which lines and branches of the package it reaches."""
    session.run("coverage", "erase")
    session.run("coverage", "run", *PYTEST[1:], "-n", "auto", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(python=["3.13", "3.14"], tags=LANDING)
def elsewhere(session: nox.Session) -> None:
    """What may differ on other Pythons; one that is not on this machine is passed over."""
    session.install(".[test]")
    session.run(*PYTEST, *WHAT_DIFFERS, *session.posargs)


@nox.session(python="3.12", tags=LANDING)
def oldest(session: nox.Session) -> None:
    """What may differ on Python 3.12, and with the oldest releases of the dependencies."""
    project = nox.project.load_toml()["project"]
    extras = project["optional-dependencies"]
    ours = [*project["dependencies"], *extras["speed"], *extras["cli"]]
    session.install(".[test]", *(requirement.replace(">=", "==") for requirement in ours))
    session.run(*PYTEST, *WHAT_DIFFERS, *session.posargs)


@nox.session(python=False, tags=LANDING)
def windows(session: nox.Session) -> None:
    """What may differ where what Windows lacks is taken away."""
    lacking = {"PYTHONPATH": str(Path("tests/windows").resolve())}
    session.run(*PYTEST, *WHAT_DIFFERS, *session.posargs, env=lacking)


@nox.session(python=False)
def surroundings(session: nox.Session) -> None:
    """What may differ with few file descriptors, in the C locale and without a home to write to."""
    limited = ("sh", "-c", 'ulimit -n 256 && exec "$@"', "-")
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    poor["HOME"] = "/sys"  # where not even root may make a file
    session.run(*limited, *PYTEST, *WHAT_DIFFERS, *session.posargs, env=poor, external=True)


@nox.session(python=False, tags=LANDING)
def interop(session: nox.Session) -> None:
    """Released clients of others against the emulator, and documents to and fro."""
    session.run(*PYTEST, "-n", "auto", "-m", "interop and not more_interop", *session.posargs)


@nox.session(python=False)
def more_interop(session: nox.Session) -> None:
    """As `interop`, with further releases."""
    session.run(*PYTEST, "-n", "auto", "-m", "more_interop", *session.posargs)


@nox.session(python=False, tags=LANDING)
def demo(session: nox.Session) -> None:
    """What the README begins with."""
    session.run("conversation-client", "demo", "--assets", "2000")


@nox.session(python=False, tags=LANDING)
def cluster(session: nox.Session) -> None:
    """A batch on a cluster of processes."""
    session.run(*PYTEST, "-m", "cluster", "tests/cluster", *session.posargs)


@nox.session(python=False, tags=LANDING)
def integration(session: nox.Session) -> None:
    """Other people's programs: services, notebooks, data frames, editors."""
    session.run(*PYTEST, "-n", "auto", "tests/integration", *session.posargs)


@nox.session(python=False, tags=LANDING)
def docs(session: nox.Session) -> None:
    """The site builds without a warning, tells all names, and its snippets run."""
    pages = ("tests/test_site.py", "tests/test_snippets.py")
    session.run(*PYTEST, "-n", "auto", *pages, *session.posargs)


@nox.session(python=False, tags=LANDING)
def soak(session: nox.Session) -> None:
    """A small soak: faults, kills and restarts under a batch; arguments after `--` make another."""
    small = ("--items", "50000", "--kills", "3", "--restarts", "1", "--new-ports", "1")
    session.run("python", "-m", "tests.soak", *(session.posargs or small))


@nox.session(python=False, tags=LANDING)
def package(session: nox.Session) -> None:
    """That the wheel and the source distribution hold what they should, and no more."""
    made = Path(session.create_tmp(), "dist")
    shutil.rmtree(made, ignore_errors=True)
    session.run("python", "-m", "build", f"--outdir={made}", silent=True)
    (wheel,), (source,) = made.glob("*.whl"), made.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = {PurePosixPath(name) for name in archive.namelist()}
    with tarfile.open(source) as archive:
        in_source = {PurePosixPath(*Path(each.name).parts[1:]) for each in archive if each.isfile()}
    tracked = str(session.run("git", "ls-files", silent=True, external=True)).splitlines()
    ours = {PurePosixPath(name) for name in tracked if not name.startswith(NOT_PACKED)}
    library = {path for path in ours if path.parts[0] == "conversation_client"}
    described = {path for path in in_wheel if path.parts[0].endswith(".dist-info")}
    _compare(session, wheel, in_wheel - described, library)
    _compare(session, source, in_source - {PurePosixPath("PKG-INFO")}, ours)


def _compare(
    session: nox.Session, made: Path, found: set[PurePosixPath], expected: set[PurePosixPath]
) -> None:
    differences = [f"lacks {path}" for path in sorted(expected - found)]
    differences += [f"has {path}, too" for path in sorted(found - expected)]
    if differences:
        session.error(f"{made.name}: {'; '.join(differences)}")
    session.log(f"{made.name} holds the {len(found)} files that it should")


@nox.session
def audit(session: nox.Session) -> None:
    """Known vulnerabilities of the dependencies, asked of PyPI; it may tell of one any day."""
    session.install(".[speed,cli]", "pip-audit")
    session.run("pip-audit", "--skip-editable")


@nox.session(python=False)
def wheels(session: nox.Session) -> None:
    """That all dependencies have wheels for other platforms, which need no compiler."""
    folder = session.create_tmp()
    project = nox.project.load_toml()["project"]
    for platform in session.posargs or WHEELS:
        session.run(
            *("python", "-m", "pip", "download", "--quiet", "--only-binary=:all:"),
            *(f"--platform={platform}", f"--dest={folder}/{platform}", *project["dependencies"]),
        )
