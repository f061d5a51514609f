"""The README is short, its links lead somewhere, and its figures are those that were measured."""

import re

from snippets import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_has_at_most_120_lines() -> None:
    assert len(README.splitlines()) <= 120


def test_links_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)#]+)", README)
    assert len(links) > 10
    for link in links:
        assert (ROOT / link).is_file(), link


def test_figures_are_the_first_of_the_last_benchmarks() -> None:
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    figures = results.partition("## Figures\n\n")[2].splitlines()[:8]  # the header, and six
    performance = README.partition("\n## Figures\n")[2].partition("\n## ")[0]
    assert [line for line in performance.splitlines() if line.startswith("|")] == figures
