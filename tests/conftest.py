"""What tests share: where the project lies, and whether this machine has a browser.

A test that needs a browser says `@pytest.mark.browser`. Where none is found it is skipped and the summary
says so in one plain line; with DERIVATIONS_BROWSER=required, as in CI, a missing browser is a failure. The
summary says the same of tests that need PyTorch, which no extra brings.
"""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The browser that tests drive."""
    path = find_browser()
    assert path is not None, f"no browser: none of {', '.join(BROWSERS)} is on PATH"
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_browser() is None and os.environ.get("DERIVATIONS_BROWSER") != "required":
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no browser was found"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [r for r in terminalreporter.getreports("skipped") if "no browser was found" in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"The {len(skipped)} tests in a browser did NOT run: none of {', '.join(BROWSERS)} is on PATH. "
            "Install Chromium and run 'make browser'.",
            yellow=True,
        )
    skipped = [r for r in terminalreporter.getreports("skipped") if "no PyTorch" in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"The {len(skipped)} tests that run PyTorch code did NOT run: PyTorch is not installed. No extra "
            "brings it, since on Linux it comes with gigabytes of CUDA; the CPU build is enough here.",
            yellow=True,
        )
