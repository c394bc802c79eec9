"""Typed words make the recipe that is meant, and the command told for a recipe makes that recipe again."""

from __future__ import annotations

import itertools
import shlex
from functools import partial
from pathlib import Path
from typing import Any, get_args

import click
import pytest

from gdviz.catalogue.lookup import definitions
from gdviz.cli.wishes import wishes
from gdviz.errors import UsageError
from gdviz.jobs import command_of, read
from gdviz.lang import languages
from gdviz.recipe.options import options_of
from gdviz.recipe.options.chart import Chart
from gdviz.recipe.options.race import Race
from gdviz.recipe.options.signal import Signal
from gdviz.recipe.recipe import Recipe, model_of, read_toml, validate

recipe_of = partial(read, asked=Race)


@click.command()
@wishes(Race, without="still")
@click.pass_context
def clip(ctx: click.Context, **typed: Any) -> Recipe:
    return recipe_of(ctx.params, Recipe())


@click.command()
@wishes(Race, without="clip")
@click.pass_context
def picture(ctx: click.Context, **typed: Any) -> Recipe:
    return recipe_of(ctx.params, Recipe())


def typed(line: str) -> Recipe:
    program, command, *words = shlex.split(line)
    assert program == "gdviz"
    made = {"animate": clip, "plot": picture}[command].main(words, standalone_mode=False)
    assert isinstance(made, Recipe)
    return made


FULL = """gdviz animate rosenbrock --set a=2 --set b=50 -o momentum:lr=0.001,mu=0.5
-o adam:preset=torch:lr=0.1:label='My own' -o adam:color=#aa3377,dash=dashed
 --start=-1.5,2 --start 0:1 --fair lr --steps 40 --every 2 --tol 1e-6 --seed 3 --first 4 --dtype float32 --threads 2
--transform gaussian:sigma=0.5 --transform multiplicative
--schedule lr=cosine:end=0.1 --schedule 'adam.beta1=linear_warmup:steps=20 then ramp:steps=0.5'
--view contour --panel loss --panel state:v --split start --anatomy 3 --arrows gradient --label minimum --label levels
--arrows gaussian:sigma=0.5,at=grid,color=#112233,label=noisy --domain=-3:3,-1:4 --window 0:1,0:1
--note 3:here --note 'adam@5:there: yes' --mark '0.5,0.25:a, b'
--levels 0,1,2 --inset off --legend values --bare --size 640x360 --fps 25
--stops --seconds 3 --pace log --hold 0.25,1
--theme dark --background '#102a43' --lang kk --title 'Аңғар, a title' --caption 'two words' --font-size 1.5 --draft"""


@pytest.mark.parametrize(
    "line",
    [
        "gdviz animate beale",
        "gdviz animate beale -o adam,gd,rmsprop",
        "gdviz animate beale --theme light --background '#102a43'",
        "gdviz animate beale -o adam:lr=auto -o adam:lr=1e-05",
        "gdviz animate beale -o adam:bias_correction=no,eps_mode=inside",
        "gdviz animate --formula 'x^2 + a*y^2' --set a=3 -o gd:lr=0.1",
        "gdviz plot quadratic_1d -o gd:lr=0.1 --start 6 --at 5 --levels log --size 84mmx60mm",
        "gdviz animate rastrigin --dim 10 -o adam",
        FULL,
    ],
)
def test_the_command_of_a_recipe_makes_the_recipe(line: str) -> None:
    recipe = typed(line)
    again = typed(command_of(recipe))
    assert again == recipe
    assert again.text() == recipe.text()


def test_every_option_reaches_the_recipe() -> None:
    recipe = typed(FULL)
    left = {name for name, field in type(recipe).model_fields.items() if getattr(recipe, name) == field.get_default()}
    others = {"schema_", "backend", "formula", "dim", "at", "font", "plugins", "digests", "versions", "starts_hash"}
    assert left <= others | {"tuned"}


