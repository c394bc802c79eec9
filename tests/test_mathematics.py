"""Formulas and rules as mathematics: TeX of every definition, and the MathML that browsers set by themselves."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest

from gdviz.about.expressions import symbol
from gdviz.about.mathml import UnknownTeXError, mathml
from gdviz.about.rules import Line, aligned, rule
from gdviz.catalogue.lookup import definitions, find
from gdviz.catalogue.options import resolve_options
from gdviz.catalogue.plugins import load_plugin
from gdviz.compose.formulas import localized
from gdviz.errors import DefinitionError
from gdviz.formula import derivation
from gdviz.gallery.formulas import told, typed
from gdviz.lang import languages, texts
from gdviz.recipe.entries import Entry
from gdviz.recipe.recipe import validate
from gdviz.registry.definition import Definition

RULES = ("optimizer", "transform", "schedule", "signal")
FORMULAS = ("landscape", "activation", "loss")
ENGLISH = texts("en")


def named(kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(kind, name) for kind in kinds for name in definitions(kind)]


def checked(tex: str) -> ET.Element:
    """The MathML of TeX: well formed, with no command or group left as text, every element with what it must have."""
    root = ET.fromstring(mathml(tex))
    assert not {"\\", "}", "_", "&"} & set("".join(root.itertext()))
    counts = {"mfrac": 2, "msup": 2, "msub": 2, "msubsup": 3, "munder": 2, "munderover": 3, "mover": 2, "mroot": 2}
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag in counts:
            assert len(element) == counts[tag], ET.tostring(element)
        elif tag in ("mi", "mn", "mo", "mtext"):
            assert element.text and not len(element)
    return root


def ways(definition: Definition) -> Iterator[dict[str, object]]:
    """Options of a definition by default and by each of its presets."""
    for preset in (None, *getattr(definition, "presets", {})):
        yield resolve_options(Entry(name=definition.name, preset=preset), definition)


@pytest.mark.parametrize(("kind", "name"), named(RULES))
def test_every_rule_is_told_with_all_that_it_reads(kind: str, name: str) -> None:
    definition = find(kind, name)
    for lang in languages():
        for options in ways(definition) if lang == "en" else [{}]:
            lines = rule(definition, options, texts(lang))
            assert lines, f"{kind} {name} has no rule"
            for line in lines:
                checked(line.tex)
            said = "\n".join(line.tex for line in lines)
            if kind == "optimizer":
                assert r"x \leftarrow" in said or r"x_{i} \leftarrow" in said or definition.rule == "host"
            if not definition.switches:  # no part is left out
                read = {node.id for node in ast.walk(ast.parse(definition.text)) if isinstance(node, ast.Name)}
                for key in read & set(definition.parameters):
                    assert symbol(definition.symbol(key)) in said, f"{key} is not in the rule of {name}"


@pytest.mark.parametrize(("kind", "name"), named(FORMULAS))
def test_every_formula_is_set_as_mathematics(kind: str, name: str) -> None:
    derived = derivation.derive(find(kind, name))
    for lang in languages():
        root = checked(localized(derived.symbolic, texts(lang)))
        letters = {element.text for element in root.iter() if element.tag.endswith("}mi")}
        assert letters & set(derived.variables)


def test_rules_that_everybody_knows() -> None:
    def said(kind: str, name: str, **options: object) -> list[str]:
        definition = find(kind, name)
        return [line.tex for line in rule(definition, options, ENGLISH)]

    assert said("optimizer", "gd") == [r"g = \nabla f\left(x\right)", r"x \leftarrow x - \eta\, g"]
    assert said("optimizer", "adam")[1:4] == [
        r"m \leftarrow \beta_{1}\, m + \left(1 - \beta_{1}\right)\, g",
        r"v \leftarrow \beta_{2}\, v + \left(1 - \beta_{2}\right)\, g^{2}",
        r"\hat{m} = \frac{m}{1 - \beta_{1}^{t}}",
    ]
    ahead = said("optimizer", "nesterov", nesterov_form="lookahead")
    assert ahead[:2] == [r"y = x - \mu\, \eta\, v", r"g = \nabla f\left(y\right)"]
    assert ahead[2:] == [r"v \leftarrow \mu\, v + g", r"x \leftarrow x - \eta\, v"]
    assert r"\text{if }\left\| g \right\| = 0\text{:}" in said("optimizer", "newton")
    assert said("optimizer", "newton")[-1] == (
        r"x \leftarrow x - \eta\, \left(\nabla^{2} f\left(x\right)\right)^{-1}\, g"
    )
    # the old point is kept before it is moved, and the answer of a schedule is told by what it reads
    assert said("optimizer", "barzilai_borwein")[-3:][0] == r"\mathrm{before} \leftarrow x"
    assert said("schedule", "exponential") == [r"h_{t} = h\, e^{-\beta\, \left(t - 1\right)}"]
    assert said("transform", "gaussian")[-1] == r"\xi \sim \mathcal{N}\left(0,\, 1\right)"


def test_a_plugin_has_its_rule_and_what_has_no_form_has_none(tmp_path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from gdviz.registry import define\n\n\n"
        '@define("optimizer", source="nobody 2026, nothing", presets={"own": {}}, no_oracle="nothing like it")\n'
        "def halved(x, g, lr=0.1):\n"
        '    """Half a step."""\n'
        "    return x - 0.5 * lr * g\n\n\n"
        '@define("optimizer", source="nobody 2026, nothing", presets={"own": {}}, no_oracle="nothing like it")\n'
        "def odd(x, g, value, lr=0.1):\n"
        '    """Nothing that has a form."""\n'
        '    named = {"a": lr}\n'
        '    return x - named["a"] * g\n'
    )
    try:
        load_plugin(file)
        assert [line.tex for line in rule(find("optimizer", "halved"), {}, ENGLISH)][-1] == (
            r"x \leftarrow x - 0.5\, \eta\, g"
        )
        assert rule(find("optimizer", "odd"), {}, ENGLISH) == ()
    finally:
        file.write_text("", encoding="utf-8")
        with pytest.raises(DefinitionError, match="defines nothing"):
            load_plugin(file)


def test_several_lines_are_one_piece_of_tex() -> None:
    assert aligned([Line("a")]) == "a"
    assert aligned([Line("a"), Line("b", 1)]) == "\\begin{aligned}\n  & a \\\\\n  & \\quad b \\\\\n\\end{aligned}"


@pytest.mark.parametrize(
    ("tex", "wanted"),
    [
        (r"0{,}5\,x", '<mn>0,5</mn><mspace width="0.167em"/><mi>x</mi>'),
        (r"x_{1}^{2}", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>"),
        ("x^2_1", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>"),
        (r"|x-|y||", "|"),
        (r"\sum_{k=0}^{n-1} k", "<munderover><mo>∑</mo>"),
        (r"\text{if }x<1", "<mtext>if\u00a0</mtext><mi>x</mi><mo>&lt;</mo><mn>1</mn>"),
        (r"(-x)", '<mo form="prefix">−</mo><mi>x</mi>'),
        (r"condition\ y", "<mi>condition</mi>"),
    ],
)
def test_tex_becomes_mathml(tex: str, wanted: str) -> None:
    assert wanted in mathml(tex)
    ET.fromstring(mathml(tex))


@pytest.mark.parametrize(
    "tex", [r"\frac{1}", "x^", r"\left(x", "(x", "x}", r"\unknown x", r"\begin{cases} 1", "|x", "{x"]
)
def test_tex_that_is_not_whole_or_not_known_is_refused(tex: str) -> None:
    with pytest.raises(UnknownTeXError):
        mathml(tex)


def test_a_page_tells_the_constants_and_the_switches_of_its_recipe() -> None:
    recipe = validate(
        {
            "landscape": "ravine",
            "constants": {"kappa": 6.0},
            "optimizer": [
                {"name": "adam", "options": {"lr": 0.1, "beta1": 0.5}},
                {"name": "adam", "options": {"lr": 0.1}},
                {"name": "nesterov", "options": {"lr": 0.1}},
                {"name": "nesterov", "options": {"lr": 0.2, "nesterov_form": "lookahead"}},
            ],
        }
    )
    (ravine,) = told(find("landscape", "ravine"), recipe, texts("ru"))
    assert ravine["tex"] == r"f(x, y) = \frac{\kappa y^{2}}{2} + \frac{x^{2}}{2}"
    assert [row[1:] for row in ravine["options"]] == [["kappa", "6"]]
    (adam,) = told(find("optimizer", "adam"), recipe, texts("ru"))
    assert adam["when"] == ""
    assert [row[1:] for row in adam["options"]][:2] == [["lr", "0,1"], ["beta1", "0,5; 0,9"]]
    first, second = told(find("optimizer", "nesterov"), recipe, ENGLISH)
    assert "nesterov_form = shifted" in first["when"] and "nesterov_form = lookahead" in second["when"]
    assert first["tex"] != second["tex"] and "y = " in second["tex"]
    assert typed(recipe, ENGLISH) is None


def test_a_typed_formula_is_set_as_well() -> None:
    recipe = validate({"formula": "x^2 + a*|y|", "constants": {"a": 0.5}, "optimizer": [{"name": "gd"}]})
    found = typed(recipe, texts("kk"))
    assert found is not None and found["tex"] == "f(x, y) = a |y| + x^{2}"
    assert [row[1:] for row in found["options"]] == [["a", "0,5"]]
