"""What runs are followed by at every step is what their paths, recorded at every step, tell of them."""

import dataclasses

import numpy as np
from rules import plan

from gdviz.backends import python
from gdviz.backends.trackers import Lowest, Nearest

TRACKERS = (Lowest(target=1.0), Nearest(np.array([[1.0, 1.0], [-1.0, 1.0]]), radius=0.3))


def expected(paths, trackers):
    """What trackers have to answer, told from paths recorded at every step."""
    found = {}
    for tracker in trackers:
        if isinstance(tracker, Lowest):
            f = np.where(np.isfinite(paths.f), paths.f, np.inf)
            low = f <= tracker.target
            found["best"], found["hit"] = f.min(axis=1), np.where(low.any(axis=1), low.argmax(axis=1), -1)
        else:
            steps = paths.x.shape[1]
            apart = np.linalg.norm(paths.x[:, :, None] - tracker.points, axis=-1)  # [lane, step, minimum]
            begins, ends = (np.where((apart[:, k] <= tracker.radius).any(axis=1), apart[:, k].argmin(axis=1), -1)
                            for k in (0, -1))  # fmt: skip
            near = apart <= tracker.radius
            lanes = np.arange(len(near))
            stays = near[lanes, ::-1, ends].cumprod(axis=1).sum(axis=1)
            out = ~near[lanes, :, begins]
            found["minimum"] = ends
            found["since"] = np.where(ends < 0, -1, steps - stays)
            found["left"] = np.where(begins < 0, -2, np.where(out.any(axis=1), out.argmax(axis=1), -1))
    return found


def assert_tracked(ours, theirs, rtol=0.0):
    assert ours.keys() == theirs.keys()
    for name, values in theirs.items():
        assert ours[name].shape == values.shape
        np.testing.assert_allclose(ours[name], values, rtol=rtol, err_msg=name)


def test_what_is_tracked_is_what_paths_tell():
    given = plan(steps=400, every=400, lr=0.02)
    paths = python.run(dataclasses.replace(given, every=1))
    found = python.run(given, trackers=TRACKERS).tracked
    assert_tracked(found, expected(paths, TRACKERS), rtol=1e-12)
    assert len({*found["minimum"].tolist()}) == 3 and (found["left"] >= 0).any() and (found["hit"] > 0).any()
