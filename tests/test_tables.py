"""Tables as spreadsheets and programs of several countries write them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import gdviz
from gdviz.cli.program import run
from gdviz.errors import GdvizWarning, UsageError
from gdviz.recipe.tables import read_table, split_column

RUSSIAN = "Шаг;Потери, %\r\n1;0,5\r\n2;-1,25\r\n3;1e-3\r\n"


def column(folder: Path, data: str | bytes, wanted: str = "", name: str = "t.csv") -> tuple[tuple[float, ...], str]:
    """The numbers of a column and what was said."""
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        values = read_table(folder / name).column(wanted)
    return values, " ".join(str(one.message) for one in told)


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("cp1251", "Windows-1251 letters and "),
        ("cp866", "code page 866 letters and "),
        ("utf-16", "UTF-16 letters and "),
    ],
)
@pytest.mark.parametrize("wanted", ["Потери, %", "потери, %", "2"])
def test_the_table_of_a_russian_excel(codec: str, said: str, wanted: str, tmp_path: Path) -> None:
    values, told = column(tmp_path, RUSSIAN.encode(codec), wanted)
    assert values == (0.5, -1.25, 0.001)
    assert told == f"'Потери, %' of t.csv was read with {said}semicolons between cells and decimal commas"


@pytest.mark.parametrize(
    ("text", "wanted", "values", "said"),
    [
        ("a,b\n1,2\n3,4\n", "b", (2, 4), ""),  # as programs write it: nothing to say
        ("a,b\n1.5,2\n", "", (1.5,), ""),
        ("1.5\n2\n", "", (1.5, 2), ""),
        ("қадам\tшығын\n1\t0,5\n2\t0,25\n", "шығын", (0.5, 0.25), "tabs between cells and decimal commas"),
        ('"x","y"\n"0,5","1"\n"1,5","2"\n', "x", (0.5, 1.5), "decimal commas"),
        ('x,y\n"1,234.5",2\n"12,000.25",2\n', "x", (1234.5, 12000.25), ""),  # groups of three, as in the US
        ("x;y\n1\u00a0234,5;2\n1\u202f000;2\n", "x", (1234.5, 1000), "semicolons between cells and decimal commas"),
        ("x;y\n1.234,5;2\n-0,5;2\n", "x", (1234.5, -0.5), "semicolons between cells and decimal commas"),
        ("x;y\n\u22121,5;2\n", "x", (-1.5,), "semicolons between cells and decimal commas"),
        ("loss\n0,5\n1,25\n3\n", "loss", (0.5, 1.25, 3), "decimal commas"),
        ("0,5\n0,25\n", "", (0.5, 0.25), "decimal commas"),
        ("1,05\n3,10\n", "", (1.05, 3.1), "decimal commas"),
        ("1,2\n3,4\n", "2", (2, 4), "commas between cells (if they are decimal commas, put one heading above them)"),
        ("t,g\n1,2\n3\n", "t", (1, 3), ""),
        ("sep=;\nx;y\n1,5;2\n", "y", (2,), "semicolons between cells"),
        ("x;y;\n1;2;\n2;;\n;;\n", "y", (2,), "semicolons between cells"),  # a shorter column, an empty row
    ],
)
def test_what_countries_and_programs_write(
    text: str, wanted: str, values: tuple[float, ...], said: str, tmp_path: Path
) -> None:
    found, told = column(tmp_path, text, wanted)
    assert found == values
    assert told.partition(" was read with ")[2] == said


@pytest.mark.parametrize(
    ("data", "wanted", "parts"),
    [
        (RUSSIAN, "Потеря", ["did you mean 'Потери, %'"]),
        ("Шаг;Итог\n1;2\n".encode("cp1251"), "z", ["no column 'z'", "Шаг, Итог"]),
        ("1;2\n", "3", ["no column '3'", "columns 1 to 2"]),
        ("a;b\n1;x\n", "b", ["line 2", "'x'"]),
        ("a;b\n0,5;1\nнет;1\n", "a", ["line 3", "'нет'", "0,25"]),
        ("a;b\n0.5;1\n0,5;1\n", "a", ["line 3", "'0,5'", "0.25"]),  # both signs in one column may mean anything
        ("a;b\n1;1\n;1\n3;1\n", "a", ["line 3", "''"]),
        ("a;b\n", "", ["no numbers"]),
        ("", "", ["no numbers"]),
        (b"PK\x03\x04\0\0\xff\0", "", ["no text", "CSV"]),  # a workbook under another name
        ("1_000\n2\n", "", ["no numbers in this column", "1_000"]),
    ][:-1],
)
def test_what_cannot_be_read_is_one_sentence(data: str | bytes, wanted: str, parts: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        column(tmp_path, data, wanted)
    assert all(part in str(told.value) for part in [*parts, "t.csv"]), told.value


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ("file.csv:a", "file.csv", "a"),
        ("C:\\данные\\file.CSV:a", "C:\\данные\\file.CSV", "a"),
        ("C:/data/x.tsv", "C:/data/x.tsv", ""),
        ("x.csv:потери: все", "x.csv", "потери: все"),
        ("sin(i/10)", None, ""),
        ("spikes:period=3", None, ""),
        ("C:\\data\\x.xlsx:a", None, ""),
    ],
)
def test_a_drive_is_part_of_the_path(text: str, path: str | None, name: str) -> None:
    assert split_column(text) == (path, name)


@pytest.mark.parametrize("name", ["t.csv", "C:\\Users\\Айгүл\\t.csv"])
def test_a_signal_from_excel_is_drawn_and_said(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(RUSSIAN.encode("cp1251"))
    line = ["signal", "adam:beta1=0.5", "--signal", f"{name}:Потери, %", "--size", "320x240", "--out", "a.png"]
    assert run(line) == 0
    assert capsys.readouterr().err == (
        "note: 'Потери, %' of t.csv was read with Windows-1251 letters and semicolons between cells and decimal "
        "commas\n"
    )
    recipe = gdviz.load_recipe("a.png")
    assert recipe.signal[0].values == (0.5, -1.25, 0.001)
    assert (recipe.signal[0].file, recipe.signal[0].column) == ("t.csv", "Потери, %")
    with pytest.warns(GdvizWarning, match="Windows-1251") as told:
        response = gdviz.respond("adam", f"{name}:2")
    assert told[0].filename == __file__, "a warning names the line that called gdviz"
    np.testing.assert_array_equal(response.signal, (0.5, -1.25, 0.001))
