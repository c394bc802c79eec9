"""Runs and responses into files: scenes composed, frames rendered, written whole with the recipe inside."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from gdviz import jobs
from gdviz.encode import CLIPS, FORMATS, STILLS, Files, Target, Writer, atomic, check_target, open_writer, read_recipe
from gdviz.encode.recipes import carries_recipe
from gdviz.errors import OutputError, RecipeError, UsageError
from gdviz.jobs import Made, Progress, check_texts
from gdviz.recipe.recipe import Recipe, parse_recipe
from gdviz.version import __version__

if TYPE_CHECKING:
    from gdviz.encode.format import Film, Format
    from gdviz.scene import Scene, Timeline

STILL = next(ending for ending, format_ in FORMATS.items() if format_.pixels)
"""The ending of stills beside a clip: they are frames, pixel by pixel."""

LONG = 60
"""Letters of a caption from which on a page may have no room for all of it."""

Out = str | Path | Iterable[str | Path] | IO[bytes] | None
"""Where pictures go: a path, several, an open binary file, or None for a name of gdviz's own in this folder."""


@dataclasses.dataclass(frozen=True)
class Written:
    """A finished file; `note` is one sentence where name or rate are not those asked for, or another file is gone.

    beside: those that were asked for with it.
    """

    path: Path
    note: str
    beside: tuple[Path, ...] = ()


def check_outputs(outs: Iterable[str | Path], force: bool = False, *, clips: bool = True) -> None:
    """Raise OutputError for files that cannot be written, before any work is done."""
    seen: set[Path] = set()
    for out in outs:
        check_target(out, force, (*CLIPS, *STILLS) if clips else STILLS)
        if (path := Path(out).absolute()) in seen:
            raise UsageError(f"--out {out} is given twice")
        seen.add(path)


def check_films(recipe: Recipe, outs: Iterable[str | Path]) -> None:
    """Raise UsageError for films of what stands still."""
    films = [Path(out) for out in outs if Path(out).suffix.lower() in CLIPS]
    if films and not jobs.of(recipe).films:
        raise UsageError(
            f"a study is a picture that stands still; in place of {films[0].name} type {films[0].stem}.png"
        )


def check_pages(recipe: Recipe, outs: Iterable[str | Path]) -> None:
    """Raise UsageError for pages of what none can play."""
    job, pages = jobs.of(recipe), [Path(out) for out in outs if (at := _format(out)) and at.page]
    if pages and job.films and not job.touched:
        raise UsageError(
            f"{pages[0].name} would be a page to be touched, and these play races and trainings alone so far; for "
            f"{job.called} type {pages[0].stem}.mp4"
        )


def _format(out: str | Path) -> Format | None:
    return FORMATS.get(Path(out).suffix.lower())


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
    check_films(made.recipe, outs)
    check_pages(made.recipe, outs)
    check_outputs(outs, force)
    check_texts(made.recipe)
    asked = Fraction(made.recipe.fps).limit_denominator(1001)
    alike: dict[Fraction, list[Path]] = {}
    for out in map(Path, outs):
        film = FORMATS[out.suffix.lower()].film
        alike.setdefault(film.rate(asked) if film else asked, []).append(out)
    notes = {Path(out): [_replacing(made, Path(out))] for out in outs}
    files: dict[Path, Written] = {}
    with np.errstate(all="ignore"):  # landscapes overflow far out; what is not finite is left blank
        for rate, paths in alike.items():
            scene = scene_of(made, rate)
            clips = {out: film for out in paths if (film := FORMATS[out.suffix.lower()].film)}
            pages = {out: page for out in paths if (page := FORMATS[out.suffix.lower()].page)}
            still = (out for out in paths if out not in clips and out not in pages)
            files |= {out: _write_still(made, scene, out, force) for out in still}
            files |= {out: _write_page(made, scene, out, page, force) for out, page in pages.items()}
            files |= _write_clips(made, scene, clips, force, progress) if clips else {}
            notes[paths[0]].append(_unsaid(scene))
    return [_told(files[out], out, *told) for out, told in notes.items()]


def _told(file: Written, out: Path, replaced: str, unsaid: str = "") -> Written:
    """The file with a note about the one that it replaced, if it did: where that name was held nothing is replaced."""
    notes = replaced if file.path.name == out.name else "", file.note, unsaid
    return dataclasses.replace(file, note="; ".join(filter(None, notes)))


