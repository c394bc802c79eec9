"""What a page that plays weighs: its own code, outlines without points that nobody misses, long runs by their film."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest

from gdviz import jobs
from gdviz.artefacts import render
from gdviz.draw.score import MOST, PART, slimmed
from gdviz.encode.formats import html
from gdviz.recipe.recipe import validate


def data_of(page: Path) -> dict:
    found = re.search(r'id="data">([^<]*)</script>', page.read_text(encoding="utf-8"))
    assert found is not None
    return json.loads(zlib.decompress(base64.b64decode(found[1])))


def distances(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """From each point to the nearest place of a line of pieces."""
    a, b = line[:-1, None], line[1:, None]
    along = b - a
    share = ((points - a) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-300)
    return np.hypot(*np.moveaxis(a + np.clip(share, 0, 1)[..., None] * along - points, -1, 0)).min(0)


@pytest.mark.parametrize("shape", ["line", "arc", "noise", "closed"])
def test_outlines_lose_points_that_nobody_misses(shape: str) -> None:
    t = np.linspace(0, 1, 200)
    there = {
        "line": np.c_[900 * t, 300 * t],
        "arc": np.c_[400 * np.cos(3 * t), 400 * np.sin(3 * t)],
        "noise": np.c_[900 * t, 50 * np.random.default_rng(0).normal(size=200)],
        "closed": np.c_[400 * np.cos(2 * np.pi * t), 400 * np.sin(2 * np.pi * t)],
    }[shape]
    whole = np.concatenate([there, np.add(there[::-1], (0, 3))])
    slim = slimmed(whole)
    assert distances(whole, slim).max() <= 0.5 / PART + 1e-9
    assert {tuple(point) for point in slim} <= {tuple(point) for point in whole}
    assert len(slim) <= (8 if shape == "line" else 400)


def test_outlines_that_are_one_point_stay_so() -> None:
    same = np.ones((40, 2))
    assert np.array_equal(slimmed(same)[[0, -1]], same[:2])
    unknown = np.full((40, 2), np.nan)
    assert slimmed(unknown) is unknown


def test_the_code_of_a_page_is_small() -> None:
    assert sum(len(html._own(name).encode()) for name in ("clip.html", "clip.css", "clip.js")) < 150_000


def test_a_long_training_has_the_outlines_of_its_film(tmp_path: Path) -> None:
    recipe = {
        "model": {"name": "linear"},
        "data": {"name": "line"},
        "batch": 1,
        "steps": MOST + 1,
        "optimizer": [{"name": "gd", "options": {"lr": 0.01}}],
        "panel": ["data"],
        "size": "640x360",
        "seconds": 1.0,
    }
    made = jobs.make(validate(recipe))
    render(made, [tmp_path / "long.html"])
    data = data_of(tmp_path / "long.html")
    frames = data["clock"]["fps"]
    moved = [stage["others"] for sheet in data["sheets"] for stage in sheet["stages"] if stage["others"]["since"]]
    assert moved and all(len(one["since"]) <= frames + 2 for one in moved)
    assert (tmp_path / "long.html").stat().st_size < 500_000
