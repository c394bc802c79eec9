"""Runs and responses into files: scenes composed, frames rendered, written whole with the recipe inside."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import tempfile
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import numpy as np

from gdviz import jobs
from gdviz.encode import CLIPS, FORMATS, STILLS, atomic, check_target, open_writer, read_recipe
from gdviz.errors import OutputError, RecipeError, UsageError
from gdviz.jobs import Made, Progress, check_texts
from gdviz.recipe.recipe import parse_recipe
from gdviz.version import __version__

if TYPE_CHECKING:
    from gdviz.encode.format import Film
    from gdviz.scene import Scene

Out = str | Path | Iterable[str | Path] | IO[bytes] | None
"""Where pictures go: a path, several, an open binary file, or None for a name of gdviz's own in this folder."""


@dataclasses.dataclass(frozen=True)
class Written:
    """A finished file; `note` is one sentence where name or rate are not those asked for, or another file is gone."""

    path: Path
    note: str


def check_outputs(outs: Iterable[str | Path], force: bool = False, *, clips: bool = True) -> None:
    """Raise OutputError for files that cannot be written, before any work is done."""
    seen: set[Path] = set()
    for out in outs:
        check_target(out, force, (*CLIPS, *STILLS) if clips else STILLS)
        if (path := Path(out).absolute()) in seen:
            raise UsageError(f"--out {out} is given twice")
        seen.add(path)


