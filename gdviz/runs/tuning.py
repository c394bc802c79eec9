"""Fair play between optimizers: one rate for all, every rate tuned alike, or the same number of evaluations.

What is chosen depends on the recipe alone: starts are drawn with its seed, and grids are fixed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.backends import LOST, STATUSES
from gdviz.catalogue.options import resolve_options
from gdviz.errors import UsageError
from gdviz.plans.setting import Setting, make
from gdviz.recipe.entries import Entry, Tuned
from gdviz.recipe.options.race import Race
from gdviz.registry.definition import Definition
from gdviz.runs.execution import run_plans

Floats = NDArray[np.float64]

RATES = tuple(float(f"{digit}e{power}") for power in range(-4, 3) for digit in (1, 3) if (power, digit) != (2, 3))
"""Half-decade grid of rates that are searched: 0.0001, 0.0003, 0.001 … 30, 100."""

LOWER = tuple(float(f"{digit}e{power}") for power in range(-8, -4) for digit in (1, 3))
"""The grid below, for landscapes that are steeper than its lowest rate allows: 1e-8, 3e-8 … 3e-5."""

RESTLESS = 0.1
"""Share of the diagonal of a path's box over which its last quarter may at most go back and forth; see `open_rates`."""

STARTS = 64
"""Random starts in the domain from which every rate is tuned."""


@dataclasses.dataclass(frozen=True, eq=False)
class Racer:
    """An optimizer of a recipe: its entry, its definition, and all its options, resolved once."""

    entry: Entry
    definition: Definition
    options: Mapping[str, Any]

    @classmethod
    def of(cls, entry: Entry, definition: Definition) -> Racer:
        """Raises UsageError where an option does not fit."""
        entry = entry.model_copy(update={"options": definition.spelled(entry.options)})
        return cls(entry, definition, resolve_options(entry, definition))

    def at(self, rate: float | str) -> Racer:
        """With another learning rate, or "auto" for one that is open."""
        entry = self.entry.model_copy(update={"options": {**self.entry.options, "lr": rate}})
        return Racer(entry, self.definition, {**self.options, "lr": rate})

    @property
    def stated(self) -> float | None:
        """The rate that the entry or its preset states, a natural one included; None where it is open."""
        preset = self.definition.presets.get(self.entry.preset or "", {})
        rate = self.entry.options.get("lr", preset.get("lr"))
        if rate is None and "lr" in self.definition.parameters and not self.definition.searches_rate:
            rate = self.definition.parameters["lr"]
        return float(rate) if isinstance(rate, (int, float)) and np.isfinite(rate) else None

    @property
    def stating(self) -> Racer:
        """With its rate in its entry, also where that is the rule's own."""
        rate = self.options.get("lr", np.nan)
        return self.at(rate) if np.isfinite(rate) else self  # NaN: a foreign rule may leave its rate open


