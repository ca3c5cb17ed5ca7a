"""Which modules a script of the page needs, so that a browser can ask for all of them at once."""

import re
from pathlib import Path

_IMPORT = re.compile(r"""^(?:import|export)\b[^;'"]*['"](\.[^'"]+)['"]""", re.MULTILINE)
# Minified libraries have their imports anywhere.
_MINIFIED_IMPORT = re.compile(r"""(?:from|import)['"](\.[^'"]+)['"]""")


def modules_of(script: Path) -> list[Path]:
    """The script and every module that it needs from the start, each once, in the order of their imports."""
    found: list[Path] = []
    waiting = [script.resolve()]
    while waiting:
        module = waiting.pop(0)
        if module not in found:
            found.append(module)
            waiting += imports_of(module)
    return found


def imports_of(script: Path) -> list[Path]:
    """The modules that a script imports itself, each once; not those it loads only when it comes to them."""
    code = script.read_text()
    names = dict.fromkeys([*_IMPORT.findall(code), *_MINIFIED_IMPORT.findall(code)])
    return [(script.resolve().parent / name).resolve() for name in names]
