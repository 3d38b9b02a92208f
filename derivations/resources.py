"""Where the files lie that the package reads but does not import: templates and the sources of the site.

In a checkout they stand beside the package, where people edit them; in an installed wheel they are inside it,
since a wheel owns no other place. Everything that reads such a file asks here, so that nothing else needs to
know which of the two it runs in. Imports nothing of the package and may be imported by every module.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """The root of the source tree that this package runs from, or None in an installed wheel."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "templates").is_dir() else None


def shared(name: str) -> Path:
    """The file or folder `name` of the project's root: "templates", "site", "mkdocs.yml"."""
    root = checkout()
    path = (root or PACKAGE / "_share") / name
    if not path.exists():
        place = "the checkout" if root else "the installed package"
        raise FileNotFoundError(f"{name} is missing from {place}: {path}")
    return path


def templates() -> Path:
    return shared("templates")


def site() -> Path:
    return shared("site")


def records() -> Path:
    """The folder of generated records, which is part of the package."""
    return PACKAGE / "records"


def kernels() -> Path:
    """The folder of generated kernels, which is part of the package."""
    return PACKAGE / "kernels"


def members(*folder: str) -> tuple[str, ...]:
    """Names of the files in a part of the package that grows by files, without importing any of them."""
    return tuple(sorted(path.stem for path in PACKAGE.joinpath(*folder).glob("[!_]*.py")))


def output() -> Path:
    """The folder that takes what is built: `build` in the checkout, or where an installed wheel is run."""
    return (checkout() or Path.cwd()) / "build"
