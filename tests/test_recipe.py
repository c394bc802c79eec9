"""Recipes: round trips, what is refused, and what people mistype after an option."""

from __future__ import annotations

import inspect
import re
import tomllib
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import tomli_w

import gdviz
from gdviz import api
from gdviz.catalogue.lookup import definitions, find
from gdviz.catalogue.options import resolve_options
from gdviz.errors import RecipeError, UsageError
from gdviz.jobs import JOBS
from gdviz.plans.setting import make, settle
from gdviz.recipe import lectures
from gdviz.recipe.deck import Deck
from gdviz.recipe.entries import Entry
from gdviz.recipe.options import jobs, options_of
from gdviz.recipe.options.chart import Chart
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.options.train import Train
from gdviz.recipe.page import Settings
from gdviz.recipe.recipe import model_checked, parse_recipe, read_toml, validate
from gdviz.recipe.sizes import page_size
from gdviz.registry.vocabulary import WHOLE as COUNTED
from gdviz.words.entries import parse_optimizers
from gdviz.words.files import check_names
from gdviz.words.quantities import parse_constant, parse_domain, parse_levels, parse_range, parse_start
from gdviz.words.schedules import parse_schedules
from gdviz.words.signals import parse_signal

WHOLE = """
schema = 1
landscape = "rosenbrock"
start = [[-1.5, 2.0], [0.0, 0.0]]
steps = 40
every = 2
tol = 1e-9
seed = 7
dtype = "float32"
view = "contour"
panel = ["loss", "gradient"]
domain = [[-2.0, 2.0], [-1.0, 3.0]]
levels = [0.5, 1.0, 2.0]
size = "84mmx60mm"
theme = "dark"
lang = "kk"
title = "Жыра «қ»"
caption = 'a "quoted" \\ caption'
optimizer = [
    { name = "adam", preset = "lasagne", lr = 0.1, label = "әдіс", color = "#123abc", dash = "dotted" },
    { name = "momentum", lr = 0.001, mu = 0.5 },
]
[constants]
a = 1.5
"""


def test_round_trip():
    recipe = parse_recipe(WHOLE, "race.toml")
    assert parse_recipe(recipe.text(), "again") == recipe
    assert recipe.optimizer[0].options == {"lr": 0.1}
    assert recipe.optimizer[0].label == "әдіс"


def test_a_resolved_recipe_repeats_its_run():
    run = gdviz.simulate("beale", ["adam:lr=auto", "gd:lr=auto", "momentum:lr=0.001,label=m"], steps=50)
    again = api.run(parse_recipe(run.recipe.text(), "again"))
    assert (again.x == run.x).all()
    assert again.recipe == run.recipe
    assert "auto" not in run.recipe.text()
    assert api.changes(run.recipe, again) == []
    stale = run.recipe.updated(digests={**run.recipe.digests, "optimizer:adam": "closure:0"})
    assert api.changes(stale, api.run(stale)) == ["adam"]
    earlier = run.recipe.updated(digests={"adam": "0" * 16, "beale": "0" * 16})  # of the text alone
    assert api.changes(earlier, api.run(earlier)) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("stepz = 3", "race.toml: there is no key 'stepz'; did you mean 'steps'"),
        ("steps = 'many'", "race.toml: steps = 'many': it must be a whole number"),
        ("steps = -1", "race.toml: steps = -1: it must be greater than or equal to 1"),
        ("theme = 'pink'", "race.toml: theme = 'pink': it must be 'light', 'dark' or 'print'"),
        ("optimizer = 3", "race.toml: optimizer = 3"),
        ("optimizer = [{lr = 1}]", "race.toml: optimizer\\[1\\].name"),
        ("start = [[nan, 1.0]]", "race.toml: start\\[1\\]\\[1\\] = nan: it must be a finite number"),
        ("size = 'huge'", "race.toml: size = 'huge': it must be 720p"),
        ("domain = [[2.0, 1.0]]", "each range must rise"),
        ("steps = 'many'\nstepz = 3", "race.toml: there is no key 'stepz'"),
        (
            "chart = { curve = [{ formula = 'x' }], rnge = [0, 1] }",
            "race.toml: chart has no key 'rnge'; did you mean 'ra",
        ),
        ("chart = { curve = [{ formula = 3, lable = 'x' }] }", "race.toml: curve has no key 'lable'; did you mean 'la"),
        ("plane = '0,7'", "plane = '0,7': it must be 'pca' or 'random', or a list in \\[brackets\\]"),
        ("optimizer = [{name = 'gd', batch = 0}]", r"optimizer\[1\].batch = 0: it must be .* to 1, or 'full'"),
        ("schema = 2", "race.toml: schema = 2: it must be 1"),
        ("steps = ", "race.toml: this is not a recipe in TOML"),
        ("a = " + "[" * 5000, "race.toml: this is not a recipe in TOML"),
        ("start = []", "start"),
        ("dtype = 'float16'", "it must be 'float64' or 'float32'"),
    ],
)
def test_what_is_wrong_is_named(text, sentence):
    with pytest.raises(RecipeError, match=sentence) as caught:
        parse_recipe(text, "race.toml")
    assert "\n" not in str(caught.value)


