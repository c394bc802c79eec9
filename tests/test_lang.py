"""The languages hold the same texts, and the packaged fonts can draw all of them."""

from __future__ import annotations

import math
import re
import string
from pathlib import Path

import pytest

from gdviz.catalogue.lookup import definitions
from gdviz.errors import UsageError
from gdviz.lang import ABOUT, languages, texts
from gdviz.scene.themes import THEMES

TABLES = {code: texts(code).tables for code in languages()}
TRANSLATED = [code for code in languages() if code != "en"]
ROOT = Path(__file__).parent.parent


def gaps(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}


def test_english_russian_and_kazakh_are_there() -> None:
    assert {"en", "kk", "ru"} <= set(languages())


@pytest.mark.parametrize("code", TRANSLATED)
def test_same_keys_and_gaps_as_english(code: str) -> None:
    for table in ("text", "format"):
        assert TABLES[code][table].keys() == TABLES["en"][table].keys()
    for key, sentence in TABLES["en"]["text"].items():
        assert gaps(TABLES[code]["text"][key]) == gaps(sentence), f"{code}.toml: {key}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_names_belong_to_definitions_and_agree_between_languages(code: str) -> None:
    assert TABLES[code]["option"].keys() == TABLES["en"]["option"].keys()
    assert TABLES[code]["function"].keys() == TABLES["ru"]["function"].keys()
    assert TABLES[code]["theme"].keys() == THEMES.keys()
    kinds = set(TABLES[code]) - {"text", "format", "option", "function", "theme", ABOUT}
    assert kinds, f"{code}.toml translates no names"
    for kind in kinds:
        stale = set(TABLES[code][kind]) - set(definitions(kind))
        assert not stale, f"{code}.toml [{kind}]: no such definitions: {stale}"
        for other in TRANSLATED:
            assert TABLES[other][kind].keys() == TABLES[code][kind].keys()


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_landscape_and_optimizer_is_told_in_one_line(code: str) -> None:
    """English has these in the definitions themselves."""
    expected = {f"{kind}.{name}" for kind in ("landscape", "optimizer") for name in definitions(kind)}
    assert TABLES[code][ABOUT].keys() == expected
    for key, line in TABLES[code][ABOUT].items():
        kind, _, name = key.partition(".")
        assert re.search("[а-яәғқңөұүһі]", line) and line != definitions(kind)[name].summary and len(line) < 150, key


def test_every_text_is_used() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "gdviz").rglob("*.py") if path.parent.name != "lang"
    )
    unused = [key for key in TABLES["en"]["text"] if not re.search(rf"""["']{key}["']""", source)]
    assert not unused, f"nobody asks for {unused}"


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("code", languages())
def test_the_packaged_fonts_have_every_letter(code: str, bold: bool) -> None:
    """Letters and digits are of the face itself, of one design; signs may be of the font that fills in."""
    from matplotlib.font_manager import get_font

    from gdviz.draw.fonts import files

    face, reserve = (get_font(file).get_charmap() for file in files(None, bold))
    words = [word for table in TABLES[code].values() for word in table.values()]
    words += [texts(code).number(value, 3) for value in (-1.5, 2e-9, 3e12, math.inf, -math.inf, math.nan)]
    words += ["⁰¹²³⁴⁵⁶⁷⁸⁹⁻"]
    letters = {letter for word in words for letter in word}
    assert not {letter for letter in letters if letter.isalnum() and ord(letter) not in face}
    assert not {letter for letter in letters if ord(letter) not in face and ord(letter) not in reserve}


def test_kazakh_counter_puts_the_number_first() -> None:
    assert texts("kk").text("counter", k=62) == "62-қадам"
    assert texts("kk").text("diverged", k=62) == "жинақсыздық: 62-қадам"
    assert f"{texts('ru').text('counter', k=62)} {texts('ru').text('counter_total', n=125)}" == "шаг 62 из 125"


