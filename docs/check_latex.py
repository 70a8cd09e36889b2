"""Compile the LaTeX that `derive` writes: with a TeX if there is one, and with KaTeX.

    python docs/check_latex.py --katex FOLDER

where `npm install katex` was run in FOLDER; without the option only TeX is used. Needs the project with its
test extra. Exit status 1 if anything does not compile, or if there was nothing to compile with.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from derive_examples import derivations  # what the tests print, too

KATEX = """
const katex = require("katex");
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
let wrong = 0;
for (const formula of formulas) {
  try { katex.renderToString(formula, {displayMode: true, strict: "error"}); }
  catch (error) { wrong += 1; console.log(formula.slice(0, 500) + "\\n    " + error.message.slice(0, 300)); }
}
console.log(`KaTeX ${katex.version}: ${formulas.length - wrong} of ${formulas.length} compile`);
process.exit(wrong ? 1 : 0);
"""


def with_katex(formulas: list[str], folder: str) -> int:
    """Compile with the KaTeX that npm installed in a folder."""
    command = ["node", "-e", KATEX]
    return subprocess.run(command, input=json.dumps(formulas), text=True, cwd=folder, check=False).returncode


def with_tex(documents: list[str]) -> int:
    """Compile with LuaLaTeX."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for document in documents:
            path = Path(folder, "gradients.tex")
            path.write_text(document)
            command = ["lualatex", "-halt-on-error", "-interaction=nonstopmode", path.name]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                wrong += 1
                sys.stdout.write(f"{document}\n{done.stdout[-800:]}\n")
    sys.stdout.write(f"TeX: {len(documents) - wrong} of {len(documents)} compile\n")
    return 1 if wrong else 0


def main() -> int:
    """Compile with what there is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--katex", metavar="FOLDER", help="where npm installed katex")
    options = parser.parse_args()
    found = list(derivations())
    results = []
    if shutil.which("lualatex"):
        results.append(
            with_tex([derivation.document(style) for derivation in found for style in ("d", "partial")])
        )
    if options.katex:
        formulas = [derivation.latex(style) for derivation in found for style in ("d", "partial")]
        results.append(with_katex(formulas, options.katex))
    if not results:
        sys.stdout.write("neither TeX (lualatex) nor --katex: nothing was checked\n")
    return 1 if any(results) or not results else 0


if __name__ == "__main__":
    sys.exit(main())
