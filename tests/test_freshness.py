"""Committed records and kernels are what the formulas give, byte for byte; nothing is undecided."""

from derivations import build


def test_everything_generated_is_as_the_formulas_say() -> None:
    lines: list[str] = []
    report = build.check(progress=lines.append, diff=True)
    assert not report.problems, "\n".join(report.problems)
    assert report.clean, (
        f"changed {report.changed}, missing {report.missing}, stray {report.stray}\n{report.diff}"
    )
