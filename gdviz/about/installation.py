"""What this installation has and can do, as `gdviz doctor` shows it."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import os
import platform
import re
import sys
import tempfile

from gdviz.cache import cache_directory
from gdviz.encode.formats import EVERY

LETTERS = "әғқңөұүһі ёж ημβρε −·⁻⁰¹²³∇"


@dataclasses.dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and whether gdviz can work with that."""

    subject: str
    state: str
    good: bool


def findings() -> list[Finding]:
    """Versions, cache folder, fonts, codecs and threads."""
    return [_python(), *_packages(), _cache(), _fonts(), *_codecs(), _threads()]


def _python() -> Finding:
    return Finding("python", f"{platform.python_version()}, {platform.platform()}", sys.version_info >= (3, 11))


def _packages() -> list[Finding]:
    """Every package that gdviz itself asks for, with the version that is installed."""
    rows = []
    try:
        requirements = importlib.metadata.requires("gdviz") or []
    except importlib.metadata.PackageNotFoundError:
        return [Finding("packages", "gdviz runs from a folder and is not installed, so they are not listed", True)]
    for requirement in requirements:
        name = re.split(r"[\[<>=!~; ]", requirement)[0]
        if "extra ==" in requirement:
            continue
        try:
            rows.append(Finding(name, importlib.metadata.version(name), True))
        except importlib.metadata.PackageNotFoundError:
            rows.append(Finding(name, f"not installed, needed: {requirement}", False))
    return rows


def _cache() -> Finding:
    folder = cache_directory()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        # Slower starts, but nothing fails: what cannot be kept is made again.
        return Finding("cache", f"{folder}, cannot be written ({error.strerror}): every start compiles again", True)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return Finding("cache", f"{folder}, {size / 1e6:.1f} MB", True)


def _fonts() -> Finding:
    """Letters of languages have to be of the face itself; signs may be of the font that fills in."""
    try:
        from matplotlib.font_manager import get_font

        from gdviz.draw.fonts import FAMILY, FILLS_IN, files

        missing = set()
        for bold in (False, True):
            own, *others = (get_font(file).get_charmap() for file in files(None, bold))
            for letter in LETTERS:
                if ord(letter) not in own and (letter.isalpha() or all(ord(letter) not in other for other in others)):
                    missing.add(letter)
    except (ImportError, OSError, RuntimeError) as error:
        return Finding("fonts", f"the fonts cannot be read: {error}", False)
    if missing:
        return Finding("fonts", f"{FAMILY} lacks {' '.join(sorted(missing))}", False)
    return Finding("fonts", f"{FAMILY} with all Kazakh, Russian and Greek letters; {FILLS_IN} fills in", True)


def _codecs() -> list[Finding]:
    try:
        codecs = importlib.import_module("av.codec").codecs_available
    except ImportError as error:
        return [Finding("codecs", f"PyAV cannot be loaded: {error}", False)]
    return [
        Finding(
            f"{format.name} codec", f"{name}{'' if name in codecs else ' is not in this build of PyAV'}", name in codecs
        )
        for format in EVERY
        if format.film and (name := format.film.codec)
    ]


def _threads() -> Finding:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding("threads", f"{usable} of {os.cpu_count() or 1} cores are ours to use", True)