@pytest.mark.parametrize(
    ("code", "value", "digits", "written"),
    [
        ("en", 0.299, 3, "0.299"),
        ("ru", 0.299, 3, "0,299"),
        ("kk", -12.5, 1, "−12,5"),
        ("en", 0.25, None, "0.25"),
        ("ru", 0.25, None, "0,25"),
        ("en", 100.0, None, "100"),
        ("ru", 1.5e8, None, "1,5·10⁸"),
        ("en", 1234567.0, None, "1234567"),
        ("kk", 1e-7, None, "10⁻⁷"),
        ("ru", 2.13e-5, 3, "2,1·10⁻⁵"),
        ("en", 4.2e17, 3, "4.2·10¹⁷"),
        ("en", -1e6, None, "−10⁶"),
        ("en", 9999.4, 3, "9999.400"),
        ("ru", 573054.2, 3, "5,7·10⁵"),
        ("en", 0.0, 3, "0"),
        ("en", -0.0, 3, "0"),
        ("en", 0.00049, 3, "4.9·10⁻⁴"),
        ("en", math.inf, 3, "∞"),
        ("en", -math.inf, None, "−∞"),
        ("en", math.nan, 3, "–"),
    ],
)
def test_numbers_are_written_as_the_language_does(code: str, value: float, digits: int | None, written: str) -> None:
    assert texts(code).number(value, digits) == written


def test_an_unknown_key_and_a_missing_value_are_faults_of_the_program() -> None:
    with pytest.raises(KeyError):
        texts("en").text("no_such_key")
    with pytest.raises(KeyError):
        texts("en").text("counter")


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="en, kk, ru"):
        texts("kz")


@pytest.mark.parametrize("code", TRANSLATED)
def test_unknown_names_keep_their_own_title(code: str) -> None:
    assert texts(code).name("landscape", "no_such_landscape") is None
    assert texts("en").name("landscape", "beale") is None


COUNTED = {
    "en": {1: "evaluation", 2: "evaluations", 0: "evaluations"},
    "ru": {1: "вычисление", 2: "вычисления", 5: "вычислений", 11: "вычислений", 21: "вычисление", 112: "вычислений"},
    "kk": {1: "есептеу", 2: "есептеу"},
}


@pytest.mark.parametrize("code", languages())
def test_a_word_beside_a_number_has_the_form_that_goes_with_it(code: str) -> None:
    for number, form in COUNTED[code].items():
        assert texts(code).text("counter_evals", k=number).endswith(f" {form}"), number


def test_every_form_that_a_sentence_needs_is_there() -> None:
    forms = {"one": 1, "two": 2, "slavic": 3}
    for code in languages():
        for key, sentence in TABLES[code]["text"].items():
            for _, _, chosen, _ in string.Formatter().parse(sentence):
                if chosen and "|" in chosen:
                    assert len(chosen.split("|")) == forms[TABLES[code]["format"]["plural"]], f"{code}.toml: {key}"


KINDS = ("optimizer", "transform", "schedule", "signal")
"""Kinds whose options stand on pictures."""


@pytest.mark.parametrize("code", languages())
def test_every_option_that_a_picture_shows_has_words(code: str) -> None:
    words = texts(code)
    for kind in KINDS:
        for name, definition in definitions(kind).items():
            for key, values in definition.choices.items():
                named = {preset[key] for preset in definition.presets.values() if key in preset}
                for value in {*values, *named}:
                    said = f"{key}={str(value).lower() if isinstance(value, bool) else value}"
                    assert words.option(said, name), f"{code}.toml [option] lacks {said} of {kind} {name}"
            for key in definition.parameters:
                symbol = definition.symbol(key)
                spelled = symbol.isascii() and len(symbol.rstrip("0123456789*")) > 1
                assert words.option(symbol, name) or not spelled, f"{code}.toml [option] lacks {symbol} of {name}"


def test_words_for_options_belong_to_definitions() -> None:
    known = set()
    for kind in KINDS:
        for name, definition in definitions(kind).items():
            options = {**dict.fromkeys(definition.parameters, ()), **definition.choices}
            for key, values in options.items():
                named = {preset[key] for preset in definition.presets.values() if key in preset and values}
                said = [f"{key}={str(v).lower() if isinstance(v, bool) else v}" for v in {*values, *named}]
                known |= {one for word in (*said, definition.symbol(key)) for one in (word, f"{name}.{word}")}
    assert not set(TABLES["en"]["option"]) - known