def bounds(field: Any) -> dict[str, Any]:
    """What a field of a recipe is told of its value, also where that may be None."""
    parts = get_args(field.annotation) if type(None) in get_args(field.annotation) else ()
    inner = [getattr(part, "__metadata__", ()) for part in parts]
    items = [*field.metadata, *(item for info in itertools.chain(*inner) for item in getattr(info, "metadata", [info]))]
    names = ("ge", "le", "lt", "gt", "allow_inf_nan")
    return {name: getattr(item, name) for item in items for name in names if getattr(item, name, None) is not None}


@pytest.mark.parametrize("job", [Race, Signal, Chart])
def test_what_options_declare_is_what_recipes_hold(job: type) -> None:
    stored = {key: option for key, option in options_of(job).items() if option.stored}
    for key, option in stored.items():
        field = model_of(job).model_fields[key]
        assert field.get_default(call_default_factory=True) == option.default, key
        assert bounds(field) == dict(option.limits), key
    assert len(stored) > 15 and any(option.limits for option in stored.values())


def test_choices_of_the_command_line_are_those_of_recipes() -> None:
    (lang,) = (p for p in clip.params if p.name == "lang")
    assert set(lang.type.choices) == set(languages())  # type: ignore[attr-defined]
    for option in (p for command in (clip, picture) for p in command.params if isinstance(p.type, click.Choice)):
        key = option.name or ""
        for choice in option.type.choices:  # type: ignore[attr-defined]
            validate({key: [choice] if isinstance(model_of(Race).model_fields[key].default, tuple) else choice})


def test_rates_are_searched_unless_stated() -> None:
    recipe = typed("gdviz animate beale -o gd -o gd:lr=0.1 -o adam:preset=deck003 -o adam:preset=torch")
    assert [entry.options.get("lr") for entry in recipe.optimizer] == ["auto", 0.1, None, "auto"]
    called = typed("gdviz animate beale -o newton -o armijo -o newton:lr=auto")
    assert [entry.options.get("lr") for entry in called.optimizer] == [None, None, "auto"]
    natural = [d for d in definitions("optimizer").values() if d.facts.natural]
    called = typed("gdviz animate beale " + " ".join(f"-o {d.name} -o {d.name}:lr=auto" for d in natural))
    assert [entry.options.get("lr") for entry in called.optimizer] == [None, "auto"] * len(natural)
    assert natural


def test_typed_options_win_over_a_recipe_and_a_new_landscape_drops_the_old_ones() -> None:
    base = typed(
        "gdviz animate rosenbrock --set b=7 -o gd:lr=0.1 -o adam --start 0,1 --steps 40 --theme dark --title Valley"
    )
    same = recipe_of({"landscape": "rosenbrock", "theme": "print"}, base)
    assert (same.theme, same.steps, same.constants, same.title) == ("print", 40, {"b": 7.0}, "Valley")
    other = recipe_of({"landscape": "beale", "steps": 9, "optimizers": ["rmsprop"]}, base)
    assert (other.landscape, other.start, other.steps, other.constants, other.title) == ("beale", None, 9, {}, None)
    assert [entry.name for entry in other.optimizer] == ["rmsprop"]
    assert other.theme == "dark"
    windowed = typed("gdviz animate rosenbrock --domain=-2:2,-1:3 --window=0:1,0:1 -o gd:lr=0.1")
    assert windowed.window == ((0, 1), (0, 1))
    assert recipe_of({"landscape": "beale"}, windowed).window is None
    assert recipe_of({"formula": "x^2+y^2"}, windowed).window is None


def test_another_dimension_drops_the_points_of_the_old_one() -> None:
    base = typed("gdviz animate rastrigin --start 1,2 --domain=-1:1,-1:1 -o gd:lr=0.1")
    assert recipe_of({"dim": 3}, base).start is None and recipe_of({"dim": 3}, base).domain is None
    assert recipe_of({"dim": 3}, recipe_of({"window": "0:1,0:1"}, base)).window is None
    assert recipe_of({"dim": 3, "start": ["1,2,3"]}, base).start == ((1, 2, 3),)
    assert recipe_of({"landscape": "griewank"}, recipe_of({"dim": 3}, base)).dim is None