def test_rubbish_is_no_recipe(tmp_path):
    file = tmp_path / "noise.toml"
    file.write_bytes(bytes(range(256)) * 100)
    with pytest.raises(RecipeError, match=r"noise.toml: this is not text"):
        read_toml(file)
    with pytest.raises(RecipeError, match="there is no file"):
        api.load_recipe(tmp_path / "missing.toml")
    with pytest.raises(RecipeError, match="is a folder"):
        api.load_recipe(tmp_path)


def test_plugins_are_asked_for_by_name():
    recipe = validate({"landscape": "beale", "plugins": {"mine.py": "0" * 16}})
    with pytest.raises(RecipeError, match=r"add --plugin mine.py"):
        api.run(recipe)


def test_optimizers_as_typed():
    assert [entry.name for entry in parse_optimizers("adam, sgd,RMSProp")] == ["adam", "gd", "rmsprop"]
    (one,) = parse_optimizers("adam:lr=0.1,beta1=0.5:label=A:preset=torch")
    assert one.options == {"lr": 0.1, "beta1": 0.5}
    assert (one.label, one.preset) == ("A", "torch")
    assert parse_optimizers("adam:SGD:RMSProp") == parse_optimizers("adam,gd,rmsprop")
    assert parse_optimizers("adam:lr=auto")[0].options == {"lr": "auto"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("adm", "there is no optimizer 'adm'; did you mean 'adam'"),
        ("adam:lr=0,1", "write decimals with a point, as in lr=0.1"),
        ("adam,lr=0.1", "write a colon after the name, as in -o adam:lr=0.1"),
        ("lr=0.1", "name comes first"),
        ("race.mp4", "type --out race.mp4"),
        ("adam:lr=0.1,gd", "give another one with another -o"),
        ("adam:", "a key=value is missing"),
        ("adam:lr=fast", "lr is 'fast'; type a number"),
        ("adam:lr=nan", "it must be a finite number"),
        ("adam:momentum=1", "adam has no option 'momentum'"),
        ("adam:preset=tourch", "no preset 'tourch'; did you mean 'torch'"),
        ("adam:eps_mode=between", "it must be one of: outside, "),
        ("adam:lr=1,lr=2", "'lr' is given twice"),
        ("adam:color=red", "color = 'red'"),
        ("", "needs a name"),
        ("adam:amsgrad=true", "adam has no option 'amsgrad'; amsgrad is an optimizer of its own: type -o amsgrad"),
        ("momentum:nesterov=true", "type -o nesterov"),
        ("gd:lr=0.1,adam=yes", "type -o adam"),
        ("adam:betas=0.9", "it has beta1 and beta2, each a number: beta1=…,beta2=…"),
        ("adamw:betas=0.9,0.95", "it has beta1 and beta2"),
        ("adam:learning_rate=0.1", "did you mean 'lr'"),
        ("nesterov:momentum=0.9", "did you mean 'mu'"),
        ("gd:η=0.1", "did you mean 'lr'"),
        ("adam:weight_decay=0.1", "adamw has one: type -o adamw:weight_decay=…"),
        ("adam:lr=fast,beta=x", "adam has no option 'beta'; it has beta1 and beta2"),
        ("adam:foo=bar", "adam has no option 'foo'; it has: lr, beta1"),
        ("gd:doc=1", "gd has no option 'doc'; it has: lr"),
        ("adam:colour=red", "did you mean 'color'"),
        ("gd:lable=x", "did you mean 'label'"),
        ("rmsprop:epz=small", "rmsprop has no option 'epz'; did you mean 'eps'"),
    ],
)
def test_mistyped_optimizers_get_their_own_sentence(typed, sentence):
    with pytest.raises(UsageError, match=sentence) as caught:
        parse_optimizers(typed)
    assert "\n" not in str(caught.value)