def render(
    made: Made,
    outs: Sequence[str | Path],
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> list[Written]:
    """Write every file of `outs` from one run; the format is told by the ending.

    Files that show the same frames a second are drawn from one scene, and clips among them written together, frame by
    frame: where one of these fails none appears.
    """
    check_outputs(outs, force)
    check_texts(made.recipe)
    asked = Fraction(made.recipe.fps).limit_denominator(1001)
    alike: dict[Fraction, list[Path]] = {}
    for out in map(Path, outs):
        film = FORMATS[out.suffix.lower()].film
        alike.setdefault(film.rate(asked) if film else asked, []).append(out)
    notes = {Path(out): _replacing(made, Path(out)) for out in outs}
    files: dict[Path, Written] = {}
    with np.errstate(all="ignore"):  # landscapes overflow far out; what is not finite is left blank
        for rate, paths in alike.items():
            scene = scene_of(made, rate)
            clips = {out: film for out in paths if (film := FORMATS[out.suffix.lower()].film)}
            files |= {out: _write_still(made, scene, out, force) for out in paths if out not in clips}
            files |= _write_clips(made, scene, clips, force, progress) if clips else {}
    return [_told(files[out], out, note) for out, note in notes.items()]


def _told(file: Written, out: Path, note: str) -> Written:
    """The file with a note about the one that it replaced, if it did: where that name was held nothing is replaced."""
    if note and file.path.name == out.name:
        return Written(file.path, " and ".join(filter(None, (note, file.note))))
    return file


def _replacing(made: Made, out: Path) -> str:
    """A sentence where a file is replaced that another recipe made."""
    try:
        text = read_recipe(out)
        old = parse_recipe(text, out.name) if text is not None else made.recipe
    except RecipeError:  # there is no such file, or it is of another version
        return ""
    keys = [key for key in old.differs(made.recipe) if key not in ("versions", "digests")]
    return f"{out.name} takes the place of one by another recipe, which differs in {', '.join(keys)}" if keys else ""


@dataclasses.dataclass(frozen=True)
class Destination:
    """Where pictures go, looked at before they are made: paths, or an open file that gets what has this ending."""

    paths: tuple[Path, ...]
    file: IO[bytes] | None
    ending: str
    force: bool

    def write(self, made: Made, progress: Progress | None = None) -> list[Path]:
        """The paths as they were written, none of an open file; one named after the run where nobody said where to."""
        if self.file is None:
            outs = self.paths or (Path(f"{made.name}{self.ending}"),)
            return [file.path for file in render(made, outs, force=self.force, progress=progress)]
        with tempfile.TemporaryDirectory(prefix="gdviz-") as folder:  # encoders write by name
            (written,) = render(made, [Path(folder) / f"picture{self.ending}"], progress=progress)
            data = written.path.read_bytes()
        self.file.write(data)
        return []


def destination(out: Out, format: str | None, usual: str, force: bool = False) -> Destination:
    """Where `out` is; usual: the ending of a file that nobody names, a clip's where clips are allowed.

    Raises OutputError, UsageError.
    """
    allowed = (*CLIPS, *STILLS) if usual in CLIPS else STILLS
    endings = (usual, *(ending for ending in allowed if ending != usual))
    known = " or ".join(f"'{ending[1:]}'" for ending in endings)
    if out is not None and hasattr(out, "write"):
        if format is None:
            raise OutputError(f"an open file does not say what to write into it; add format={known}")
        if (ending := f".{str(format).lower().removeprefix('.')}") not in endings:
            raise OutputError(f"format='{format}' cannot be made here; type {known}")
        _check_open(out)
        return Destination((), cast(IO[bytes], out), ending, force)
    if format is not None:
        raise OutputError(f"format='{format}' is for an open file; a path says it by its ending, as in 'a{usual}'")
    listed = [] if out is None else [out] if isinstance(out, (str, os.PathLike)) else [*cast(Iterable[str], out)]
    paths = tuple(Path(path) for path in listed)
    check_outputs(paths, force, clips=usual in CLIPS)
    return Destination(paths, None, usual, force)


def _check_open(file: object) -> None:
    """Raise OutputError for an open file that cannot take bytes, before there are any."""
    if getattr(file, "closed", False) is True:
        raise OutputError("the file is closed; pass it while it is open, or its path")
    if isinstance(file, io.TextIOBase) or hasattr(file, "encoding"):  # which temporary files tell alone
        raise OutputError("pictures are bytes, the file takes text; open it with 'wb', or use BytesIO")
    if callable(asked := getattr(file, "writable", None)) and not asked():
        raise OutputError("the file is open for reading alone; open it with 'wb', or use BytesIO")


def scene_of(made: Made, rate: Fraction | None = None) -> Scene:
    """The scene of what a recipe gave; `rate` are the frames a second of a format that cannot show the recipe's."""
    return jobs.of(made.recipe).compose(made, rate)


def _metadata(made: Made, scene: Scene) -> dict[str, str]:
    return {"gdviz": made.recipe.text(), "title": scene.title, "software": f"gdviz {__version__}"}


def _write_clips(
    made: Made, scene: Scene, films: dict[Path, Film], force: bool, progress: Progress | None
) -> dict[Path, Written]:
    """Clips of one scene: every frame is drawn once and handed to all of them."""
    from gdviz.draw.render import Renderer

    renderer, frames = Renderer(scene), scene.clock.frames
    names = ", ".join(out.name for out in films)
    with contextlib.ExitStack() as stack:
        writers = [
            stack.enter_context(
                open_writer(
                    out,
                    size=scene.size,
                    fps=scene.clock.fps,
                    metadata=_metadata(made, scene),
                    replace=force,
                    palette_frames=map(renderer.frame, film.sampled(frames)),
                    draft=made.recipe.draft,
                )
            )
            for out, film in films.items()
        ]
        for i in range(frames):
            frame = renderer.frame(i)
            for writer in writers:
                writer.write(frame, renderer.changed)
            if progress is not None:
                progress(i + 1, frames, names)
    return {
        out: Written(writer.path, " and ".join(filter(None, (writer.note, _slower(made, scene, out, film.told)))))
        for (out, film), writer in zip(films.items(), writers, strict=True)
    }


def _slower(made: Made, scene: Scene, out: Path, why: str) -> str:
    """A sentence where a format cannot show the rate that was asked for."""
    asked, given = made.recipe.fps, float(scene.clock.fps)
    if "fps" not in made.recipe.model_fields_set or abs(given - asked) < 0.01 * asked:
        return ""
    return f"{out.name} shows {given:.4g} frames a second, not {asked:g}: {why}"


def _write_still(made: Made, scene: Scene, out: Path, force: bool) -> Written:
    from gdviz.draw.render import picture, still

    format_ = FORMATS[out.suffix.lower()]
    record = len(made.t) - 1
    if made.recipe.at is not None:
        record = int(abs(made.t - made.recipe.at).argmin())
    metadata = _metadata(made, scene)
    with atomic(out, replace=force) as target:
        if format_.pixels:
            format_.pixels(target, picture(scene, record), scene.dpi or 96.0, metadata)
        elif outlines := format_.outlines:
            still(scene, record, target, outlines.name, outlines.labels(metadata), outlines.settings)
    return Written(target.path, target.note)
