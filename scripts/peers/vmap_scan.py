"""The work of works.py in JAX: a step of one run, mapped over all, scanned over the steps, compiled as one.

    python scripts/peers/vmap_scan.py [paths] [mlp] [trainability] [basins] [--largest N]

Figures of `jax` begin and end with NumPy's arrays, as those of gdviz do; `jax-kernel` begins and ends on the device.
Where JAX finds no device they are those of the processor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

BEGUN = time.perf_counter()  # before JAX is imported, as the first run of a process needs it

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

import works  # isort: skip  # noqa: E402

Array = Any
jax.config.update("jax_enable_x64", True)


def rosenbrock(x: Array, y: Array) -> Array:
    """The valley."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def rastrigin(x: Array, y: Array) -> Array:
    """The egg box."""
    return 20 + x * x - 10 * jnp.cos(2 * jnp.pi * x) + y * y - 10 * jnp.cos(2 * jnp.pi * y)


LANDSCAPES = {"rosenbrock": rosenbrock, "rastrigin": rastrigin}


class Run(NamedTuple):
    """A run of two coordinates: where it is, Adam's averages, how it ended so far (see paths.cu) and its first loss.

    No array has an axis of coordinates: reductions over two numbers would keep XLA from making one kernel of a step.
    """

    p: tuple[Array, Array]
    m: tuple[Array, Array]
    v: tuple[Array, Array]
    status: Array
    stopped: Array
    left: Array
    away: Array
    begun: Array


class Basin(NamedTuple):
    """What is known of a run beside its path, see paths.cu."""

    minimum: Array
    since: Array
    left: Array
    best: Array


def run_from(landscape: str, start: Array, steps: int) -> Run:
    """A run as it begins at dtype[2]."""
    p = start[0], start[1]
    f, nothing = LANDSCAPES[landscape](*p), (jnp.zeros_like(p[0]), jnp.zeros_like(p[0]))
    sound = jnp.isfinite(f)
    status = jnp.where(sound, 0, 3).astype(jnp.int8)
    stopped = jnp.where(sound, steps, 0).astype(jnp.int32)
    return Run(p, nothing, nothing, status, stopped, jnp.int32(-1), jnp.bool_(False), f)


def both(asked: Callable[[Array], Array], pair: tuple[Array, Array]) -> Array:
    """Whether something is true of two numbers."""
    return asked(pair[0]) & asked(pair[1])


def adam_step(landscape: str, lr: float, run: Run, at: tuple[Array, Array]) -> Run:
    """A step of Adam with its guard; a run that has stopped stays as it is."""
    (t, gain), f = at, LANDSCAPES[landscape]
    beta1, beta2, eps = (works.ADAM[name] for name in ("beta1", "beta2", "eps"))
    centre, reach = works.GUARDS[landscape]
    g = jax.grad(f, (0, 1))(*run.p)
    m = tuple(beta1 * a + (1 - beta1) * b for a, b in zip(run.m, g, strict=True))
    v = tuple(beta2 * a + (1 - beta2) * b * b for a, b in zip(run.v, g, strict=True))
    moved = zip(run.p, m, v, strict=True)
    p = tuple(a - lr * (b * gain[0]) / (jnp.sqrt(c * gain[1]) + eps) for a, b, c in moved)
    apart = abs(p[0] - centre[0]), abs(p[1] - centre[1])
    going = run.status == 0
    lost = going & run.away & ~both(jnp.isfinite, g)
    unsound = going & ~lost & ~both(jnp.isfinite, p)
    moves = going & ~lost & ~unsound
    away = moves & ~both(lambda a: a <= reach, apart)
    value = f(*p)
    beyond = away & ~(both(lambda a: a <= works.FAR * reach, apart) & jnp.isfinite(value) & (value <= run.begun))
    status = jnp.where(lost | beyond | (unsound & run.away), 2, jnp.where(unsound, 3, run.status)).astype(jnp.int8)
    stopped = jnp.where(lost, t - 1, jnp.where(unsound | beyond, t, run.stopped)).astype(jnp.int32)
    left = jnp.where(away & ~beyond & (run.left < 0), t, run.left).astype(jnp.int32)
    kept = jax.tree.map(lambda new, old: jnp.where(moves, new, old), (p, m, v), (run.p, run.m, run.v))
    return Run(kept[0], kept[1], kept[2], status, stopped, left, away, run.begun)


def ends(landscape: str, run: Run) -> dict[str, Array]:
    """What a run came to."""
    value = jnp.where(run.status == 3, jnp.nan, LANDSCAPES[landscape](*run.p)).astype(run.p[0].dtype)
    return {"end": jnp.stack(run.p), "value": value, "status": run.status, "stopped": run.stopped, "left": run.left}


def over_steps(short: str, steps: int) -> tuple[Array, Array]:
    """What differs from step to step: its number, and Adam's gains."""
    return jnp.arange(1, steps + 1, dtype=jnp.int32), jnp.asarray(works.gains(short, steps))