def test_of_an_entry_the_keys_are_looked_at_before_the_values():
    with pytest.raises(UsageError, match="no option 'amsgrad'; amsgrad is an optimizer of its own"):
        gdviz.optimizer("adam", lr="fast", amsgrad=True)
    with pytest.raises(UsageError, match="no option 'betas'; it has beta1 and beta2"):
        gdviz.simulate("beale", [Entry(name="adam", options={"lr": "fast", "betas": 0.9})])
    for text, said in (("spikes:perod=x", "did you mean 'period'"), ("rectangles:hight=2", "has no constant 'hight'")):
        with pytest.raises(UsageError, match=said):
            parse_signal(text)


@pytest.mark.parametrize(("options", "shown"), [({"lr": [1, 2]}, "'[1, 2]'"), ({"beta1": (0.1,)}, "'(0.1,)'")])
def test_what_is_no_number_is_shown_as_it_was_given(options, shown):
    with pytest.raises(UsageError, match=re.escape(f"is {shown}; it must be a finite number")):
        gdviz.optimizer("adam", **options)


def test_other_options_as_typed():
    assert parse_start("-1.5,2") == parse_start("-1.5:2") == (-1.5, 2.0)
    assert parse_domain("-2:2,-1:3") == ((-2.0, 2.0), (-1.0, 3.0))
    assert parse_domain("-2:2:-1:3") == parse_domain("-2:2,-1:3") and parse_domain("0:1") == ((0.0, 1.0),)
    assert parse_range("-2,2") == parse_range("-2:2") == (-2.0, 2.0)
    assert parse_levels("3,1,2") == parse_levels("3:1:2") == (1.0, 2.0, 3.0)
    assert parse_constant("a=25") == ("a", 25.0)
    for call, sentence in (
        (lambda: parse_start("1,two"), "'two' is no number"),
        (lambda: parse_start("nan,1"), "not a finite number"),
        (lambda: parse_domain("-2,2"), "type low:high"),
        (lambda: parse_domain("-2:2:-1"), "type low:high"),
        (lambda: parse_domain("0,5:1,5"), "type low:high"),
        (lambda: parse_range("0,5:1"), "type low:high"),
        (lambda: parse_levels("lgo"), "did you mean 'log'"),
        (lambda: parse_constant("a"), "type NAME=VALUE"),
    ):
        with pytest.raises(UsageError, match=sentence):
            call()


def test_sizes():
    assert page_size("1080p") == (1920, 1080, None)
    assert page_size("640x360") == (640, 360, None)
    assert page_size("3.25inx2.4in") == (975, 720, 300.0)
    assert page_size("84mmx60mm") == (992, 709, 300.0)
    for word in ("huge", "1x1", "100000x100", "3inx"):
        with pytest.raises(ValueError, match=r"must be|pages are"):
            page_size(word)