def _unsaid(scene: Scene) -> str:
    """A sentence about what its viewer cannot know from a page: the caption of a bare one, a formula without room."""
    from gdviz.draw.layout import arrange
    from gdviz.draw.text import Glyphs
    from gdviz.scene.paper import reads, suited

    if not reads(scene.theme):
        other = suited(scene.theme.page)
        hint = f"; theme {other} reads better" if other != scene.theme.name else ""
        return f"words of theme {scene.theme.name} can hardly be read on {scene.theme.page}{hint}"
    if scene.unsaid:
        return f"the page is bare and does not say: {scene.unsaid.replace('$', '')}"
    if not scene.formula and len(scene.caption) < LONG:
        return ""
    page = arrange(scene, Glyphs(scene.font))
    if page.header.left_out:
        return "the formula has no room on the page, which says so in its place"
    return f"the page has no room for all of its caption and does not say: {page.untold}" if page.untold else ""


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

    def write(self, made: Made, progress: Progress | None = None) -> Files:
        """The paths as they were written, none of an open file; one named after the run where nobody said where to."""
        if self.file is None:
            outs = self.paths or (Path(f"{made.name}{self.ending}"),)
            written = render(made, outs, force=self.force, progress=progress)
            return Files(path for file in written for path in (file.path, *file.beside))
        if made.recipe.stops:
            raise OutputError("an open file takes no stops, which are files of their own; give a path")
        with tempfile.TemporaryDirectory(prefix="gdviz-") as folder:  # encoders write by name
            (file,) = render(made, [Path(folder) / f"picture{self.ending}"], progress=progress)
            data = file.path.read_bytes()
        self.file.write(data)
        return Files()


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


def _record_of(made: Any, scene: Scene) -> int:
    """The record that a still shows: that of the recipe's step, or the last."""
    return scene.records - 1 if made.recipe.at is None else int(abs(made.t - made.recipe.at).argmin())


def draw_into(made: Made, given: Any, name: str | None) -> Any:
    """Draw the panels of a name, or else those that the page has, into the user's axes, which are returned.

    given: axes, or as many as there are panels, in whatever arrangement; without a name single axes get the first
    panel. name: "main", or what a panel is asked for by. Raises UsageError.
    """
    from gdviz.draw import subplot

    single = not isinstance(given, (list, tuple, np.ndarray))
    targets = [given] if single else list(np.asarray(given, object).ravel())
    for number, one in enumerate(targets):
        subplot.check(one, "ax" if single else f"ax[{number}]")
    check_texts(made.recipe)
    with np.errstate(all="ignore"):
        scene = scene_of(made)
    panels = [panel for panel in scene.placed if name is None or name in (panel.name, panel.area)]
    panels = panels[:1] if single and name is None else panels
    if not panels:
        known = ", ".join(dict.fromkeys(panel.name or panel.area for panel in scene.placed))
        raise UsageError(f"panel='{name}' is none of this picture, which has {known}; name one of these")
    if len(panels) != len(targets):
        raise UsageError(f"ax has {len(targets)} axes for {len(panels)} panels; give as many, as in ax=figure.axes")
    for one, panel in zip(targets, panels, strict=True):
        subplot.draw_into(one, scene.standing(_record_of(made, scene)), panel, _record_of(made, scene))
    return given


def _metadata(recipe: Recipe, scene: Scene) -> dict[str, str]:
    return {"gdviz": recipe.text(), "title": scene.title, "software": f"gdviz {__version__}"}


def _write_clips(
    made: Made, scene: Scene, films: dict[Path, Film], force: bool, progress: Progress | None
) -> dict[Path, Written]:
    """Clips of one scene, with the stops beside them where these are asked for.

    Every frame of a clip is drawn once and handed to all formats. None takes its name before all are whole.
    """
    from gdviz.draw.render import Renderer

    renderer, clock, stopped = Renderer(scene), scene.clock, made.recipe.stops
    stills = {out: _stills(made, clock, out) if stopped else {} for out in films}
    parts = (
        [{_part(out, k): film for out, film in films.items()} for k in range(1, len(clock.stops))] if stopped else []
    )
    beside = {out: [*stills[out], *(list(part)[k] for part in parts)] for k, out in enumerate(films)}
    for path in (path for out in films for path in beside[out]):
        check_target(path, force)
    cuts = [(films, clock.moment), *zip(parts, clock.parts, strict=False)]
    done, frames, names = 0, sum(len(moments) for _, moments in cuts), ", ".join(out.name for out in films)
    files: dict[Path, Target | Writer] = {}
    with contextlib.ExitStack() as stack:
        for named, moments in cuts:
            writers = {
                out: stack.enter_context(
                    open_writer(
                        out,
                        size=scene.size,
                        fps=clock.fps,
                        metadata=_metadata(made.recipe, scene),
                        replace=force,
                        palette_frames=(renderer.at(int(k), k) for k in moments[film.sampled(len(moments))].tolist()),
                        draft=made.recipe.draft,
                    )
                )
                for out, film in named.items()
            }
            for moment in moments.tolist():
                frame = renderer.at(int(moment), moment)
                for writer in writers.values():
                    writer.write(frame, renderer.changed)
                done += 1
                if progress is not None:
                    progress(done, frames, names)
            for writer in writers.values():
                writer.finish()
            files |= writers
        for path, record in {path: k for named in stills.values() for path, k in named.items()}.items():
            files[path] = target = stack.enter_context(atomic(path, replace=force))
            _write_stop(made, scene, renderer.at(record), record, target)
    told = {out: [*(files[path].note for path in (out, *beside[out])), _slower(made, scene, out)] for out in films}
    for out in films:
        if stopped and files[out].path.name == out.name:
            told[out].append(_tidied(out, {path.name for path in files}))
    return {
        out: Written(files[out].path, "; ".join(filter(None, told[out])), tuple(files[p].path for p in beside[out]))
        for out in films
    }


