"""The pages tell of all there is: every error, state, verb, variable and page."""

import re
from typing import get_args

from snippets import PAGES, ROOT

from conversation_client import ConversationClientError, errors
from conversation_client._diagnosis import State
from conversation_client.cli import main

DOCS = ROOT / "docs"
ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, ConversationClientError)
}


def headings(page: str) -> list[str]:
    return re.findall(r"^### (.+)$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_error_has_an_entry_that_says_what_to_do() -> None:
    found = headings("guides/errors.md")
    assert len(found) == len(ERRORS)
    assert set(found) == ERRORS


def test_every_state_that_doctor_tells_has_an_entry() -> None:
    states = get_args(State)
    assert tuple(headings("troubleshooting.md")[: len(states)]) == states


def test_every_verb_of_the_command_is_told() -> None:
    text = (DOCS / "guides" / "command.md").read_text(encoding="utf-8")
    for verb in main.commands:
        assert re.search(rf"`{verb}\b|conversation-client {verb}\b", text), verb


def variables_in(folder: str) -> set[str]:
    """Name the environment variables that programs in a folder know."""
    sources = (ROOT / folder).rglob("*.py")
    texts = (each.read_text(encoding="utf-8") for each in sources)
    return {name for text in texts for name in re.findall(r'"(CONVERSATION_CLIENT_\w+)"', text)}


def test_every_environment_variable_is_told() -> None:
    text = (DOCS / "reference" / "environment.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE))
    assert named == variables_in("conversation_client")


def test_every_variable_that_asks_the_tests_for_more_is_told() -> None:
    told = set(
        re.findall(
            r"CONVERSATION_CLIENT_\w+", (DOCS / "development.md").read_text(encoding="utf-8")
        )
    )
    assert told == variables_in("tests") - variables_in("conversation_client")


def test_llms_txt_links_every_page_and_nothing_else() -> None:
    links = re.findall(r"\]\((\S+)\)", (DOCS / "llms.txt").read_text(encoding="utf-8"))
    pages = [re.sub(r"^_sources/|\.md\.txt$|\.html$", "", link) for link in links]
    assert sorted(pages) == sorted(
        str(page.relative_to(DOCS).with_suffix("")) for page in PAGES if DOCS in page.parents
    )