def test_a_width_alone_is_a_size_once_its_unit_is_said():
    assert page_size("6.75in") == (2025, 1519, 300.0)
    assert page_size("84mm") == page_size("8.4cm") == (992, 744, 300.0)
    assert page_size("800px") == (800, 450, None)
    for word, cure in (("1080", "1080p, 1080px"), ("640", "type 640px"), ("0.2in", "pages are")):
        with pytest.raises(ValueError, match=cure):
            page_size(word)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('landscape = "beale"\nformula = "x^2"', "holds both landscape and formula; drop one of them"),
        ('landscape = "beale"\nchart = { curve = [{ formula = "x" }] }', "holds both landscape and chart"),
        ('formula = "x^2"\nsignal = [{ name = "spikes" }]', "holds both formula and signal"),
    ],
)
def test_a_recipe_is_of_one_kind(text: str, said: str) -> None:
    with pytest.raises(RecipeError, match=rf"mine\.toml: .*{said}"):
        parse_recipe(text, "mine.toml")


OF_ALL = """
schema = 1
optimizer = []
every = 3
tuned = []
tol = 0.5
seed = 7
backend = "auto"
panel = ["loss"]
labels = ["start"]
size = "480x270"
original = false
"""
"""Keys of every job, as earlier versions wrote them into each recipe."""


@pytest.mark.parametrize(
    ("own", "job", "lost"),
    [
        ('landscape = "beale"', Race, {"original"}),
        ('signal = [{ name = "spikes" }]', Signal, {"every", "tuned", "tol", "seed", "backend", "panel", "labels"}),
        ('chart = { curve = [{ formula = "x" }] }', Chart, {"optimizer", "every", "tol", "seed", "panel", "original"}),
    ],
)
def test_recipes_of_earlier_versions_are_of_one_job(own: str, job: type, lost: set[str]) -> None:
    recipe = parse_recipe(f"{own}\n{OF_ALL}", "old.toml")
    assert recipe.job is job and not recipe.is_open and recipe.size == "480x270"
    assert not lost & set(type(recipe).model_fields)
    assert parse_recipe(recipe.text(), "new.toml") == recipe == gdviz.Recipe(**recipe.model_dump(by_alias=True))
    assert not any(f"\n{key} =" in recipe.text() for key in lost)
    with pytest.raises(RecipeError, match=r"old\.toml: tol = -1"):
        parse_recipe(f"{own}\n{OF_ALL.replace('0.5', '-1')}", "old.toml")


def test_a_recipe_that_is_of_no_job_yet_becomes_one_of_the_command_that_reads_it() -> None:
    look = parse_recipe('theme = "dark"\nsteps = 40\ntol = 0.5', "look.toml")
    assert look.is_open and look.job is Race
    sheet = look.taken(Signal)
    assert (sheet.job, sheet.theme, sheet.steps) == (Signal, "dark", 40)
    assert sheet.model_fields_set == {"theme", "steps"} and sheet.taken(Signal) is sheet
    assert parse_recipe("original = true", "look.toml", Signal).original


@pytest.mark.parametrize("job", jobs(), ids=lambda job: job.__name__)
def test_every_job_has_its_record(job: type) -> None:
    record = JOBS[job]
    assert record.options is job and Path(gdviz.__file__).with_name("compose").joinpath(f"{record.name}.py").exists()
    assert len(JOBS) == len(jobs())


@pytest.mark.parametrize(
    "text",
    [
        'transform = [{ name = "nope" }]',
        'transform = [{ name = "gaussian", nope = 1 }]',
        'schedule = [{ parameter = "lr", chain = [{ name = "nope" }] }]',
        'arrows = [{ name = "nope" }]',
        'signal = [{ name = "spikes", nope = 1 }]',
    ],
)
def test_names_that_a_file_asks_for_are_told_with_the_file(text: str) -> None:
    with pytest.raises(RecipeError, match=r"^mine\.toml: .*'nope'"):
        check_names(parse_recipe(text, "mine.toml"), "mine.toml")


