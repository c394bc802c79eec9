"""How hyperparameters change with the step: every schedule, on every backend, alone and one after the other."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from rules import assert_same, marked, plan

import gdviz
from gdviz.about.laws import examine
from gdviz.api import Recipe
from gdviz.backends import cpu, kernels, python
from gdviz.backends.texts import texts
from gdviz.catalogue.lookup import definitions, find
from gdviz.compose.race import compose
from gdviz.errors import GdvizWarning, UsageError
from gdviz.jobs import command_of, read
from gdviz.plans.schedules import read_once, schedules
from gdviz.recipe.entries import Entry
from gdviz.recipe.options.race import Race
from gdviz.recipe.recipe import parse_recipe, validate
from gdviz.registry.contract import start_of
from gdviz.registry.defining import describe
from gdviz.runs.simulation import simulate
from gdviz.words.schedules import parse_schedules

recipe_of = partial(read, asked=Race)

BACKENDS = ("python", "cpu")
SCHEDULES = definitions("schedule")
every_schedule = pytest.mark.parametrize("schedule", [pytest.param(d, id=name) for name, d in SCHEDULES.items()])
both_dtypes = pytest.mark.parametrize("dtype", ["float64", "float32"])
RECORDED = json.loads((Path(__file__).parent / "references" / "schedules.json").read_text(encoding="utf-8"))
PROGRAMS = [name for name, d in definitions("optimizer").items() if d.rule == "program" and d.parameters]
FIRST = {SCHEDULES[name].inputs: name for name in reversed(SCHEDULES)}
"""The first schedule of each combination of inputs."""


def load_script():
    """scripts/reference_tables.py as a module: it knows what is recorded and how to ask the libraries."""
    file = Path(__file__).parents[1] / "scripts" / "reference_tables.py"
    spec = importlib.util.spec_from_file_location("reference_tables", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCRIPT = load_script()


def typed(name, options, more=""):
    """A schedule of lr as typed, floats in full."""
    return ":".join([f"lr={name}", *(f"{key}={value}" for key, value in options.items()), *([more] if more else [])])


def values(definition, library, options):
    """A schedule's thousand values, through a whole run where they follow from the step alone."""
    chosen = {**definition.presets.get(library, {}), **options}
    if "f" not in definition.inputs:
        run = gdviz.simulate(
            "simple_quad", [f"gd:lr={SCRIPT.BASE}"], steps=SCRIPT.STEPS, schedules=[typed(definition.name, chosen)]
        )
        return run.hyperparameter("lr")[0, 0, 1:]
    given = {**definition.parameters, **definition.switches, **chosen}
    state = {name: start_of(definition, name, given) for name in definition.state}
    found = []
    for loss in SCRIPT.losses():
        value, *rest = definition.function(base=SCRIPT.BASE, f=loss, **state, **given)
        state = dict(zip(definition.state, rest, strict=True))
        found.append(float(value))
    return np.array(found)


def assert_equal(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12 * SCRIPT.BASE)


each_record = pytest.mark.parametrize(
    "run", RECORDED, ids=lambda run: f"{run['schedule']}-{run['library']}-{'-'.join(run['options'])}"
)


@each_record
def test_values_equal_the_recorded_ones(run):
    ours = values(find("schedule", run["schedule"]), run["library"], run["options"])
    assert_equal(ours[list(SCRIPT.KEPT)], run["values"])


@each_record
def test_values_equal_those_of_the_installed_library_at_a_thousand_steps(run):
    if importlib.util.find_spec(run["library"]) is None:
        pytest.skip(f"{run['library']} is not installed: only its recorded values were compared")
    definition = find("schedule", run["schedule"])
    theirs = SCRIPT.rates(definition, run["library"], run["oracle"], run["options"])
    assert_equal(values(definition, run["library"], run["options"]), theirs)