def paths(landscape: str, short: str, steps: int = works.STEPS, lr: float = works.ADAM["lr"]) -> Callable[..., Array]:
    """A function of starts dtype[run, 2]: end, value, status, stopped, left."""

    def step(run: Run, now: tuple[Array, Array]) -> tuple[Run, None]:
        return adam_step(landscape, lr, run, now), None

    def descend(start: Array, at: tuple[Array, Array]) -> dict[str, Array]:
        return ends(landscape, jax.lax.scan(step, run_from(landscape, start, steps), at)[0])

    mapped = jax.jit(jax.vmap(descend, in_axes=(0, None)))
    at = over_steps(short, steps)
    return lambda start: mapped(start, at)


def basins(steps: int = works.STEPS, lr: float = works.ADAM["lr"]) -> Callable[..., Array]:
    """A function of starts float64[run, 2] on Rosenbrock's valley: value, best, status, stopped, minimum, since,
    left."""
    radius = works.BASINS.radius**2

    def place(p: tuple[Array, Array]) -> Array:
        found, closest = jnp.int32(-1), jnp.float64(jnp.inf)
        for number, (x, y) in enumerate(works.BASINS.minima):
            apart = (p[0] - x) ** 2 + (p[1] - y) ** 2
            nearer = (apart <= radius) & (apart < closest)
            found, closest = jnp.where(nearer, jnp.int32(number), found), jnp.where(nearer, apart, closest)
        return found

    def look(basin: Basin, run: Run, t: Array) -> Basin:
        f, found = rosenbrock(*run.p), place(run.p)
        other = found != basin.minimum
        first = jnp.where(found >= 0, -1, -2)
        left = jnp.where(t == 0, first, jnp.where(other & (basin.left == -1), t, basin.left)).astype(jnp.int32)
        since = jnp.where((t == 0) | other, t, basin.since).astype(jnp.int32)
        return Basin(found, since, left, jnp.where(jnp.isfinite(f) & (f < basin.best), f, basin.best))

    def step(held: tuple[Run, Basin], now: tuple[Array, Array]) -> tuple[tuple[Run, Basin], None]:
        run = adam_step("rosenbrock", lr, held[0], now)
        return (run, look(held[1], run, now[0])), None

    def descend(start: Array, at: tuple[Array, Array]) -> dict[str, Array]:
        run = run_from("rosenbrock", start, steps)
        nothing = Basin(jnp.int32(-1), jnp.int32(0), jnp.int32(-2), jnp.float64(jnp.inf))
        (run, basin), _ = jax.lax.scan(step, (run, look(nothing, run, jnp.int32(0))), at)
        came = {"minimum": basin.minimum, "since": jnp.where(basin.minimum < 0, -1, basin.since), "left": basin.left}
        kept = {name: of for name, of in ends("rosenbrock", run).items() if name in ("value", "status", "stopped")}
        return {**kept, "best": basin.best, **came}

    mapped = jax.jit(jax.vmap(descend, in_axes=(0, None)))
    at = over_steps("f64", steps)
    return lambda start: mapped(start, at)


def mlp(steps: int = works.MLP.steps, batch: int = works.MLP.batch) -> Callable[..., Array]:
    """A function of initial weights, a list of arrays [network, …], of samples and of keys [network]: the weights, and
    the losses of all samples at both ends, [network, 2]. Batches are drawn with JAX's own random numbers."""
    beta1, beta2, eps, lr = (works.ADAM[name] for name in ("beta1", "beta2", "eps", "lr"))

    def loss(w: list[Array], X: Array, y: Array) -> Array:
        z = jnp.tanh(X @ w[0] + w[1]) @ w[2] + w[3]
        return jnp.mean(jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z))))

    def train(w: list[Array], key: Array, X: Array, y: Array, at: tuple[Array, Array]) -> tuple[list[Array], Array]:
        def step(held: tuple[list[Array], ...], now: tuple[Array, Array]) -> tuple[tuple[list[Array], ...], None]:
            (w, m, v), (t, gain) = held, now
            rows = jax.random.randint(jax.random.fold_in(key, t), (batch,), 0, len(X))
            g = jax.grad(loss)(w, X[rows], y[rows])
            m = [beta1 * a + (1 - beta1) * b for a, b in zip(m, g, strict=True)]
            v = [beta2 * a + (1 - beta2) * b * b for a, b in zip(v, g, strict=True)]
            moved = zip(w, m, v, strict=True)
            return ([a - lr * (b * gain[0]) / (jnp.sqrt(c * gain[1]) + eps) for a, b, c in moved], m, v), None

        nothing = [jnp.zeros_like(part) for part in w]
        (end, _, _), _ = jax.lax.scan(step, (w, nothing, nothing), at)
        return end, jnp.stack([loss(w, X, y), loss(end, X, y)])

    mapped = jax.jit(jax.vmap(train, in_axes=(0, 0, None, None, None)))
    at = over_steps("f32", steps)
    return lambda w, key, X, y: mapped(w, key, X, y, at)