def test_only_optimizers_are_offered_styles_for_options() -> None:
    for kind in ("transform", "schedule"):
        for definition in definitions(kind).values():
            with pytest.raises(UsageError) as caught:
                resolve_options(Entry(name=definition.name, options={"colour": 1.0}), definition)
            assert "'color'" not in str(caught.value)


def refused(call, sentence):
    with pytest.raises(UsageError, match=sentence) as caught:
        call()
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("length", [-3, 0, 2.5, float("nan"), float("inf"), -0.1, "auto", True])
def test_a_part_of_a_chain_lasts_whole_steps_or_a_share(length):
    chain = [{"name": "linear_warmup", "steps": length}, {"name": "cosine"}]
    recipe = {"landscape": "beale", "optimizer": [{"name": "gd", "lr": 0.01}], "steps": 3}
    said = "steps is '.*'; type a whole number, or a share"
    refused(lambda: api.run(validate({**recipe, "schedule": [{"parameter": "lr", "chain": chain}]})), said)
    text = f"lr=linear_warmup:steps={length} then cosine"
    refused(lambda: gdviz.simulate("beale", ["gd:lr=0.01"], steps=3, schedules=[text]), said)


COUNTING = [(d, name) for d in definitions("optimizer").values() for name in d.parameters if name in COUNTED]
COUNTING += [(d, name) for d in definitions("schedule").values() for name in d.parameters if name in COUNTED]


@pytest.mark.parametrize(("d", "name"), COUNTING, ids=[f"{d.name} {name}" for d, name in COUNTING])
def test_what_counts_is_a_whole_number(d, name):
    flag, parse = {"optimizer": ("", parse_optimizers), "schedule": ("lr=", parse_schedules)}[d.kind]
    refused(lambda: parse(f"{flag}{d.name}:{name}=3.9"), f"{name} is 3.9; it must be a whole number")
    refused(lambda: resolve_options(Entry(name=d.name, options={name: 7.5}), d), "must be a whole number")
    assert resolve_options(Entry(name=d.name, options={name: 7.0}), d)[name] == 7.0
    if d.limits(name)[1] < 1e12:
        refused(lambda: parse(f"{flag}{d.name}:{name}=1e12"), f"{name} is 1e\\+12; it must be from")


def test_what_rules_cut_to_whole_numbers_is_among_those_that_count():
    for d in definitions("optimizer").values():
        cut = {*re.findall(r"\bint\((\w+)\)", d.text), *(axis for axes in d.shapes.values() for axis in axes)}
        assert cut & set(d.parameters) <= COUNTED, d.name


def test_lanes_of_what_counts_are_whole_too():
    setting = settle(validate({"landscape": "beale", "steps": 2}))
    plan = make(setting, Entry(name="armijo"), find("optimizer", "armijo"))
    with pytest.raises(UsageError, match=r"tries is 2.5; it must be a whole number"):
        plan.with_lanes(tries=np.array([1.0, 2.5, 3.0]))


@pytest.mark.parametrize(
    "value", [1j, None, object(), [], {}, 10**400, "fast", float("nan"), np.array([1.0, 2.0]), np.ma.masked]
)
def test_an_option_that_is_no_number_gets_one_sentence(value):
    refused(lambda: gdviz.optimizer("adam", lr=value), "^adam: lr is .*; it must be a finite number$")
    refused(lambda: gdviz.optimizer("gd", lr=0.1, label=1j), "optimizer gd: label: it must be a valid")