def test_records_are_those_of_the_present_definitions():
    now = [
        {"schedule": d.name, "library": library, "oracle": text, "options": options}
        for d in SCHEDULES.values()
        for library, text, options in SCRIPT.schedule_cases(d)
    ]
    assert [{key: run[key] for key in now[0]} for run in RECORDED] == now, "run scripts/reference_tables.py again"


@every_schedule
def test_every_schedule_has_an_oracle_or_says_why_not(schedule):
    assert bool(schedule.facts.oracle) != bool(schedule.facts.no_oracle)
    assert schedule.summary.endswith(".") and len(schedule.source) > 20


@every_schedule
def test_every_schedule_keeps_the_laws(schedule):
    for verdict in examine(schedule):
        assert verdict.holds, f"{verdict.law}: {verdict.finding}"


def scheduled(given, *texts, label=None):
    """The plan with schedules as typed."""
    entry = Entry(name=given.optimizer.name, label=label)
    paces = [parse_schedules(text) for text in texts]
    return dataclasses.replace(given, schedules=schedules(paces, entry, given.optimizer, given.steps))


@pytest.mark.parametrize(
    ("schedule", "dtype"),
    [
        pytest.param(d, dtype, id=f"{name}-{dtype}", marks=() if chosen else pytest.mark.exhaustive)
        for name, d in SCHEDULES.items()
        for dtype, chosen in (("float64", True), ("float32", name in FIRST.values()))
    ],
)
def test_backends_agree_bit_for_bit(schedule, dtype):
    for preset in (None, *schedule.presets):
        chosen = f"{schedule.name}:preset={preset}" if preset else schedule.name
        for rule, options, parameter in (
            ("adam", {"lr": 0.3}, "lr"),
            ("adam", {"lr": 0.05}, "beta1"),
            ("nesterov", {"lr": 2e-3, "nesterov_form": "lookahead"}, "mu"),
        ):
            given = plan("beale", rule, runs=300, steps=120, every=7, dtype=dtype, **options)
            text = f"{parameter}={chosen}"
            for one in (text, text.replace("=", "=linear_warmup:steps=20 then ", 1)):
                assert_same(cpu.run(scheduled(given, one)), python.run(scheduled(given, one)))


@both_dtypes
@every_schedule
def test_hyperparameters_that_differ_from_run_to_run_follow_alike(schedule, dtype):
    given = plan("beale", "adam", runs=90, steps=80, every=9, dtype=dtype, tol=1e-3, lr=np.linspace(0.01, 0.5, 90))
    both = scheduled(given, f"lr={schedule.name}", "beta2=ramp:start=0.9")
    whole = cpu.run(both)
    assert_same(whole, python.run(both))
    for lane in (0, 41):
        alone = dataclasses.replace(
            both,
            start=given.start[[lane]],
            runs=given.runs[[lane]],
            options={**given.options, "lr": given.options["lr"][lane]},
        )
        ours = cpu.run(alone)
        np.testing.assert_array_equal(ours.x[0], whole.x[lane])
        if whole.followed is not None:
            np.testing.assert_array_equal(ours.followed[:, 0], whole.followed[:, lane])


@pytest.mark.parametrize("optimizer", marked(PROGRAMS, ("wolfe", "nesterov_implicit")))
def test_rules_that_call_back_follow_tables(optimizer):
    definition = find("optimizer", optimizer)
    free = [name for name in definition.parameters if name not in read_once(definition)]
    parameter = "lr" if "lr" in free else free[0]
    given = plan("rosenbrock", optimizer, runs=20, steps=30, every=4)
    given = scheduled(given, f"{parameter}=constant:steps=10 then cosine:end=0.5")
    assert_same(cpu.run(given), python.run(given))


