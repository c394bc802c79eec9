"""What comes of training: losses, validation and accuracy beside final weights."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdviz.plans.training import Training
from gdviz.recipe.options.train import Train
from gdviz.runs.descents import Descents


@dataclasses.dataclass(frozen=True, eq=False)
class Trained(Descents):
    """What training was: losses, accuracy and final weights of every optimizer and run; see Descents for the rest.

    loss: dtype[optimizer, run, record], the mean loss of all samples of training with its penalties, also called f.
    validation_loss: the same of the samples that no step sees, without penalties, None where there are none. accuracy:
    dtype[optimizer, run, record], share of samples told rightly, of validation where there is one, else of training;
    None where numbers are told. weights: dtype[optimizer, run, parameter], after the last step; path:
    dtype[optimizer, run, record, parameter] where it was asked for, of the first runs alone where a picture did, else
    None. Parameters are as the network sees its data, in the order of `setting.objective.names`. way:
    dtype[optimizer, run, record], how long the way of the weights was until each record, over the records before it.
    measures: what else the recipe's panels show of every record, dtype[optimizer, run, record] by name.

    Where optimizers have batches of different sizes, t counts samples that were seen, and so does stopped_at:
    `steps_at` tells the step of each.
    """

    recipe: Train
    setting: Training
    validation_loss: NDArray[np.floating] | None
    accuracy: NDArray[np.floating] | None
    weights: NDArray[np.floating]
    path: NDArray[np.floating] | None
    way: NDArray[np.floating]
    measures: Mapping[str, NDArray[np.floating]]

    @property
    def name(self) -> str:
        """Those of data and model."""
        assert self.recipe.data is not None and self.recipe.model is not None
        return f"{self.recipe.data.word}-{self.recipe.model.name}"

    @property
    def loss(self) -> NDArray[np.floating]:
        """dtype[optimizer, run, record]."""
        return self.f

    @property
    def samples(self) -> NDArray[np.int64]:
        """Samples seen until each record, int64[record]; one that is seen again counts again."""
        if self.setting.by_samples:
            return self.t
        return self.setting.batch.seen(len(self.setting.data.training), self.t)

    @property
    def epoch(self) -> NDArray[np.float64]:
        """How often all samples were seen until each record, float64[record]."""
        return self.samples / len(self.setting.data.training)

    @property
    def roughness(self) -> NDArray[np.floating]:
        """How long the whole way of the weights was, dtype[optimizer, run]: Σ‖Δθ‖ where every step is recorded."""
        return np.asarray(self.way[:, :, -1])

    def steps_at(self, optimizer: int) -> NDArray[np.int64]:
        """The step at which an optimizer stands in every record, int64[record]."""
        return self.setting.steps_at(optimizer)

    def predict(self, X: Any, optimizer: int = 0, run: int = 0) -> NDArray[np.floating]:
        """What a trained network tells of samples: dtype[sample, output].

        X: float64[sample, feature] in data units, also [feature] of one sample, or [sample] of one feature. Answers
        numbers in data units, of two classes the probability of the second, of more that of each class; of losses
        that know no probabilities, such as hinge, what the network answers. Raises UsageError for features that do not
        fit.
        """
        return self.setting.predict(X, self.weights[optimizer, run][:, None])[..., 0]

    def _repr_html_(self) -> str:
        heads = ["optimizer", "status", "loss"]
        columns = [self.f[:, :, -1]]
        for word, values in (("validation", self.validation_loss), ("accuracy", self.accuracy)):
            if values is not None:
                heads.append(word)
                columns.append(values[:, :, -1])
        rows = ""
        for i, label in enumerate(self.labels):
            ends = dict.fromkeys(self.status[i].tolist())
            counts = [f"{end} ({(self.status[i] == end).sum()})" if len(ends) > 1 else end for end in ends]
            cells = [html.escape(label), ", ".join(counts), *(f"{np.median(column[i]):.6g}" for column in columns)]
            rows += "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        return f"<table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>{rows}</table>"
