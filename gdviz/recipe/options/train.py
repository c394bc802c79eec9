"""What training of a model on data can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdviz.recipe.options import option
from gdviz.recipe.options.descent import Descent
from gdviz.recipe.options.rows import Rows
from gdviz.registry.vocabulary import TASKS

if TYPE_CHECKING:
    from gdviz.recipe.data import DataEntry
    from gdviz.recipe.entries import Entry, Pace
    from gdviz.recipe.model import ModelEntry
    from gdviz.recipe.values import Batch, Panels, Plane, Switch

AXES = ("epoch", "step", "samples")
"""What curves may be drawn against."""


class Train(Rows, Descent):
    """Optimizers that train a model on data."""

    model: ModelEntry | None = option(
        None,
        "A model",
        flags=("model",),
        metavar="[MODEL[:WIDTHS][:KEY=VALUE…]]",
        kind="model",
        decides=True,
    )
    data: DataEntry | None = option(
        None,
        "What it learns from: a data set, as in moons:n=400,noise=0.2, a formula that labels points, or a file and its "
        "column, as in file.csv:target=price",
        metavar="NAME|FILE|FORMULA",
        lists=True,
        kind="dataset",
    )
    task: str | None = option(None, "What is to be told", usual="the data's", choices=TASKS)
    optimizer: tuple[Entry, ...]
    transform: tuple[Entry, ...]
    schedule: tuple[Pace, ...]
    batch: Batch | None = option(
        None,
        "Samples of a step, or full; of several, as in full,32,1, every optimizer has each",
        usual="32, or all of fewer",
        metavar="N|full",
        lists=True,
    )
    replacement: bool = option(False, "Draw every batch from all samples, not each sample once an epoch")
    epochs: int | None = option(
        None, "How often all samples are seen", usual="20", metavar="N", limits={"ge": 1, "le": 10**7}
    )
    steps: int | None = option(None, "Number of steps in place of --epochs", metavar="N", limits={"ge": 1, "le": 10**7})
    runs: int = option(
        1,
        "Networks of each optimizer, each with initial weights and batches of its own",
        usual="1",
        metavar="N",
        limits={"ge": 1, "le": 10**7},
    )
    loss: Entry | None = option(
        None, "The loss, as in huber:delta=0.5", usual="the task's", metavar="NAME[:KEY=VALUE…]", kind="loss"
    )
    activation: Entry | None = option(
        None,
        "What neurons of hidden layers answer",
        usual="the model's",
        metavar="NAME[:KEY=VALUE…]",
        kind="activation",
    )
    init: Entry | None = option(
        None,
        "The initial weights, as in normal:std=0.1; of several, as in zeros,xavier,he, every optimizer has each",
        usual="the model's",
        metavar="NAME[:KEY=VALUE…]",
        lists=True,
        kind="initialiser",
    )
    l1: float = option(
        0.0,
        "Added to the loss: L1 times the sum of the weights' sizes",
        metavar="L1",
        limits={"ge": 0, "allow_inf_nan": False},
    )
    l2: float = option(
        0.0,
        "Added to the loss: L2 times the sum of the weights' squares",
        metavar="L2",
        limits={"ge": 0, "allow_inf_nan": False},
    )
    validation: float = option(
        0.2, "Share of the samples that no step sees", usual="0.2", metavar="SHARE", limits={"ge": 0, "lt": 1}
    )
    standardise: Switch | None = option(
        None, "Give columns mean 0 and variance 1", usual="yes for data of one's own", choices=("yes", "no")
    )
    embed: bool
    every: int
    tol: float
    seed: int
    first: int
    dtype: str
    backend: str = option(
        "auto",
        "What computes, cuda on a GPU; the results are the same but for the last digits of sums over samples",
        usual="auto, the compiled one where it can run all rules",
        recorded=True,
    )
    threads: int | None

    panel: Panels = option(
        (),
        "What is drawn: space (paths of weights on the loss), data (what is told of the samples), batches (what their "
        "sizes are like), and charts: loss (or loss:log, loss:linear), validation (its loss), accuracy, gradient (its "
        "norm), step (its length), a hyperparameter such as lr; may be given again",
        usual="space, data and loss, as far as a page has room for so many weights and features",
        word="panels",
        metavar="NAME",
        several=True,
        draws=True,
    )
    axis: tuple[str, ...] = option(
        ("epoch",),
        "What charts are drawn against; may be given again, and each makes charts of its own",
        usual="epoch",
        choices=AXES,
        several=True,
        draws=True,
    )
    plane: Plane = option(
        "pca",
        "Of more than two weights, the plane in which space draws them: pca, in which paths vary most, random, or two "
        "weights by their numbers from 0",
        usual="pca",
        metavar="pca|random|I,J",
        lists=True,
        draws=True,
    )