@pytest.mark.parametrize("backend", BACKENDS)
def test_transforms_see_the_rate_of_the_step(backend):
    """Decoupled decay alone: x is multiplied by 1 − η λ, η from the schedule."""
    for chosen in ("linear", "plateau:patience=2,factor=0.5,threshold=0.9"):
        run = gdviz.simulate(
            "simple_quad", ["gd:lr=0.5"], start=(1.0, 2.0), steps=20, schedules=[f"lr={chosen}"], backend=backend,
            transforms=["clip_value:limit=0", "decoupled:decay=0.3"],
        )  # fmt: skip
        rates = run.hyperparameter("lr")[0, 0, 1:]
        assert rates[0] > rates[-1]
        np.testing.assert_allclose(run.x[0, 0, 1:, 1], 2 * np.cumprod(1 - 0.3 * rates), rtol=1e-12)


def test_powers_are_those_of_the_present_value():
    """As in torch and optax: a scheduled β₁ corrects by 1 − β₁ᵗ with the β₁ of step t."""
    torch = pytest.importorskip("torch")
    steps, base = 60, 0.9
    betas = 0.5 + (base - 0.5) * np.arange(steps) / steps
    p = torch.tensor([-1.5, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([p], lr=0.05)
    for beta in betas:
        optimizer.param_groups[0]["betas"] = (float(beta), 0.999)
        optimizer.zero_grad()
        ((1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2).backward()
        optimizer.step()
    run = gdviz.simulate(
        "rosenbrock", ["adam:lr=0.05"], start=(-1.5, 2.0), steps=steps, schedules=["beta1=ramp:start=0.5"]
    )
    np.testing.assert_allclose(run.hyperparameter("beta1")[0, 0, 1:], betas, rtol=1e-14)
    np.testing.assert_allclose(run.x[0, 0, -1], p.tolist(), rtol=1e-9)


def test_then_hands_over_at_the_stated_step():
    chain = "lr=linear_warmup:steps=20 then constant:steps=0.3 then step:every=10"
    run = gdviz.simulate("simple_quad", ["gd:lr=0.4"], steps=100, schedules=[chain])
    rates = run.hyperparameter("lr")[0, 0, 1:]
    np.testing.assert_allclose(rates[:20], 0.4 * np.arange(20) / 20, rtol=1e-14)
    assert (rates[20:50] == 0.4).all()
    np.testing.assert_allclose(rates[50:], 0.4 / 10.0 ** (np.arange(50) // 10), rtol=1e-14)
    short = gdviz.simulate("simple_quad", ["gd:lr=0.4"], steps=100, schedules=["lr=linear:steps=40"])
    assert (short.hyperparameter("lr")[0, 0, 41:] == 0).all() and short.hyperparameter("lr")[0, 0, 40] > 0


def test_plateau_begins_to_watch_where_it_begins():
    late = gdviz.simulate(
        "giant_plateau", ["gd:lr=0.1"], start=(-2.8, -2.5), steps=60,
        schedules=["lr=constant:steps=25 then plateau:patience=10,factor=0.5,preset=optax"],
    )  # fmt: skip
    rates = late.hyperparameter("lr")[0, 0, 1:]
    # Its first loss, of step 26, is the best one; the tenth bad step after it is step 36.
    assert (rates[:35] == 0.1).all() and rates[35] == 0.05


def test_a_constant_schedule_changes_nothing():
    plain, paced = (
        gdviz.simulate("beale", ["adam:lr=0.1"], steps=50, schedules=given) for given in ((), ("lr=constant",))
    )
    assert np.array_equal(plain.x, paced.x)


def test_hyperbolic_decay_is_adagrads_own():
    own, paced = (
        gdviz.simulate("beale", [rule], steps=200, schedules=given)
        for rule, given in (("adagrad:lr=0.5,lr_decay=0.02", ()), ("adagrad:lr=0.5", ("lr=hyperbolic:beta=0.02",)))
    )
    np.testing.assert_allclose(own.x, paced.x, rtol=1e-9)


def test_inverse_square_root_is_what_it_is_called():
    rates = values(find("schedule", "inverse_sqrt"), None, {})
    np.testing.assert_allclose(rates, SCRIPT.BASE / np.sqrt(np.arange(1, 1001)), rtol=1e-13)


def test_a_triangle_that_begins_high_is_the_other_upside_down():
    low, high = (values(find("schedule", "triangular"), None, {"first": first}) for first in ("low", "high"))
    np.testing.assert_allclose(low + high, 1.1 * SCRIPT.BASE, rtol=1e-12)


def test_the_automatic_rate_is_searched_under_the_schedule():
    """Under a tenth of every rate, the one that is chosen is ten times the other."""
    recipe = validate({"landscape": "rosenbrock", "optimizer": ({"name": "gd", "lr": "auto"},), "steps": 300})
    paced = recipe.updated(schedule=[parse_schedules("lr=constant:factor=0.1").flat()])
    plain, under = (float(simulate(one).recipe.optimizer[0].options["lr"]) for one in (recipe, paced))
    assert under == pytest.approx(10 * plain)


def test_records_at_numbers_of_evaluations_tell_the_rate_of_their_step():
    run = gdviz.simulate(
        "beale", ["armijo:lr=0.5", "gd:lr=0.01"], steps=30, fair="evals", schedules=["lr=linear", "gd.lr=plateau"]
    )
    rates = run.hyperparameter("lr")
    assert (rates[1] == 0.01).all()
    steps = np.unique(rates[0, 0])[::-1]
    np.testing.assert_allclose(steps, 0.5 * (1 - np.arange(len(steps)) / 30), rtol=1e-12)
    assert 1 < len(steps) < 30


def test_an_optimizer_or_a_label_may_be_named():
    run = gdviz.simulate(
        "beale",
        ["gd:lr=0.01", "gd:lr=0.01,label=paced", "adam:lr=0.1"],
        steps=10,
        schedules=["lr=linear", "paced.lr=cosine", "gradient_descent.lr=constant"][:2],
    )
    rates = run.hyperparameter("lr")[:, 0, -1]
    np.testing.assert_allclose(rates[[0, 2]], [0.001, 0.01])
    assert rates[1] == pytest.approx(0.01 * 0.5 * (1 + np.cos(0.9 * np.pi)))
    assert np.isnan(run.hyperparameter("beta1")[0]).all() and (run.hyperparameter("beta1")[2] == 0.9).all()
    assert run.hyperparameter("lr").shape == run.f.shape


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cosine", "say first what follows it"),
        ("lr=cosin", "did you mean 'cosine'"),
        ("lr=cosine:ends=0.1", "did you mean 'end'"),
        ("lr=linear_warmup then cosine", "say how long linear_warmup lasts"),
        ("lr=linear_warmup:steps=20 cosine", "write 'then' between"),
        ("lr=cosine step", "write 'then' between"),
        ("lr=linear_warmup:steps=20 then", "name is missing"),
        ("lr=linear_warmup:steps=2.5 then cosine", "whole number, or a share"),
        ("lr=linear_warmup:steps=70 then cosine", "the run has 50"),
        ("rate=cosine", "has a hyperparameter 'rate'|has no hyperparameter 'rate'"),
        ("adm.lr=cosine", "no optimizer here is called 'adm'; did you mean 'adam'"),
        ("gd.beta1=cosine", "gd has no hyperparameter 'beta1'"),
        ("lr=plateau:steps=20", "put it last, without steps"),
        ("lr=cosine:end=2", "end is 2"),
        ("mu=ramp:start=3", "mu is 3"),
    ],
)
def test_what_is_mistyped_gets_a_sentence(text, message):
    with pytest.raises(UsageError, match=message):
        gdviz.simulate("beale", ["adam:lr=0.1", "gd:lr=0.01", "momentum:lr=0.01"], steps=50, schedules=[text])


def test_two_schedules_of_one_hyperparameter_are_refused():
    with pytest.raises(UsageError, match="join them by 'then'"):
        gdviz.simulate("beale", ["adam:lr=0.1"], schedules=["lr=cosine", "lr=step"])


def test_rules_that_take_their_options_once_are_refused():
    def walk(x, value, lr=0.1):
        while True:
            x = x - lr
            yield x

    with pytest.raises(UsageError, match=r"walk takes its options once, so lr cannot follow a schedule"):
        gdviz.simulate("beale", [walk], schedules=["lr=cosine"])
    with pytest.raises(UsageError, match=r"armijo asks for as it likes"):
        gdviz.simulate("beale", ["armijo"], schedules=["lr=plateau"])
    with pytest.raises(UsageError, match="only once, before its first step"):
        gdviz.simulate("beale", ["adagrad"], schedules=["acc_init=cosine"])


@pytest.mark.parametrize(
    "text",
    [
        "lr=linear_warmup:steps=20 then cosine",
        "lr=linear_warmup:steps=20:then:cosine",
        "lr=warmup,steps=20 THEN cosine",
    ],
)
def test_recipes_and_commands_hold_schedules(text):
    typed_words = {
        "landscape": "beale",
        "optimizers": ["adam:lr=0.1"],
        "schedules": [text, "adam.beta1=ramp:start=0.5"],
    }
    made = recipe_of(typed_words, Recipe())
    assert [part.name for part in made.schedule[0].chain] == ["linear_warmup", "cosine"]
    assert parse_recipe(made.text(), "x.toml") == made
    command = command_of(made)
    assert "--schedule 'lr=linear_warmup:steps=20 then cosine' --schedule adam.beta1=ramp:start=0.5" in command


def test_the_recipe_of_a_run_names_and_digests_the_definitions():
    run = gdviz.simulate("beale", ["adam:lr=0.1"], steps=9, schedules=["lr=warmup:steps=3 then cosine_decay"])
    assert [part.name for part in run.recipe.schedule[0].chain] == ["linear_warmup", "cosine"]
    assert {"schedule:linear_warmup", "schedule:cosine"} <= set(run.recipe.digests)


def test_the_legend_states_the_schedule():
    run = gdviz.simulate(
        "beale", ["adam:lr=0.1"], steps=60, schedules=["lr=linear_warmup:steps=20 then cosine:end=0.1"]
    )
    details = {lang: compose(run_in(run, lang)).entries[0].details for lang in ("en", "ru", "kk")}
    assert details["en"] == "η = 0.1 (linear warm-up 20 → cosine decay: end = 0.1)"
    assert "0,1" in details["ru"] and "осинусное" in details["ru"] and details["kk"] != details["ru"]


def test_a_panel_draws_the_rate_and_any_other_hyperparameter():
    run = gdviz.simulate("beale", ["adam:lr=0.1", "gd:lr=0.01"], steps=60, schedules=["adam.lr=cosine", "beta1=ramp"])
    run = dataclasses.replace(run, recipe=run.recipe.updated(panel=["loss", "lr", "beta1", "lr:log"]))
    _, rate, beta, logarithmic = (panel for panel in compose(run).panels if panel.area == "side")
    assert (rate.title, beta.title, rate.y.scale, logarithmic.y.scale) == ("learning rate η", "β₁", "linear", "log")
    drawn = [track.points[:, 1] for layer in rate.layers for track in layer.tracks]
    np.testing.assert_array_equal(drawn, run.hyperparameter("lr")[:, 0])
    assert rate.y.low < 0 < 0.1 < rate.y.high
    with pytest.raises(UsageError, match="no panel and no hyperparameter 'ls'"):
        compose(dataclasses.replace(run, recipe=run.recipe.updated(panel=["ls"])))


def run_in(run, lang):
    return dataclasses.replace(run, recipe=run.recipe.updated(lang=lang))


def test_one_kernel_serves_all_schedules():
    """A second schedule of the same hyperparameters compiles nothing, watched losses with other options included."""
    given = plan("beale", "adam", runs=10, steps=20, lr=0.1)
    for chains in (("lr=cosine",), ("lr=plateau",), ("beta1=cosine",)):
        cpu.run(scheduled(given, *chains))
    cpu.run(given)
    misses = kernels._compiled.cache_info().misses
    for chains in (("lr=step:every=3",), ("lr=linear_warmup:steps=4 then plateau:patience=3",), ("beta1=ramp",)):
        cpu.run(scheduled(given, *chains))
    assert kernels._compiled.cache_info().misses == misses
    assert "schedules" not in "".join(texts(given))
    assert texts(scheduled(given, "lr=cosine")) == texts(given), "a rate needs no kernel of its own"


def test_a_schedule_may_come_from_a_plugin(tmp_path):
    from gdviz.registry.defining import forget

    file = tmp_path / "halving.py"
    file.write_text(
        "from gdviz.registry import define\n\n\n"
        '@define("schedule", source="made up for a test", no_oracle="made up")\n'
        'def half(base, t, share=0.5):\n    """A share of it."""\n    return base * share + 0 * t\n',
        encoding="utf-8",
    )
    from gdviz.catalogue.plugins import load_plugin

    (made,) = load_plugin(str(file))
    try:
        run = gdviz.simulate("beale", ["gd:lr=0.01"], steps=5, schedules=["lr=half"])
        assert (run.hyperparameter("lr") == 0.005).all() and run.recipe.plugins
    finally:
        forget(made)
        sys.modules.pop("halving", None)


def test_a_definition_is_checked_where_it_is_made():
    def kept(base, t, memory):
        return base * t, memory

    with pytest.raises(gdviz.DefinitionError, match="state, which only a schedule of f may keep"):
        describe("schedule", kept)
    with pytest.raises(gdviz.DefinitionError, match="must ask for base"):
        describe("schedule", lambda t: t)


@pytest.mark.parametrize(("warmup", "decay"), [(0.6, 0.6), (0.9, 0.2)])
def test_parts_of_wsd_that_overlap_are_refused(warmup, decay):
    with pytest.raises(UsageError, match="overlap; together they are at most 1") as caught:
        gdviz.simulate("beale", ["gd:lr=0.01"], steps=20, schedules=[f"lr=wsd:warmup={warmup}:decay={decay}"])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("warmup", "decay", "steps"), [(0.5, 0.5, 5), (0.7, 0.3, 20), (0.1, 0.9, 15), (1.0, 0.0, 8)])
def test_parts_of_wsd_that_fill_the_run_reach_the_whole(warmup, decay, steps):
    run = gdviz.simulate(
        "beale", ["gd:lr=0.01"], steps=steps + 1, schedules=[f"lr=wsd:warmup={warmup}:decay={decay}:steps={steps}"]
    )
    assert run.hyperparameter("lr")[0, 0].max() == 0.01


@pytest.mark.parametrize("preset", ["torch", "optax"])
def test_plateau_says_why_it_never_lowers_the_rate_of_a_settled_negative_loss(preset):
    def bowl(x, y, depth=7.0):
        return x**2 + y**2 - depth

    fields = {"optimizers": ["gd:lr=0.3"], "start": (1.0, 2.0), "steps": 80, "backend": "python"}
    text = f"lr=plateau:preset={preset}:patience=5"
    with pytest.warns(
        GdvizWarning, match=r"plateau never changed lr of gd: a loss that has settled below 0 .*threshold=0"
    ):
        run = gdviz.simulate(bowl, schedules=[text], **fields)
    assert (run.hyperparameter("lr") == 0.3).all()
    for silent in ({"schedules": [f"{text}:threshold=0"]}, {"schedules": [text], "constants": {"depth": -1.0}}):
        run = gdviz.simulate(bowl, **silent, **fields)  # warnings are errors
        assert run.hyperparameter("lr").min() < 0.3
    gdviz.simulate(bowl, schedules=[text], **{**fields, "optimizers": ["gd:lr=0.001"]})  # it still falls
