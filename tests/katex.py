"""KaTeX for tests, where Node and KaTeX are installed: parses LaTeX with every check on."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

KATEX = (
    Path(__file__).resolve().parent.parent
    / "build"
    / "node"
    / "node_modules"
    / "katex"
    / "dist"
    / "katex.min.js"
)
_SCRIPT = """
const katex = require(process.argv[1]);
const problems = JSON.parse(require("node:fs").readFileSync(0, "utf8")).flatMap((tex) => {
  try {
    katex.renderToString(tex, { displayMode: true, strict: "error", throwOnError: true, trust: false });
    return [];
  } catch (problem) { return [tex + ": " + problem.message]; }
});
process.stdout.write(JSON.stringify(problems));
"""


def problems(formulas: list[str]) -> list[str]:
    """What KaTeX refuses; skips the test where there is no Node or no KaTeX."""
    node = shutil.which("node")
    if node is None or not KATEX.is_file():
        pytest.skip("no Node or no KaTeX in build/node ('make site' installs it), so LaTeX was not parsed")
    done = subprocess.run(
        [node, "-e", _SCRIPT, str(KATEX)],
        input=json.dumps(formulas),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(done.stdout)
    return found