def test_numbers_of_other_kinds_are_numbers():
    for number in (np.float32(0.5), np.int64(1), np.array(0.25), Fraction(1, 8)):
        assert gdviz.optimizer("adam", lr=number).options == {"lr": float(number)}


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (np.ma.array([1.0, 2.0], mask=[False, True]), "start holds masked points"),
        (np.ma.masked_greater(np.arange(8.0).reshape(4, 2), 5.0), "start holds masked points"),
        ([np.ma.array([1.0, 2.0], mask=[True, False])], "start holds masked points"),
        ((1j, 2.0), "start holds complex numbers"),
        (np.array([[1.0 + 0j, 2.0]]), "start holds complex numbers"),
        ((1.0, None), "start"),
        ([[1.0, 2.0], [3.0]], "start must be one point"),
        ("1,2", "start must be"),
        ((float("inf"), 1.0), "not finite"),
    ],
)
def test_starts_that_are_no_points_get_one_sentence(start, sentence):
    refused(lambda: gdviz.simulate("beale", ["gd:lr=0.01"], start=start, steps=2), sentence)


def test_a_mask_that_hides_nothing_is_none():
    start = np.ma.array([1.0, 1.5], mask=False)
    assert gdviz.simulate("beale", ["gd:lr=0.01"], start=start, steps=2).x.shape == (1, 1, 3, 2)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"steps": 2.5}, "^steps = 2.5: "),
        ({"steps": 1j}, "^steps: "),
        ({"every": 0}, "^every = 0: "),
        ({"tol": float("nan")}, "^tol = nan: "),
        ({"seed": -1}, "^seed = -1: "),
        ({"threads": "many"}, "^threads = 'many': "),
        ({"dim": 2.5}, "^dim = 2.5: "),
        ({"constants": {"a": 1j}}, "^constants.a: "),
        ({"constants": 3}, "constants is 3; give a dict"),
        ({"domain": [(0.0, 1j), (0, 1)]}, r"^domain\[1\]\[2\]: "),
        ({"optimizers": 3}, "or a function, not 3"),
        ({"transforms": [1.0]}, "transforms are given as text, as in 'gaussian:sigma=0.5', not 1.0"),
        ({"schedules": np.array(2.0)}, "schedules are given as text, as in 'lr=cosine', not "),
    ],
    ids=str,
)
def test_what_python_gives_is_looked_at_like_what_is_typed(given, sentence):
    refused(lambda: gdviz.simulate("beale", **{"optimizers": ["gd:lr=0.01"], "steps": 2, **given}), sentence)
    refused(lambda: gdviz.optimizer(3), "optimizers are asked for by name, and 3 is none")


def test_one_text_is_a_list_of_one():
    one = gdviz.simulate("beale", "gd:lr=0.01", steps=2, transforms="gaussian:sigma=0.5", schedules="lr=cosine")
    many = gdviz.simulate("beale", ["gd:lr=0.01"], steps=2, transforms=["gaussian:sigma=0.5"], schedules=["lr=cosine"])
    assert one.recipe == many.recipe and len(one.recipe.transform) == len(one.recipe.schedule) == 1


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"optimizer": [{"name": "adam", "lr": [1, 2]}]}, "adam: lr is '[1, 2]'; it must be a finite number"),
        ({"optimizer": [{"name": "momentum", "mu": [[0.5, "x"], []]}]}, """momentum: mu is '[[0.5, "x"], []]'; it"""),
        ({"transform": [{"name": "gaussian", "sigma": [0.5]}]}, "gaussian: sigma is '[0.5]'; it must be a finite"),
    ],
)
def test_a_list_where_a_number_belongs_is_told_as_it_stands_in_the_file(entry, told):
    recipe = {"landscape": "beale", "optimizer": [{"name": "gd", "lr": 0.1}], **entry}
    with pytest.raises(UsageError, match=re.escape(told)):
        api.run(parse_recipe(tomli_w.dumps(recipe), "a.toml"))


WRITTEN = [WHOLE, *(path.read_text("utf-8") for path in lectures.recipes().values())]


@pytest.fixture(scope="module")
def schema():
    found = api.schema()
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def test_recipes_keep_to_the_schema_that_is_told_of_them(schema):
    """As they are written by hand and as they are written by gdviz."""
    assert len(WRITTEN) > 40
    for text in WRITTEN:
        assert schema.is_valid(tomllib.loads(text))
        assert schema.is_valid(tomllib.loads(parse_recipe(text, "written").text()))


