"""A network of dense layers on data: the mean loss over samples as a function of all its parameters."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.emit.dense import NetworkText
from gdviz.emit.network import HEAD, network_points_text, network_text, restated
from gdviz.errors import UsageError
from gdviz.objectives.architecture import Architecture
from gdviz.objectives.batches import FULL, Batch
from gdviz.objectives.objective import Array, Draw, Objective
from gdviz.objectives.pairs import Pair, pair
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.loss import LossFacts

AT_ONCE = 2**20
"""Numbers that NumPy has of the widest layer at a time: 8 MB in float64. Samples beyond follow in further blocks."""

NEAREST = 2**14
"""Bytes of weights that a tile holds at most: they, their slopes and what a rule keeps stay in the near caches."""

FAR = 2**20
"""Bytes of the weights of one lane beyond which a tile is as narrow as it can be: its memory is what counts then."""


@dataclasses.dataclass(frozen=True, eq=False)
class Network(Objective):
    """The mean of `loss` over samples X, float64[sample, feature], and targets y, [sample], numbers of classes where
    the loss sees all outputs, and beside it l1 Σ|w| + l2 Σw² over the weights; biases cost nothing.

    Steps see batches, values without a draw are of all samples. Nothing is halved: the slope of a mean square of m
    samples is 2/m times the sum of errors times inputs. Kernels add samples and inputs one by one, NumPy as its
    products of matrices do; both agree but for what rounding makes of that. Schedules watch the loss, without
    penalties, of `validation`, samples and targets that no step sees, where there are some. Where targets number
    `classes`, networks are also judged by the share of samples that they tell rightly: by their largest output, or of
    one output by the loss's boundary. Raises UsageError for data that do not fit the network, and for a batch that is
    larger than they are.
    """

    architecture: Architecture
    loss: Definition
    loss_options: Mapping[str, Any]
    X: NDArray[np.float64]
    y: NDArray[Any]
    batch: Batch = FULL
    l1: float = 0.0
    l2: float = 0.0
    name: str = "network"
    validation: tuple[NDArray[np.float64], NDArray[Any]] | None = None
    classes: bool = False

    def __post_init__(self) -> None:
        sizes = self.architecture.sizes
        features = self._seen.shape[1]
        if features != sizes[0]:
            raise UsageError(f"the network takes {sizes[0]} features, and the samples have {features}")
        if len(self.y) != len(self.X) or not len(self.X):
            raise UsageError(f"{len(self.X)} samples need as many targets, and at least one; there are {len(self.y)}")
        if sizes[-1] > 1 and not self.loss.variadic:
            raise UsageError(f"{self.loss.name} is of one output, and the network has {sizes[-1]}; use cross_entropy")
        self.batch.drawn_of(len(self.X))

    @cached_property
    def _seen(self) -> NDArray[np.float64]:
        return np.ascontiguousarray(self.architecture.seen(np.asarray(self.X, np.float64)))

    @property
    def origin(self) -> str:
        """The widths of its layers."""
        return f"a network {'-'.join(map(str, self.architecture.sizes))}"

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the architecture."""
        return self.architecture.names

    @property
    def dim(self) -> int:
        """Number of parameters."""
        return self.architecture.dim

    @property
    def parts(self) -> tuple[slice, ...]:
        """Weights and biases of each layer."""
        return tuple(slice(layer.weights.start, layer.biases.stop) for layer in self.architecture.layers)

    @cached_property
    def digest(self) -> str:
        """Of the layers, activation, loss, batches, penalties and all samples."""
        of = self.architecture
        layers = (of.sizes, of.bias, of.scales, of.activation.digest, sorted(of.activation_options.items()))
        loss = (self.loss.digest, sorted(self.loss_options.items()))
        told = hashlib.sha256(repr((layers, loss, self.batch, self.l1, self.l2)).encode())
        for part in (self._seen, self.y, *(self.validation or ())):
            told.update(np.ascontiguousarray(part, np.float64).tobytes())
        return told.hexdigest()[:16]

    @cached_property
    def batched(self) -> bool:
        """Whether steps do not see all samples, or some twice."""
        return self.batch.drawn_of(len(self.X))

    @property
    def epoch(self) -> int:
        """By the size of the batch."""
        return self.batch.epoch(len(self.X))

    @property
    def searchable(self) -> bool:
        """No: its minima are no points that a search could list."""
        return False

    @property
    def compiled(self) -> bool:
        """A step costs NumPy too much for it ever to be the quicker way."""
        return True

    @property
    def weight(self) -> float:
        """A quarter of the samples that a step sees: kernels take 0.15 ns for each and parameter, and 0.6 ns for a
        coordinate of Rosenbrock's."""
        return max(1.0, len(self.X) / self.epoch / 4)

    @property
    def scratch(self) -> int:
        """Rows of the samples' way through the layers."""
        return self._text.scratch

    def lanes(self, dtype: np.dtype[Any]) -> int:
        """As many as keep weights near, from 16 to 64; half of the least where those of one lane fill a cache."""
        size = self.dim * dtype.itemsize
        return 8 if size > FAR else int(2 ** np.clip(np.floor(np.log2(NEAREST / size)), 4, 6))

    def undefinable(self, box: Any, dtype: str) -> tuple[bool, bool]:
        """Slopes are asked at every step. Values need not be, and would cost a pass over all samples: where one is no
        number, its slope is none or leads out of the guard."""
        return False, True

    def with_data(self, X: NDArray[np.float64], y: NDArray[Any]) -> Network:
        """The same network on all of other samples."""
        return dataclasses.replace(self, X=X, y=y, batch=FULL, validation=None)

    @property
    def watching(self) -> Network | None:
        """The network on the samples of validation."""
        if self.validation is None:
            return None
        return dataclasses.replace(self.with_data(*self.validation), l1=0.0, l2=0.0)

    @property
    def judging(self) -> Network:
        """What networks are judged on: the samples of validation, or those of training where there are none."""
        return self.watching or dataclasses.replace(self.with_data(self.X, self.y), l1=0.0, l2=0.0)

    def judged(self, W: Array) -> Array:
        """The mean loss, without penalties, and of classes the share that is told rightly, dtype[number, lane]."""
        told, y = self.predict(self.X, W), np.asarray(self.y)[:, None]
        values, _ = self._loss.python(W.dtype.name)(
            told if self.loss.variadic else told[0], y.astype(W.dtype), **self.loss_options
        )
        found = [np.ascontiguousarray(values.T).mean(axis=1)]  # of every lane alike, however many there are
        if self.classes:
            classes = told.argmax(axis=0) if len(told) > 1 else told[0] > LossFacts.of(self.loss).boundary
            found.append((classes == y).mean(axis=0, dtype=W.dtype))
        return np.stack(found)

    @property
    def answered(self) -> tuple[int, ...]:
        """Of the loss, and of classes of the share that is told rightly."""
        return (2 * self.dim, self._text.share) if self.classes else (2 * self.dim,)

    @property
    def at_once(self) -> int:
        """Networks that NumPy is asked at once: so few that all samples go through them together, so that a sum over
        these does not depend on the networks beside it."""
        return max(1, AT_ONCE // (len(self.X) * max(self.architecture.sizes)))

    def predict(self, inputs: NDArray[np.float64], W: Array) -> Array:
        """What networks of weights W, dtype[parameter, lane], answer to samples float64[sample, feature]:
        dtype[output, sample, lane], of logits these."""
        seen = self.architecture.seen(np.asarray(inputs, np.float64)).astype(W.dtype)
        parts = [self._upward(seen[some], _by_lane(W), False)[0][-1] for some in self._parts(len(seen), W.shape[1])]
        return np.ascontiguousarray(np.concatenate(parts, axis=1).transpose(2, 1, 0))

    def value(self, X: Array, draw: Draw | None = None) -> Array:
        """dtype[lane]."""
        return self._asked(X, draw, False)[0]

    def value_gradient(self, X: Array, draw: Draw | None = None) -> tuple[Array, Array]:
        """dtype[lane] and dtype[dim, lane]."""
        return self._asked(X, draw, True)

    def _asked(self, X: Array, draw: Draw | None, sloped: bool) -> tuple[Array, Array]:
        shape, dtype = X.shape[1:], X.dtype
        W = _by_lane(X.reshape(self.dim, -1))
        chosen = self.batch.chosen(len(self.X), draw) if draw is not None and self.batched else None
        count = len(self.X) if chosen is None else len(chosen)
        f, G = np.zeros(len(W), dtype), np.zeros_like(W)
        inputs, targets = self._seen.astype(dtype), np.asarray(self.y, dtype)
        both = self._loss.python(dtype.name)
        with np.errstate(all="ignore"):
            for some in self._parts(count, len(W)):
                a = inputs[some] if chosen is None else inputs[chosen[some].T]
                y = targets[some] if chosen is None else targets[chosen[some].T]
                units, slopes = self._upward(a, W, sloped)
                z = units[-1]
                values, d = both(np.moveaxis(z, -1, 0) if self.loss.variadic else z[..., 0], y, **self.loss_options)
                f += values.sum(axis=-1)
                if sloped:
                    self._downward(units, slopes, np.moveaxis(d, 0, -1) if self.loss.variadic else d[..., None], W, G)
            share = dtype.type(1) / dtype.type(count)
            f, G = f * share, G * share
            if self.l1 or self.l2:
                l1, l2 = dtype.type(self.l1), dtype.type(self.l2)
                for layer in self.architecture.layers:
                    w = W[:, layer.weights]
                    f += (l1 * np.abs(w) + l2 * w * w).sum(axis=1)
                    G[:, layer.weights] += l1 * np.sign(w) + 2 * l2 * w
        return f.reshape(shape), np.ascontiguousarray(G.T).reshape(X.shape)

    def _upward(self, a: Array, W: Array, sloped: bool) -> tuple[list[Array], list[Array]]:
        """Units of every layer, dtype[lane, sample, unit], from features [sample, …] or [lane, sample, …] on, and the
        slopes of the hidden ones by their sums; W: dtype[lane, dim]."""
        units, slopes = [np.broadcast_to(a, (len(W), *a.shape[-2:]))], []
        both = self._activation.python(W.dtype.name)
        for number, (layer, scale) in enumerate(zip(self.architecture.layers, self.architecture.scales, strict=True)):
            weights = W[:, layer.weights].reshape(-1, layer.fan_in, layer.fan_out)
            z = np.matmul(units[-1], weights)
            z = z if scale == 1 else z * W.dtype.type(scale)
            z = z + W[:, None, layer.biases] if self.architecture.bias else z
            if number < len(self.architecture.layers) - 1:
                z, slope = both(z, **self.architecture.activation_options)
                slopes.append(slope)
            units.append(z)
        return units, slopes

    def _downward(self, units: list[Array], slopes: list[Array], d: Array, W: Array, G: Array) -> None:
        """Add to G, dtype[lane, dim], the slopes of a loss; d: those by the outputs, dtype[lane, sample, output]."""
        layers = list(zip(self.architecture.layers, self.architecture.scales, strict=True))
        for number, (layer, scale) in reversed(list(enumerate(layers))):
            if self.architecture.bias:
                G[:, layer.biases] += d.sum(axis=1)
            d = d if scale == 1 else d * W.dtype.type(scale)
            G[:, layer.weights] += np.matmul(units[number].transpose(0, 2, 1), d).reshape(len(W), -1)
            if number:
                weights = W[:, layer.weights].reshape(-1, layer.fan_in, layer.fan_out)
                d = np.matmul(d, weights.transpose(0, 2, 1)) * slopes[number - 1]

    def _parts(self, samples: int, lanes: int) -> Iterator[slice]:
        size = max(1, AT_ONCE // (max(lanes, 1) * max(self.architecture.sizes)))
        return (slice(first, first + size) for first in range(0, samples, size))

    @cached_property
    def _loss(self) -> Pair:
        return pair(self.loss, self.architecture.sizes[-1])

    @cached_property
    def _activation(self) -> Pair:
        return pair(self.architecture.activation)

    @cached_property
    def _plain(self) -> NetworkText:
        of = self.architecture
        kind = "full" if not self.batched else "drawn" if self.batch.replacement else "shuffled"
        loss = _stated(self._loss, {**self.loss.parameters, **self.loss_options})
        if not self.loss.variadic:
            loss = ("z = z0", *loss, "slope0 = slope")
        activation = _stated(self._activation, {**of.activation.parameters, **of.activation_options})
        words = {"value", "y", *(f"{word}{i}" for i in range(of.sizes[-1]) for word in ("z", "slope"))}
        lines = restated(activation, {"z", "value", "slope"}), restated(loss, words)
        return NetworkText(of.sizes, of.bias, of.scales, *lines, kind, self._right)

    @cached_property
    def _text(self) -> NetworkText:
        return self._plain.side_by_side(len(self.X))

    @property
    def _right(self) -> tuple[str, ...]:
        """Lines that make `right` of the outputs and y; of outputs that are equal the first is told."""
        if not self.classes:
            return ()
        if (outputs := self.architecture.sizes[-1]) == 1:
            return (f"right = where(z0 > F({LossFacts.of(self.loss).boundary!r}), y, F(1.0) - y)",)
        lines, top, told = [], "z0", "F(0.0)"
        for k in range(1, outputs):
            lines += [f"told{k} = where(z{k} > {top}, F({k}.0), {told})", f"top{k} = where(z{k} > {top}, z{k}, {top})"]
            top, told = f"top{k}", f"told{k}"
        return (*lines, f"right = where({told} == y, F(1.0), F(0.0))")

    def numbers(self, dtype: np.dtype[Any]) -> Array:
        """Size of a batch, l1 and l2, then every sample's features and target."""
        head = np.array([self.batch.size or len(self.X), self.l1, self.l2], dtype)
        assert len(head) == HEAD
        return np.concatenate([head, np.column_stack([self._seen, self.y]).astype(dtype).ravel()])

    def tile_text(self, lanes: int) -> str:
        """Those of its layers; of the data no more is part of it than whether samples are of an even number."""
        return _tile_text(self._text if lanes > 1 else self._plain, lanes)

    def point_text(self) -> str:
        """Those of its layers."""
        return _point_text(self._plain)


def _by_lane(W: Array) -> Array:
    """dtype[lane, parameter] of dtype[parameter, lane]."""
    return np.ascontiguousarray(W.T)


def _stated(made: Pair, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Lines of a pair after those that set its options."""
    return (*(f"{word} = F({float(options[name])!r})" for name, word in made.names.items()), *made.statements)


_tile_text = lru_cache(maxsize=64)(network_text)
_point_text = lru_cache(maxsize=64)(network_points_text)