def small_networks(networks: int) -> tuple[list[Array], Array, Array, Array]:
    """Initial weights, keys and samples of the small networks."""
    rng, hidden = np.random.default_rng(2), works.MLP.hidden
    X, y = works.samples(works.MLP.samples)
    shapes = ((networks, 2, hidden), (networks, hidden), (networks, hidden), (networks,))
    w = [rng.normal(size=shape).astype(np.float32) * (k in (0, 2)) for k, shape in enumerate(shapes)]
    return w, jax.random.split(jax.random.key(0), networks), X.astype(np.float32), y.astype(np.float32)


def trainability(steps: int, window: int) -> Callable[..., Array]:
    """A function of what networks share, and of the rates of both layers, float64[network]: score."""
    largest = works.TRAINABILITY.largest

    def train(theta: tuple[Array, Array], X: Array, y: Array, rate_w: Array, rate_v: Array) -> Array:
        width = X.shape[1]

        def loss(theta: tuple[Array, Array]) -> Array:
            hidden = jnp.tanh(X @ theta[0] * jnp.sqrt(2 / width))
            return jnp.mean((hidden @ theta[1] / width - y) ** 2)

        def step(held: tuple[Any, ...], t: Array) -> tuple[tuple[Any, ...], None]:
            (w, v), first, lost, total, inverse, late = held
            seen, (slope_w, slope_v) = jax.value_and_grad(loss)((w, v))
            lost = lost | ~jnp.isfinite(seen)
            f = jnp.where(lost, largest, seen)
            first = jnp.where(t == 0, f, first)
            f = jnp.minimum(f / first, largest)
            late = late + jnp.where(t >= steps - window, f, 0)
            sums = total + f, inverse + 1 / jnp.maximum(f, 1 / largest), late
            return ((w - rate_w * slope_w, v - rate_v * slope_v), first, lost, *sums), None

        nothing = jnp.float64(0)
        begun = (theta, jnp.float64(1), jnp.bool_(False), nothing, nothing, nothing)
        (_, _, _, total, inverse, late), _ = jax.lax.scan(step, begun, jnp.arange(steps))
        return jnp.where(late / min(window, steps) < 1, -total, inverse)

    return jax.jit(jax.vmap(train, in_axes=(None, None, None, 0, 0)))


def shared(problem: works.Problem) -> tuple[tuple[Array, Array], Array, Array]:
    """What networks of a map share, as `trainability` takes it."""
    width = problem.X.shape[1]
    return (problem.start[: width * width].reshape(width, width), problem.start[width * width :]), problem.X, problem.y


def calls(group: str, largest: int) -> Iterator[tuple[str, Callable[..., Array], Any, float, str]]:
    """Of a group: the name of a figure, what does the work, of what, what it comes to in units of `unit`, and that."""
    if group == "paths":
        for work in works.PATHS:
            if work.runs <= largest:
                amount = 1e-6 * work.runs * works.STEPS
                yield work.name, paths(work.landscape, work.short), (work.starts,), amount, "Mstep/s"
    elif group == "mlp":
        for networks in works.MLP.networks:
            if networks <= largest:
                amount = 1e-6 * networks * works.MLP.steps * works.MLP.batch
                yield f"mlp/f32/{works.power(networks)}", mlp(), small_networks(networks), amount, "Msample/s"
    elif group == "trainability":
        side, width, steps, window, *_ = works.TRAINABILITY
        if side * side <= largest:
            given = (*shared(works.problem(width)), *works.rates(side))
            name, amount = f"trainability/f64/{works.power(side * side)}", 1e-3 * side**2 * steps
            yield name, trainability(steps, window), given, amount, "kstep/s"
    else:
        side = works.BASINS.side
        if side * side <= largest:
            amount = 1e-6 * side**2 * works.STEPS
            yield f"basins/f64/{works.power(side * side)}", basins(), (works.grid(side),), amount, "Mstep/s"


def main() -> None:
    """Print the figures that are asked for."""
    options = works.asked(__doc__)
    cold = None
    for group in options.groups:
        for name, work, given, amount, unit in calls(group, options.largest):
            jax.block_until_ready(work(*given))
            if cold is None:
                cold = time.perf_counter() - BEGUN
                works.report(f"{group}/cold/jax", cold, "s")
            whole = works.best(lambda: jax.tree.map(np.asarray, work(*given)))  # noqa: B023
            held = jax.device_put(given)
            alone = works.best(lambda: jax.block_until_ready(work(*held)))  # noqa: B023
            works.report(f"{name}/jax", amount / whole, unit)
            works.report(f"{name}/jax-kernel", amount / alone, unit)


if __name__ == "__main__":
    main()
