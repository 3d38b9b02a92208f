"""Resources: found beside the package in a checkout, inside it in a wheel (see test_wheel.py)."""

from pathlib import Path

import pytest

from derivations import resources


def test_a_checkout_is_recognised(root: Path) -> None:
    assert resources.checkout() == root
    assert resources.templates() == root / "templates"
    assert resources.site() == root / "site"
    assert resources.output() == root / "build"


def test_an_installed_package_carries_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "derivations"
    (package / "_share" / "templates").mkdir(parents=True)
    monkeypatch.setattr(resources, "PACKAGE", package)
    monkeypatch.chdir(tmp_path)
    assert resources.checkout() is None
    assert resources.templates() == package / "_share" / "templates"
    assert resources.output() == tmp_path / "build"


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.yml is missing from the checkout"):
        resources.shared("nowhere.yml")