@pytest.mark.parametrize(
    "wrong",
    [
        'landscape = "beale"\nstepz = 3',
        'landscape = "beale"\nsteps = 0',
        'landscape = "beale"\nstart = []',
        'landscape = "beale"\noptimizer = [{ lr = 0.1 }]',
        'landscape = "beale"\noptimizer = [{ name = "adam", color = "red" }]',
        'landscape = "beale"\nschedule = [{ parameter = "lr", chain = [] }]',
        'signal = [{ name = "spikes", period = "long" }]',
        'chart = { curve = [{ formula = "x", stroke = 2 }] }',
        "schema = 2",
    ],
)
def test_what_recipes_refuse_the_schema_refuses(schema, wrong):
    with pytest.raises(RecipeError):
        parse_recipe(wrong, "wrong")
    assert not schema.is_valid(tomllib.loads(wrong))


@pytest.mark.parametrize(
    ("of", "files", "model"),
    [
        ("gallery", [lectures.folder().parent / "gallery.toml"], Settings),
        ("deck", [*lectures.decks().values()], Deck),
    ],
    ids=["gallery", "deck"],
)
def test_galleries_and_decks_have_schemas_of_what_reads_them(of, files, model):
    found = api.schema(of)
    jsonschema.Draft202012Validator.check_schema(found)
    asked, whole = jsonschema.Draft202012Validator(found), tomllib.loads(files[0].read_text("utf-8"))
    assert all(asked.is_valid(tomllib.loads(file.read_text("utf-8"))) for file in files)
    for key, value in ("schema", 2), ("titel", "x"), ("title", 3), ("languages", []), ("part", []), ("chapters", [1]):
        wrong = {**whole, key: value}
        with pytest.raises(RecipeError):
            model_checked(model, wrong, of)
        assert not asked.is_valid(wrong)


NUMBERS_AND_WORDS = {"int", "float", "str", "bool", "int | None", "float | None", "str | None"}
"""Types of options that Python's keywords have too; the others take more there, such as arrays and functions."""


@pytest.mark.parametrize(
    ("job", "called", "besides"),
    [(Race, gdviz.simulate, {"formula"}), (Train, gdviz.train, set()), (Signal, gdviz.respond, set())],
    ids=["simulate", "train", "respond"],
)
def test_what_is_run_can_be_asked_for_in_python_under_the_words_and_with_the_defaults_of_its_options(
    job, called, besides
):
    """`besides` are options without a keyword of their own: formulas stand in the landscape's place."""
    keywords = dict(inspect.signature(called).parameters)
    run = {
        key: option
        for key, option in options_of(job).items()
        if option.group == "own" and option.stored and option.help and (not option.draws or option.tunes)
    }
    assert besides <= run.keys()
    for key, option in run.items():
        if key in besides:
            continue
        assert keywords.keys() & {key, option.word}, f"{called.__name__} lacks {option.word}"
        keyword = keywords.pop(option.word if option.word in keywords else key)
        if keyword.default is not inspect.Parameter.empty:
            said = ", ".join(keyword.default) if isinstance(keyword.default, tuple) else keyword.default
            assert said in (option.default, option.usual) or not (said or option.default)
        if option.type in NUMBERS_AND_WORDS and not option.kind:
            assert keyword.annotation == option.type
    python = {"landscape", "grad", "progress", "paths", "target", "features"}
    assert keywords.keys() <= python, "what no option says, only Python can give"


def test_stills_and_clips_take_all_that_is_drawn_and_name_what_they_name_as_the_options_do():
    options = options_of(Race)
    for called in (gdviz.animate, gdviz.plot):
        keywords = inspect.signature(called).parameters
        assert keywords["changed"].kind is inspect.Parameter.VAR_KEYWORD
        for key in keywords.keys() & options.keys():
            assert (keywords[key].default, keywords[key].annotation) == (options[key].default, options[key].type)