def _stills(made: Any, clock: Timeline, out: Path) -> dict[Path, int]:
    """The stills beside a clip, and the records that they show."""
    return {
        out.with_name(f"{out.stem}.stop-{k:02}.step-{made.t[record]:04}{STILL}"): record
        for k, record in enumerate(clock.stops)
    }


def _part(out: Path, number: int) -> Path:
    """The clip beside a clip that ends at the stop of a number."""
    return out.with_name(f"{out.stem}.part-{number:02}{out.suffix}")


def _tidied(out: Path, written: Collection[str]) -> str:
    """Remove the stops and parts that an earlier film of that name, of more of them, left beside it, and say so."""
    stop, part = rf"stop-\d+\.step-\d+{re.escape(STILL)}", rf"part-\d+{re.escape(out.suffix)}"
    left = re.compile(rf"{re.escape(out.stem)}\.({stop}|{part})")
    gone = []
    for path in sorted(out.absolute().parent.iterdir()):
        if path.name not in written and left.fullmatch(path.name) and carries_recipe(path):
            with contextlib.suppress(OSError):  # it is open in a player: it stays
                path.unlink()
                gone.append(path.name)
    return f"{', '.join(gone)} of an earlier film {'are' if len(gone) > 1 else 'is'} removed" if gone else ""


def _write_stop(made: Any, scene: Scene, frame: NDArray[np.uint8], record: int, target: Target) -> None:
    recipe = made.recipe.updated(stops=False, at=int(made.t[record]))
    pixels = FORMATS[STILL].pixels
    assert pixels is not None
    pixels(target, frame, scene.dpi or 96.0, _metadata(recipe, scene))


def _slower(made: Made, scene: Scene, out: Path) -> str:
    """A sentence where a format cannot show the rate that was asked for."""
    asked, given = made.recipe.fps, float(scene.clock.fps)
    if "fps" not in made.recipe.model_fields_set or abs(given - asked) < 0.01 * asked:
        return ""
    film = FORMATS[out.suffix.lower()].film
    return f"{out.name} shows {given:.4g} frames a second, not {asked:g}: {film.told if film else ''}"


UPRIGHT = "720x1280"
"""The second layout of a page that plays, for windows that are higher than wide: phones."""

LARGER = 1.45
"""How much larger its letters are, so that they can be read where it is four inches high."""

NARROW = 0.8
"""Width over height of a page up to which it suits such a window itself."""


def _write_page(made: Made, scene: Scene, out: Path, page: Callable[..., None], force: bool) -> Written:
    from gdviz.draw.score import score

    scenes = [scene]
    # pictures that come and go are most of what a page holds: twice of them would be too much
    if scene.size[0] > NARROW * scene.size[1] and not scene.pictured:
        size = min(LARGER * made.recipe.font_size, 3.0)
        upright = cast(Any, made.recipe).updated(size=UPRIGHT, font_size=size)
        scenes.append(scene_of(dataclasses.replace(cast(Any, made), recipe=upright)))
    content = {**jobs.of(made.recipe).played(made, scene), **score(scenes)}
    with atomic(out, replace=force) as target:
        page(target, content, _metadata(made.recipe, scene))
    return Written(target.path, target.note)


def _write_still(made: Made, scene: Scene, out: Path, force: bool) -> Written:
    from gdviz.draw.render import picture, still

    format_ = FORMATS[out.suffix.lower()]
    record = _record_of(made, scene)
    metadata = _metadata(made.recipe, scene)
    scene = scene.standing(record)
    with atomic(out, replace=force) as target:
        if format_.pixels:
            format_.pixels(target, picture(scene, record), scene.dpi or 96.0, metadata)
        elif outlines := format_.outlines:
            still(scene, record, target, outlines.name, outlines.labels(metadata), outlines.settings)
    return Written(target.path, target.note)