def test_what_to_descend_must_be_said_once() -> None:
    with pytest.raises(UsageError, match="beale and a formula"):
        recipe_of({"landscape": "beale", "formula": "x**2"}, Recipe())
    with pytest.raises(UsageError, match="--formula"):
        recipe_of({}, Recipe())


@pytest.mark.parametrize("text", ["x^2+3*y^2", "-x**2", "2x", "x - y", "xy", "√x+1", "|x|", "f(x,y)=x", "u^2", "3*4"])
def test_a_formula_may_stand_where_a_landscape_is_named(text: str, tmp_path: Path) -> None:
    recipe = recipe_of({"landscape": text, "optimizers": ["gd:lr=0.1"]}, Recipe())
    assert (recipe.landscape, recipe.formula) == (None, text)
    assert typed(command_of(recipe)) == recipe
    same = recipe_of({"landscape": text, "theme": "dark"}, recipe.updated(start=[[1.0, 2.0]]))
    assert same.start is not None
    (tmp_path / "a.toml").write_text(f"landscape = '{text}'", encoding="utf-8")
    assert read_toml(tmp_path / "a.toml").formula == text


@pytest.mark.parametrize("name", ["rosenbrok", "styblinski-tan", "goldstein/price", "mc cormik", "beal"])
def test_a_mistyped_landscape_is_no_formula(name: str) -> None:
    with pytest.raises(UsageError, match=f"there is no landscape '{name}'; did you mean"):
        recipe_of({"landscape": name}, Recipe())


def test_constants_say_that_letters_are_a_formula() -> None:
    assert recipe_of({"landscape": "a x - b", "constants": ["a=2", "b=1"]}, Recipe()).formula == "a x - b"
    assert recipe_of({"landscape": "ax^2 + y^2", "constants": ["a=2"]}, Recipe()).formula == "ax^2 + y^2"
    for words in ({"landscape": "a - b"}, {"landscape": "ax^2"}, {"landscape": "ax^2", "constants": ["b=2"]}):
        with pytest.raises(UsageError, match="no landscape"):
            recipe_of(words, Recipe())


def test_a_formula_is_not_echoed_whole() -> None:
    for words in ({"landscape": "x+" * 6000 + "x", "formula": "x"}, {"landscape": "foo" * 4000}):
        with pytest.raises(UsageError) as caught:
            recipe_of(words, Recipe())
        assert len(str(caught.value)) < 200


def test_a_label_that_cannot_be_typed_is_left_out_of_the_command() -> None:
    recipe = validate({"landscape": "beale", "optimizer": [{"name": "gd", "lr": 0.1, "label": "slow, steady"}]})
    assert command_of(recipe) == "gdviz animate beale -o gd:lr=0.1"


def test_limits_are_told_with_the_options_name() -> None:
    with pytest.raises(UsageError, match=r"^--font-size = 9"):
        recipe_of({"landscape": "beale", "font_size": 9.0}, Recipe())


def test_arrows_without_options_may_stand_in_one_list() -> None:
    both = recipe_of({"landscape": "beale", "arrows": ("gradient,descent",)}, Recipe())
    assert both == recipe_of({"landscape": "beale", "arrows": ("gradient", "descent")}, Recipe())
    colons = recipe_of({"landscape": "beale", "arrows": ("gradient:gaussian",)}, Recipe())
    assert colons == recipe_of({"landscape": "beale", "arrows": ("gradient,gaussian",)}, Recipe())


def test_texts_stand_on_one_line() -> None:
    recipe = validate({"landscape": "beale", "lang": "ru", "title": {"ru": "Две\r\n строки\tи знак", "en": "One"}})
    assert recipe.said(recipe.title) == "Две строки и знак"
    assert recipe.said("a\u00a0b  c\n") == "a\u00a0b  c ", "blanks of typographers stay"
    assert recipe.said(None) == recipe.said("") == ""