def tail_of(records: int) -> int:
    """How many of the last records make the end of a run: a tenth, so that a lucky last jump does not win."""
    return max(1, records // 10)


def settle_rates(setting: Setting, racers: Sequence[Racer]) -> tuple[tuple[Racer, ...], tuple[Tuned, ...]]:
    """The racers with the rates that the recipe's `fair` gives them, and what tuning found.

    What a recipe says of an earlier tuning is never believed: rates that it found are searched again. Raises UsageError
    where rates are stated that contradict `fair`, or where a rule has no rate that could be equal.
    """
    if setting.recipe.fair in ("lr", "tuned"):
        racers = _open_again(setting.recipe, racers)
    if setting.recipe.fair == "lr":
        return _equal(setting, racers), ()
    if setting.recipe.fair == "tuned":
        return _tune(setting, racers)
    return tuple(racers), ()


def _equal(setting: Setting, racers: Sequence[Racer]) -> tuple[Racer, ...]:
    """One rate for all: the one that is stated, else the one with the lowest mean rank among the grid's.

    Ranks are of the mean final loss from the recipe's starts, for each optimizer by itself; of equals (see `standings`)
    the earlier arrival is better, and those that arrive together share their rank. Rates at which any optimizer
    diverges or becomes undefined count last, the more of them the later.
    """
    for name in (racer.definition.name for racer in racers if "lr" not in racer.definition.parameters):
        raise UsageError(
            f"--fair lr gives all the same learning rate, and {name} has none; drop -o {name} or type --fair evals"
        )
    stated = {rate: racer.entry.name for racer in racers if (rate := racer.stated) is not None}
    if len(stated) > 1:
        said = " and ".join(f"{name} has {rate:g}" for rate, name in list(stated.items())[:2])
        raise UsageError(f"--fair lr gives all the same learning rate, but {said}; state one, or none")
    if stated:
        (rate,) = stated
    else:
        ranks, lost = np.zeros(len(RATES)), np.zeros(len(RATES), np.int64)
        for racer in racers:
            trials = tried(setting, racer, None, RATES)
            keys = standings(trials.f.mean(axis=1), trials.ends.mean(axis=1))
            ranks += ranked(keys)
            lost += trials.lost.any(axis=1)
        rate = RATES[min(range(len(RATES)), key=lambda i: (lost[i], ranks[i], i))]
    return tuple(racer.at(rate) for racer in racers)


def _tune(setting: Setting, racers: Sequence[Racer]) -> tuple[tuple[Racer, ...], tuple[Tuned, ...]]:
    """The rate of the grid with the lowest median of the final loss.

    Of equals (see `standings`) the one whose median got there first, then the one with lower quartiles.
    """
    points = random_starts(setting)
    settled, tuned = [], []
    for racer in racers:
        rate = racer.stated
        searched = racer.definition.searches_rate or racer.entry.options.get("lr") == "auto"
        if searched and rate is not None:
            raise UsageError(
                f"--fair tuned searches every rate, but {racer.entry.name} states {rate:g}; drop lr= or type --fair lr"
            )
        trials = tried(setting, racer, points, RATES if searched else ())
        quartiles = np.quantile(trials.ends, [0.25, 0.5, 0.75], axis=1, method="inverted_cdf").T
        keys = standings(np.quantile(trials.f, 0.5, axis=1, method="inverted_cdf"), quartiles[:, 1])
        best = min(range(len(keys)), key=lambda i: (*keys[i], quartiles[i, 2], quartiles[i, 0], i))
        low, middle, high = map(float, quartiles[best])
        if searched:
            rate = RATES[best]
            racer = racer.at(rate)
        tuned.append(Tuned(rate or 0.0, low, middle, high, float(len(points))))
        settled.append(racer)
    return tuple(settled), tuple(tuned)


def open_rates(setting: Setting, racers: Sequence[Racer]) -> tuple[Racer, ...]:
    """The racers with a rate in place of every `lr=auto`: the rate of the half-decade grid that teaches most.

    That is the one that ends lowest from these starts within these steps, or evaluations; of equals (see `standings`)
    the one that got there first. Only rates count that keep the path inside the box of domains and starts and never
    climb farther above the start than the best of them descends below it, unless none does. Where its path is restless
    at the end, the next lower rate that counts and whose path is not takes its place: restless is a path, or most of
    several starts', whose last quarter stretches over more than RESTLESS of the diagonal of the path's box and is at
    least twice as long as its ends are apart. So one that bounces across the picture is restless, and one that is
    still on its way is not. The path's box stands for the window, which holds it, whatever window is typed.

    Where no rate of the grid counts, or its lowest is taken and restless, rates below it are searched as well; that
    changes the rate only if the best of all lies among them.

    Racers of one definition, variants beside each other, share a rate: the one with the lowest mean rank among theirs
    that counts for all of them, or the next lower at which none is restless.
    """

    def taught(group: Sequence[int]) -> float:
        rate, _, good = _teaching([tried(setting, racers[i], None, RATES) for i in group], RATES)
        if good or rate > RATES[0]:
            return rate
        rates = (*LOWER, *RATES)
        lower, best, _ = _teaching([tried(setting, racers[i], None, rates) for i in group], rates)
        return lower if best < RATES[0] else rate

    return shared(racers, taught)


def shared(racers: Sequence[Racer], rate_of: Callable[[Sequence[int]], float]) -> tuple[Racer, ...]:
    """The racers with a rate in place of every `lr=auto`: racers of one definition, variants beside each other, have
    the one that `rate_of` answers for their places."""
    groups: dict[tuple[str, str], list[int]] = {}
    for i, racer in enumerate(racers):
        if racer.options.get("lr") == "auto":
            groups.setdefault((racer.definition.name, racer.definition.digest), []).append(i)
    rates: dict[int, float] = {}
    for group in groups.values():
        rates |= dict.fromkeys(group, rate_of(group))
    return tuple(racer.at(rates[i]) if i in rates else racer for i, racer in enumerate(racers))


def _teaching(variants: Sequence[Trials], rates: Sequence[float]) -> tuple[float, float, bool]:
    """The rate that variants of an optimizer share, the best in whose place it may be, and whether it counts and its
    paths are calm; see `open_rates`."""
    inside = np.all([trials.inside.all(axis=1) for trials in variants], axis=0)
    steady = np.all([~trials.lost.any(axis=1) for trials in variants], axis=0)
    tame = np.all([_tame(trials) for trials in variants], axis=0)
    for counts in (inside & steady & tame, inside & steady, steady):
        ends = [np.where(counts, trials.ends.mean(axis=1), np.inf) for trials in variants]
        if all(np.isfinite(end).any() for end in ends):
            pairs = zip(variants, ends, strict=True)
            ranks = np.sum([ranked(standings(trials.f.mean(axis=1), end)) for trials, end in pairs], axis=0)
            best = min(np.flatnonzero(counts).tolist(), key=lambda i: (ranks[i], i))
            calm = np.all([trials.calm for trials in variants], axis=0)
            chosen = next((i for i in range(best, -1, -1) if counts[i] and calm[i]), best)
            return rates[chosen], rates[best], bool(inside[chosen] and tame[chosen] and calm[chosen])
    return rates[0], rates[0], False


def _tame(trials: Trials) -> NDArray[np.bool_]:
    """bool[rate]: never climbs farther above the start than the best of those that stay inside descends below it."""
    f, ends = trials.f.mean(axis=1), trials.ends.mean(axis=1)
    counts = trials.inside.all(axis=1) & ~trials.lost.any(axis=1)
    return np.asarray(f.max(axis=1) <= 2 * f[0, 0] - np.where(counts, ends, np.inf).min())


def ranked(keys: Sequence[tuple[float, int]]) -> Floats:
    """float64[rate]: the rank of each; those that are equal share theirs."""
    return np.array([sum(other < key for other in keys) + (keys.count(key) - 1) / 2 for key in keys])


def standings(f: Floats, ends: Floats) -> list[tuple[float, int]]:
    """How well each rate did, the best being the least: its end, and of equals the record at which it arrived.

    f: float64[rate, record], the loss; ends: float64[rate], infinite for rates that do not count. Ends within 1e-6 of
    the whole descent to the best of them are equal.
    """
    best = float(ends.min())
    if not np.isfinite(best):
        return [(np.inf, 0)] * len(ends)
    line = best + 1e-6 * max(float(f[0, 0]) - best, 0.0)
    return [
        (best, int(np.flatnonzero(row > line).max(initial=-1))) if end <= line else (float(end), 0)
        for row, end in zip(f, ends, strict=True)
    ]


def _open_again(recipe: Race, racers: Sequence[Racer]) -> tuple[Racer, ...]:
    """The racers without the rates that an earlier tuning found."""
    rates = {row.rate for row in recipe.tuned}
    return tuple(
        racer.at("auto") if racer.definition.searches_rate and racer.entry.options.get("lr") in rates else racer
        for racer in racers
    )


def random_starts(setting: Setting) -> Floats:
    """float64[start, dim]: seeded points of the domain at which the landscape is finite."""
    low, high = np.array(setting.domain).T
    points = np.random.default_rng(setting.recipe.seed).uniform(low, high, (STARTS, len(low)))
    with np.errstate(all="ignore"):
        f = setting.objective.value(points.T)
    if not np.isfinite(f).any():
        raise UsageError(f"{setting.objective.name} is not finite at any random start of its domain; drop --fair tuned")
    return points[np.isfinite(f)]


@dataclasses.dataclass(frozen=True, eq=False)
class Trials:
    """What became of an optimizer at every rate, from every start at which the landscape is finite.

    f: float64[rate, start, record], the loss, infinite where it is not finite and for runs that were lost; ends:
    float64[rate, start], its mean over the last tenth of the steps; lost: bool[rate, start], diverged or undefined;
    inside: bool[rate, start], never outside the box of domains and starts. spread: float64[rate, start], the diagonal
    of the path's box; wander: that of its last quarter where this goes back and forth, else 0. Both as if the
    landscape's own box had sides of 1.
    """

    f: Floats
    ends: Floats
    lost: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    spread: Floats
    wander: Floats

    @property
    def calm(self) -> NDArray[np.bool_]:
        """bool[rate]: at which most paths are not restless at the end; see `open_rates`."""
        return np.asarray((self.wander > RESTLESS * self.spread).mean(axis=1) <= 0.5)


def tried(setting: Setting, racer: Racer, points: Floats | None, rates: Sequence[float]) -> Trials:
    """Run an optimizer at every rate.

    points: float64[start, dim], by default the recipe's; rates: none to keep its own, which is then one row.
    """
    racer = racer.at(rates[0]) if rates else racer
    plan = make(setting, racer.entry, racer.definition, racer.options, points)
    plan = dataclasses.replace(plan, every=max(1, plan.steps // 300))  # whatever the recipe records
    shape = (max(len(rates), 1), len(plan.start))
    if rates:
        plan = plan.with_lanes(lr=np.array(rates))
    paths = run_plans([plan], setting.recipe, None)[1][0]
    low, high = _known(setting, plan.start)
    inside = np.all((paths.x >= low) & (paths.x <= high), axis=(1, 2)).reshape(shape)
    lost = np.isin(np.array(STATUSES)[paths.status], LOST).reshape(shape)
    f = np.where(np.isfinite(paths.f), paths.f, np.inf).astype(np.float64).reshape(*shape, -1)
    f[lost, 1:] = np.inf
    begun = np.isfinite(f[0, :, 0]) | ~np.isfinite(f[0, :, 0]).any()
    f = f[:, begun]
    spread, wander = (way.reshape(shape)[:, begun] for way in _ways(setting, paths.x))
    return Trials(f, f[:, :, -tail_of(f.shape[2]) :].mean(axis=2), lost[:, begun], inside[:, begun], spread, wander)


def _ways(setting: Setting, x: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """How far paths dtype[lane, record, dim] spread, and how far they wander in their last quarter; see `Trials`."""
    dimension = x.shape[-1]
    low, high = np.array(setting.landscape.domain(dimension) or setting.domain).T
    x = x / (high - low)
    last = x[:, x.shape[1] - 1 - (x.shape[1] - 1) // 4 :]
    with np.errstate(over="ignore", invalid="ignore"):  # runs that are lost, of which none counts
        spread, stretch = (np.sqrt((np.ptp(part, axis=1) ** 2).sum(axis=-1)) for part in (x, last))
        length = np.sqrt((np.diff(last, axis=1) ** 2).sum(axis=-1)).sum(axis=1)
        apart = np.sqrt(((last[:, -1] - last[:, 0]) ** 2).sum(axis=-1))
        return spread, np.where(length >= 2 * apart, stretch, 0.0)


def _known(setting: Setting, starts: Floats) -> tuple[Floats, Floats]:
    """Low and high corner, float64[dim] each, of the box of the domain, the landscape's own, and starts.

    So neither a closer look nor a start outside the domain changes which rates keep their paths inside.
    """
    dimension = len(setting.domain)
    corners = np.array([*setting.domain, *setting.landscape.domain(dimension)]).reshape(-1, dimension, 2)
    low = np.concatenate([corners[..., 0], starts]).min(axis=0)
    return low, np.concatenate([corners[..., 1], starts]).max(axis=0)
