"""The command line as its users meet it: results, one-sentence errors, exit codes, and no file where none belongs."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import select
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import numpy as np
import pytest
from children import child

from gdviz import api
from gdviz.cli.program import program, run
from gdviz.compose.race import compose
from gdviz.lang import texts

ROOT = Path(__file__).parent.parent
SMALL = ["--size", "320x240", "--seconds", "0.4", "--steps", "12"]
COMMANDS = {
    name: program.get_command(click.Context(program), name) for name in program.list_commands(click.Context(program))
}


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GDVIZ_LANG", raising=False)


def environment(**extra: str) -> dict[str, str]:
    """For processes of their own: those that load plugins, are interrupted, or need another console."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **extra}


def gdviz(*arguments: str, **extra: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "gdviz", *arguments]
    return subprocess.run(command, capture_output=True, env=environment(**extra), check=False, timeout=120)


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


# --- documentation ------------------------------------------------------------------------------------------------


def test_the_commands_are_those_promised() -> None:
    assert set(COMMANDS) == {
        *(
            "animate",
            "cache",
            "chart",
            "check",
            "cite",
            "deck",
            "demo",
            "doctor",
            "explain",
            "gallery",
            "list",
            "new",
            "plot",
            "recipe",
            "show",
        ),
        *("signal", "slice", "study", "train", "warmup"),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_and_options_have_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = COMMANDS[name]
    assert command is not None and command.help
    for option in command.params:
        assert isinstance(option, click.Argument) or getattr(option, "help", None), option.name
    assert run([name, "--help"]) == 0
    assert f"Usage: gdviz {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_are_in_the_readme_or_architecture(name: str) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert f"gdviz {name}" in text


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md"])
def test_links_and_pictures_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    missing = [link for link in re.findall(r"\]\(([^)#:]+)\)", text) if not (ROOT / link).exists()]
    assert not missing


def test_the_tables_of_the_docs_are_those_of_registry_and_options() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "docs.py"), "--check"],
        capture_output=True,
        check=False,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr.decode()


def readme_commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("## A tour of five minutes")[1].split("```")[1]
    return [line.split("#")[0].strip() for line in block.splitlines() if line.startswith("gdviz")]


def test_the_readme_commands_run(capsys: pytest.CaptureFixture[str]) -> None:
    commands = readme_commands()
    assert len(commands) == 5
    for line in commands:
        words = shlex.split(line)[1:]
        quick = {"animate": ["--size", "320x240", "--seconds", "0.4"], "plot": ["--size", "320x240"]}.get(words[0], [])
        assert run([*words, *quick]) == 0, f"{line}: {capsys.readouterr().err}"
    assert files() == ["beale.mp4", "figure.svg", "quadratic_1d.mp4", "race.gif", "race.mp4"]


def test_the_readme_python_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    assert len(blocks) == 5
    for block in blocks:
        quick = block.replace('lang="kk"', 'lang="kk", size="320x240", seconds=0.4')
        exec(compile(quick, "README.md", "exec"), {})
    assert files() == ["cell.png", "race.mp4", "race.svg", "rates.png"]


# --- results ------------------------------------------------------------------------------------------------------


def test_no_arguments_show_the_help_and_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert "Commands:" in capsys.readouterr().out
    assert run(["--version"]) == 0
    assert re.fullmatch(r"gdviz \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        (["1,1.5", "0.5,0.5", "-1,1", "2,0"], r" \(median of 4\)"),
        (["1,1.5", "0,0"], r" \(median of 2\)"),
        (["1,1.5"], ""),
    ],
)
def test_the_loss_told_is_the_one_in_the_ledger(
    capsys: pytest.CaptureFixture[str], starts: list[str], said: str
) -> None:
    wanted = [word for start in starts for word in ("--start", start)]
    assert run(["plot", "beale", "-o", "gd:lr=0.01", *wanted, "--steps", "12", "--out", "a.svg"]) == 0
    out = capsys.readouterr().out
    made = api.simulate("beale", ["gd:lr=0.01"], start=[tuple(map(float, s.split(","))) for s in starts], steps=12)
    loss = float(np.median(made.f[0, :, -1]))
    assert re.search(rf"GD +lr=0.01 +loss {loss:.4g}{said} +after 12 steps", out)


def test_of_several_starts_is_told_how_many_were_lost_and_when(capsys: pytest.CaptureFixture[str]) -> None:
    starts = ["--start", "1,1.01", "--start", "0.9,0.8", "--start=-2,3"]
    assert run(["plot", "rosenbrock", "-o", "gd:lr=0.003", *starts, "--steps", "40", "--out", "a.svg"]) == 0
    made = api.simulate("rosenbrock", ["gd:lr=0.003"], start=[(1, 1.01), (0.9, 0.8), (-2, 3)], steps=40)
    (step,) = made.stopped_at[made.status == "diverged"]
    assert f"1 of 3 diverged, the first at step {step}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["x+y", "-o", "gd:lr=1e6"], ["GD diverged beyond 10⁶ times domain"]),
        (["sinh(x)+cosh(y)", "-o", "gd:lr=4000"], ["GD diverged outside the guard .*where the loss is not a finite"]),
        (
            ["x^2+y^2", "-o", "gd:lr=20", "-o", "signsgd:lr=4000"],
            ["GD, signSGD diverged outside .* with a loss above the one"],
        ),
        (
            ["x+y^2", "-o", "gd:lr=1e7", "-o", "signsgd:lr=1e7", "--start", "1,0", "--start", "1,1"],
            [r"GD \(from 1 of 2 starts\), signSGD .* with a loss above", r"GD \(from .* diverged beyond 10⁶"],
        ),
    ],
)
def test_why_runs_diverged_is_told_of_each(
    capsys: pytest.CaptureFixture[str], words: list[str], told: list[str]
) -> None:
    assert run(["plot", *words, "--steps", "8", "--size", "320x240", "--out", "a.svg"]) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if "diverged" in line]
    assert len(notes) == len(told)
    for sentence in told:
        assert any(re.search(sentence, note) for note in notes), notes


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--formula", "x^2+y^2", "-o", "gd:lr=1.5"], "GD diverged outside the guard -3000:3000,-3000:3000 (10³"),
        (["quadratic_1d", "-o", "gd:lr=1.6"], "GD diverged outside the guard -9002:8998 (10³"),
        (["--formula", "(x-5000)^2+y^2", "--start", "0,1", "-o", "gd:lr=0.1"], ""),
    ],
)
def test_a_run_stopped_at_the_guard_is_told_how_to_widen_it(
    capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert run(["plot", *words, "--steps", "40", "--size", "320x240", "--out", "a.svg"]) == 0
    out, err = capsys.readouterr()
    if told:
        assert told in err and "a wider --domain widens the guard" in err and "diverged at step" in out
    else:
        assert "guard" not in err
        assert re.search(r"after 40 steps, went beyond -3000:3000,-3000:3000 at step \d+", out)


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize(
    ("rates", "start", "end"),
    [((0.1, 1.6), (1.0, 0.5), "diverged"), ((1e-9, 0.1), (0.0, 1.0), "went beyond -3000:3000,-3000:3000")],
)
def test_how_a_run_ended_is_said_at_the_same_step_on_console_and_picture(
    capsys: pytest.CaptureFixture[str], rates: tuple[float, float], start: tuple[float, float], end: str, lang: str
) -> None:
    formula = "x^2+y^2" if end == "diverged" else "(x-5000)^2+y^2"
    rules = [f"gd:lr={rate:g}" for rate in rates]
    words = [formula, *(word for rule in rules for word in ("-o", rule)), "--start", f"{start[0]:g},{start[1]:g}"]
    words += ["--lang", lang, "--steps", "60", "--size", "320x240"]
    assert run(["plot", *words, "--out", "a.svg"]) == 0
    out = capsys.readouterr().out
    made = api.simulate(formula, rules, start=[start], steps=60)
    step = int((made.stopped_at if end == "diverged" else made.left_at)[1, 0])
    quiet, told = re.findall(r"^  GD .*$", out, re.M)
    assert told.endswith(f"{end} at step {step}") and end not in quiet and 0 < step < 60
    scene = compose(dataclasses.replace(made, recipe=made.recipe.updated(lang=lang)))
    still, moving = scene.trails()[0].tracks
    key, number = ("diverged", {"k": step}) if end == "diverged" else ("left_guard", {"limits": "±3000"})
    assert moving.note == texts(lang).text(key, **number) and not still.note
    assert moving.noted == step and (end != "diverged" or str(step) in moving.note)


def test_one_run_gives_every_format_and_ends_with_the_paths(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["a.mp4", "a.gif", "a.png", "a.svg", "a.pdf"]
    outs = [word for name in names for word in ("--out", name)]
    assert run(["animate", "beale", "-o", "gd:lr=0.01", "-o", "adam", *SMALL, *outs, "--save-recipe", "a.toml"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-5:] == [str(Path(name).absolute()) for name in names]
    assert re.search(r"Adam +lr=\S+ \(auto\) +loss \S+ +after 12 steps", out)
    assert [line for line in err.splitlines() if line.startswith("a.mp4")] == [
        f"a.mp4 {n} %" for n in range(0, 101, 10)
    ]
    assert files() == sorted([*names, "a.toml"])
    kept = tomllib.loads(Path("a.toml").read_text(encoding="utf-8"))
    for name in names:
        capsys.readouterr()
        assert run(["recipe", name]) == 0
        told = capsys.readouterr().out
        assert tomllib.loads(told) == kept
        word = "animate" if name in ("a.mp4", "a.gif") else "plot"
        assert told.startswith(f"# gdviz {word} beale -o gd:lr=0.01 -o adam:lr=")
        assert told.splitlines()[0].endswith(f" --out {name}")


def test_defaults_name_the_file_after_the_landscape(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plot", "Simple-Quad", "-o", "SGD:lr=0.1", "--size", "320x240", "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"{Path('simple_quad.png').absolute()}\n", "")


@pytest.mark.parametrize(
    ("line", "outs"),
    [
        ("animate beale -o gd:lr=0.01 --steps 6 --size 320x240 --seconds 0.2 --fps 10", ["a.png", "a.gif", "a.mp4"]),
        ("plot wobbly -o adam:lr=0.1 --steps 6 --size 320x240 --at 3", ["b.svg", "b.pdf"]),
        ("signal adam --signal spikes --steps 40 --size 320x240", ["c.svg"]),
        ("chart x^2 --size 320x240", ["d.pdf"]),
    ],
)
def test_the_printed_command_makes_the_file(line: str, outs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*shlex.split(line), *(word for name in outs for word in ("--out", name))]) == 0
    made = {name: Path(name).read_bytes() for name in outs}
    for name in outs:
        capsys.readouterr()
        assert run(["recipe", name]) == 0
        _, *command = shlex.split(capsys.readouterr().out.splitlines()[0].removeprefix("# "))
        Path(name).unlink()
        assert run(command) == 0
        if not name.startswith("a.p"):  # a still that came with a film carries the film's options
            assert Path(name).read_bytes() == made[name]


def test_a_rate_that_gif_cannot_show_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    line = [
        "animate",
        "beale",
        "-o",
        "gd:lr=0.01",
        "--steps",
        "6",
        "--size",
        "320x240",
        "--seconds",
        "0.5",
        "--out",
        "a.gif",
        "--fps",
    ]
    for fps, said in (("4", None), ("60", "50"), ("42", "50")):
        Path("a.gif").unlink(missing_ok=True)
        assert run([*line, fps]) == 0
        notes = [text for text in capsys.readouterr().err.splitlines() if text.startswith("note")]
        assert notes == (
            []
            if said is None
            else [f"note: a.gif shows {said} frames a second, not {fps}: GIF counts whole hundredths of one, from 2"]
        )


@pytest.mark.parametrize("words", [["quadratic_1d", "--start=-1"], ["quadratic_1d", "--start", "-5"]])
def test_where_no_letter_has_room_there_is_no_label(words: list[str]) -> None:
    assert run(["plot", *words, "-o", "gd:lr=0.01", "--steps", "2", "--size", "160x120", "--out", "a.png"]) == 0


def test_json_progress_and_replacing_ones_own_file(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["animate", "--formula", "-x**2 + x**4", "-o", "gd:lr=0.01", *SMALL, "--json-progress", "--out", "w.mp4"]
    assert run(line) == 0
    rows = [json.loads(row) for row in capsys.readouterr().err.splitlines()]
    assert rows[-1]["done"] == rows[-1]["total"] and {row["stage"] for row in rows} == {"w.mp4"}
    first = Path("w.mp4").read_bytes()
    assert run(line) == 0
    assert Path("w.mp4").read_bytes() == first, "same recipe, same machine, same bytes"


def test_a_recipe_file_or_an_artefact_starts_another_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plot", "rosenbrock", "-o", "gd:lr=0.001", "--steps", "9", "--size", "320x240", "--out", "a.png"]) == 0
    assert run(["plot", "--recipe", "a.png", "--theme", "dark", "-o", "adam:lr=0.2", "--out", "b.svg"]) == 0
    capsys.readouterr()
    assert run(["recipe", "b.svg"]) == 0
    recipe = tomllib.loads(capsys.readouterr().out)
    assert (recipe["landscape"], recipe["steps"], recipe["theme"], recipe["size"]) == (
        "rosenbrock",
        9,
        "dark",
        "320x240",
    )
    assert recipe["optimizer"] == [{"name": "adam", "lr": 0.2}]


def test_the_language_of_the_machine_is_a_default_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDVIZ_LANG", "kk")
    assert run(["plot", "beale", "-o", "gd", "--steps", "3", "--size", "320x240", "--out", "a.png"]) == 0
    monkeypatch.setenv("GDVIZ_LANG", "ru")
    assert run(["plot", "--recipe", "a.png", "--out", "b.png"]) == 0
    capsys.readouterr()
    assert run(["recipe", "b.png"]) == 0
    assert tomllib.loads(capsys.readouterr().out)["lang"] == "kk"


def test_lists_are_for_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list"]) == 0
    text = capsys.readouterr().out
    assert "landscapes" in text and "rosenbrock" in text and "adamax" in text
    assert run(["list", "Optimizers", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    adam = next(row for row in rows if row["name"] == "adam")
    assert adam["parameters"]["beta1"] == 0.9 and "torch" in adam["presets"]
    assert {row["kind"] for row in rows} == {"optimizer"}


def test_show_tells_formula_rule_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "rosenbrock"]) == 0
    text = capsys.readouterr().out
    for part in ("∂f/∂x", "--set b=100", "minimum (1, 1)", "doi:"):
        assert part in text
    assert run(["show", "nag"]) == 0
    text = capsys.readouterr().out
    assert "return" in text and "also called nag" in text and "preset torch" in text


def test_cite_names_all_that_made_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cite"]) == 0
    assert capsys.readouterr().out.count("@") == 1
    assert run(["plot", "beale", "-o", "adam:lr=0.1", "--steps", "3", "--size", "320x240", "--out", "a.png"]) == 0
    capsys.readouterr()
    assert run(["cite", "a.png"]) == 0
    text = capsys.readouterr().out
    assert "beale1958" in text and "kingma2015" in text and "@software{gdviz" in text


def test_the_doctor_finds_this_installation_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "libx264" in text and "Source Sans Pro" in text and "GPU" in text and "MISSING" not in text
    assert run(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {finding["subject"] for finding in told["findings"]} >= {"python", "cache", "threads", "console"}
    assert told["gpu"].keys() >= {"driver", "extra", "package", "devices", "reason", "philox", "trials", "failure"}


def test_the_demo_makes_its_files(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from gdviz.gallery import demo

    for name in ("RACE", "RATES", "VALLEY"):
        short = getattr(demo, name).replace("seconds = 8.0\n", "") + 'seconds = 0.3\nsize = "320x240"\n'
        monkeypatch.setattr(demo, name, short)
    monkeypatch.setattr(demo, "GIF", {"size": "160x120"})
    assert run(["demo", "зал 1", "--lang", "kk"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == str(Path("зал 1").absolute())
    assert all(Path(line).exists() for line in lines)
    assert {Path(line).suffix for line in lines} >= {".mp4", ".gif", ".png", ".svg"}


# --- plugins ------------------------------------------------------------------------------------------------------

RULE = '''
from gdviz.registry import define

@define("optimizer", source="made up", aliases=("үйкеліс",))
def my_friction(x, g, v, lr=0.02, mu=0.5):
    """Momentum under a name of its own."""
    v = mu * v - lr * g
    return x + v, v
'''


def test_one_optimizer_in_one_file_is_everywhere() -> None:
    folder = Path("қалта мен бос орын")
    folder.mkdir()
    plugin = folder / "ереже.py"
    plugin.write_text(RULE, encoding="utf-8")
    cache = str(Path("кэш бума").absolute())
    listed = gdviz("--plugin", str(plugin), "list", "optimizers", GDVIZ_CACHE_DIR=cache)
    assert listed.returncode == 0 and "my_friction" in listed.stdout.decode()
    target = folder / "жарыс.mp4"
    made = gdviz(
        *(
            "animate",
            "beale",
            "--plugin",
            str(plugin),
            "-o",
            "my_friction:mu=0.8",
            "-o",
            "adam",
            *SMALL,
            "--out",
            str(target),
        ),
    )
    assert made.returncode == 0, made.stderr.decode()
    assert made.stdout.decode().splitlines()[-1] == str(target.absolute())
    checked = gdviz("check", str(plugin), GDVIZ_CACHE_DIR=cache)
    assert Path(cache).is_dir()
    assert checked.returncode == 0 and "ok  gets down a bowl" in checked.stdout.decode()
    told = gdviz("recipe", str(target)).stdout.decode()
    assert "ереже.py" in tomllib.loads(told)["plugins"]
    alone = gdviz("plot", "--recipe", str(target), "--out", "b.png")
    assert alone.returncode == 2 and "--plugin ереже.py" in alone.stderr.decode()


@pytest.mark.parametrize("kind", ["optimizer", "landscape", "signal"])
def test_a_new_plugin_keeps_the_laws(kind: str) -> None:
    name = f"my_{kind}.py"
    assert run(["new", kind, name]) == 0
    checked = gdviz("check", name)
    assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()
    assert run(["new", kind, name]) == 2, "a file is not overwritten unasked"
    assert run(["new", kind, name, "--force"]) == 0


def test_a_broken_law_is_exit_code_1() -> None:
    Path("bad.py").write_text(RULE.replace("- lr * g", "+ lr * g"), encoding="utf-8")
    checked = gdviz("check", "bad.py")
    assert checked.returncode == 1
    assert "BROKEN  gets down a bowl" in checked.stdout.decode()
    assert checked.stderr.decode().count("\n") == 1


# --- bad input ----------------------------------------------------------------------------------------------------

RECIPES = {
    "key.toml": b'landscape = "beale"\nstepz = 5\n',
    "type.toml": b'landscape = "beale"\nsteps = "many"\n',
    "value.toml": b'landscape = "beale"\ntheme = "drak"\n',
    "option.toml": b'landscape = "beale"\noptimizer = [{name = "adam", lrr = 1.0}]\n',
    "limit.toml": b'landscape = "beale"\noptimizer = [{name = "adam", beta2 = 1.1}]\n',
    "torn.toml": b'landscape = "beale\n',
    "rubbish.toml": bytes(range(256)) * 8,
    "rubbish.mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 8,
    "foreign.mp4": b"not ours",
    "syntax.py": b"def (:\n",
    "nothing.py": b"x = 1\n",
}
BAD = [
    (["anmiate"], ["'anmiate'", "animate"]),
    (["animate", "beel"], ["'beel'", "beale"]),
    (["animate", "beale", "-o", "adma"], ["'adma'", "adam"]),
    (["animate", "beale", "-o", "adam:preset=torhc"], ["'torhc'", "torch"]),
    (["animate", "beale", "-o", "adam:bta1=1"], ["'bta1'", "beta1"]),
    (["animate", "beale", "-o", "adam:lr=fast"], ["'fast'", "lr=0.1"]),
    (["animate", "beale", "-o", "adam:eps_mode=insde"], ["'insde'", "inside"]),
    (["animate", "beale", "-o", "adam:lr=0,1"], ["point", "lr=0.1"]),
    (["animate", "beale", "-o", "adam,lr=0.1"], ["colon", "adam:lr=0.1"]),
    (["animate", "beale", "-o", "race.mp4"], ["--out race.mp4"]),
    (["animate", "beale", "-o", "adam", "gd"], ["PowerShell", '-o "adam,gd"']),
    (["animate", "-o", "adam", "gd", "beale"], ['-o "adam,gd,beale"']),
    (["animate", "beale", "beale"], ["'beale'", "too many"]),
    (["animate", "beale", "--start", "1", "2"], ['--start "1,2"']),
    (["animate", "beale", "--start", "-1", "-2"], ['--start "-1,-2"']),
    (["animate", "beale", "--domain", "-2:2", "-1:3"], ['--domain "-2:2,-1:3"']),
    (["plot", "beale", "--arrows", "gradient", "descent"], ['--arrows "gradient,descent"']),
    (["animate", "beale", "--thme", "dark"], ["'--thme'", "--theme"]),
    (["animate", "beale", "--theme", "drak"], ["'drak'", "dark", "light"]),
    (["animate", "beale", "--lr", "0.1"], ["--lr", "-o NAME:lr=…"]),
    (["plot", "beale", "--learning-rate=0.1"], ["-o NAME:lr=…"]),
    (["signal", "adam", "--beta1", "0.5"], ["-o NAME:beta1=…"]),
    (["plot", "beale", "--iterations", "9"], ["'--iterations'", "--steps"]),
    (["animate", "beale", "--epochs=9"], ["'--epochs'", "--steps"]),
    (["animate", "beale", "--adam"], ["--optimizer adam"]),
    (["animate", "beale", "--loop", "0"], ["GIF loops", "MP4"]),
    (["plot", "beale", "--3d"], ["--view contour"]),
    (["plot", "beale", "--view", "3d"], ["'3d'", "contour draws", "line", "loss"]),
    (["animate", "beale", "--view", "surface"], ["'surface'", "contour draws"]),
    (["plot", "beale", "--size", "1080"], ["1080p", "1080px"]),
    (["plot", "rosenbrock", "--set", "q=many"], ["rosenbrock has no constant 'q'"]),
    (["plot", "rosenbrock", "--set", "a=1", "--set", "bb=x"], ["no constant 'bb'", "'b'"]),
    (["plot", "rosenbrock", "--set", "a=many"], ["'many' is no number"]),
    (["animate", "beale", "--steps"], ["--steps", "value"]),
    (["animate", "beale", "--tol", "0,1"], ["decimal comma", "0.1"]),
    (["animate", "beale", "--steps", "-5"], ["--steps", "-5", "1"]),
    (["animate", "beale", "--steps", "1.5"], ["--steps", "1.5", "whole"]),
    (["animate", "beale", "--start", "1"], ["1 ", "2", "--start"]),
    (["animate", "beale", "--dim", "3"], ["beale", "2 coordinates", "drop --dim 3"]),
    (["animate", "quadratic_1d", "--dim", "2"], ["1 coordinate,", "drop --dim 2"]),
    (["animate", "--formula", "x^2 + y^2", "--dim", "3"], ["2 coordinates", "drop --dim 3"]),
    (["plot", "rosenbrock", "--dim", "1"], ["rosenbrock", "two at least", "--dim 2"]),
    (["plot", "rastrigin", "--dim", "21"], ["--dim = 21", "20"]),
    (["plot", "rastrigin", "--dim", "3", "--start", "1,2"], ["2 coordinates", "--start 1.5,-2,0.5"]),
    (["plot", "rastrigin", "--dim", "3", "--view", "line"], ["3 coordinates", "--view contour"]),
    (
        ["plot", "rastrigin", "--dim", "3", "--domain=0:1,0:1,0:1,0:1"],
        ["4 ranges", "2 are drawn", "--domain -2:2,-1:3"],
    ),
    (["animate", "beale", "-o", "gd:lr=-0.1"], ["lr is -0.1", "0 or more"]),
    (["animate", "beale", "-o", "momentum:mu=1.5"], ["mu is 1.5", "from 0 to 1"]),
    (["animate", "beale", "--transform", "gaussian:sigma=-1"], ["sigma is -1", "0 or more"]),
    (["animate", "--recipe", "limit.toml"], ["limit.toml", "beta2 is 1.1", "from 0 to below 1"]),
    (["animate", "beale", "--start", "nan,1"], ["'nan'", "--start"]),
    (["animate", "beale", "--domain", "1:0,0:1"], ["--domain", "rise"]),
    (["animate", "beale", "--set", "a=2"], ["beale", "constant", "'a'"]),
    (["animate", "beale", "--view", "line"], ["--view contour"]),
    (["animate", "quadratic_1d", "--view", "contour"], ["--view line"]),
    (["animate", "beale", "--size", "tiny"], ["'tiny'", "1080p"]),
    (["animate", "beale", "--font", "NoSuchFont"], ["NoSuchFont", "--font"]),
    (["animate", "beale", "--title", "勾配の降下"], ["勾", "U+52FE", "DejaVu Sans", "--font"]),
    (["plot", "beale", "-o", "gd:label=🦊", "--out", "a.svg"], ["🦊", "--font"]),
    (["chart", "x^2", "--name", "한글"], ["한", "--font"]),
    (["signal", "adam", "--caption", "勾配"], ["勾", "--font"]),
    (["plot", "beale", "--at", "4000"], ["--at 4000", "300"]),
    (["animate"], ["--formula"]),
    (["animate", "-x**2"], ["-x**2", '--formula="-x**2"']),
    (["animate", "--formula", "x + __import__('os').getcwd()"], ["formula"]),
    (["animate", "--formula", "x.real"], ["x.real"]),
    (["animate", "--formula", "(lambda: x)()"], ["lambda"]),
    (["animate", "--formula", "x + 9**9**9"], ["power", "100"]),
    (["animate", "--formula", "x" + "+x" * 5000], ["10001", "1000"]),
    (["animate", "--formula", "(" * 490 + "x" + ")" * 490], ["490", "brackets"]),
    (["animate", "--formula", "x + k"], ["'k'", "--set k=1"]),
    (["animate", "beale", "--out", "a.xyz"], ["'.xyz'", ".mp4", ".gif"]),
    (["plot", "beale", "--out", "a.mp4"], ["gdviz animate"]),
    (["animate", "beale", "--out", "foreign.mp4"], ["foreign.mp4", "--force"]),
    (["animate", "beale", "--out", "nowhere/a.mp4"], ["nowhere"]),
    (["animate", "beale", "--out", "."], ["folder"]),
    (["animate", "beale", "--out", "a.mp4", "--out", "a.mp4"], ["twice"]),
    (["animate", "beale", "--save-recipe", "a.txt"], [".toml"]),
    (["animate", "--recipe", "key.toml"], ["key.toml", "'stepz'", "steps"]),
    (["animate", "--recipe", "type.toml"], ["type.toml", "steps", "'many'", "whole number"]),
    (["animate", "--recipe", "value.toml"], ["value.toml", "theme", "'drak'", "'light'", "'dark'", "'print'"]),
    (["animate", "--recipe", "option.toml"], ["option.toml", "'lrr'", "lr"]),
    (["animate", "--recipe", "torn.toml"], ["torn.toml", "line 1"]),
    (["animate", "--recipe", "rubbish.toml"], ["rubbish.toml", "UTF-8"]),
    (["animate", "--recipe", "rubbish.mp4"], ["rubbish.mp4", "recipe"]),
    (["animate", "--recipe", "missing.toml"], ["missing.toml"]),
    (["recipe", "foreign.mp4"], ["foreign.mp4", "recipe"]),
    (["cache", "--limit", "inf"], ["--limit", "finite"]),
    (["cache", "--limit=nan"], ["--limit", "finite"]),
    (["list", "landscpes"], ["'landscpes'", "landscapes"]),
    (["show", "rosenbrok"], ["'rosenbrok'", "rosenbrock"]),
    (["show", "datasets"], ["gdviz list datasets"]),
    (["plot", "linear"], ["no landscape 'linear'; it is among the schedules and the models"]),
    (["cite", "adamm"], ["'adamm'", "adam"]),
    (["cite", "missing.mp4"], ["missing.mp4"]),
    (["check", "missing.py"], ["missing.py"]),
    (["check", "syntax.py"], ["syntax.py", "line 1"]),
    (["check", "nothing.py"], ["nothing.py", "gdviz new"]),
    (["new", "optimizer"], ["FILE"]),
    (["new", "optimzer", "a.py"], ["'optimzer'", "optimizer"]),
    (["new", "optimizer", "adam.py"], ["'adam'", "my_adam.py"]),
    (["new", "landscape", "a.txt"], ["a.py"]),
    (["new", "landscape", "nowhere/a.py"], ["nowhere"]),
    (["demo", "foreign.mp4"], ["foreign.mp4"]),
]


def only_sentence(err: str) -> str:
    """The one line that an error may print."""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("gdviz: ") and "fault inside" not in err and "Traceback" not in err
    return lines[0]


@pytest.mark.parametrize(("arguments", "parts"), BAD, ids=lambda value: " ".join(value)[:50])
def test_bad_input_is_one_sentence(arguments: list[str], parts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in RECIPES.items():
        Path(name).write_bytes(content)
    before = {name: Path(name).read_bytes() for name in files()}
    code = run(arguments)
    out, err = capsys.readouterr()
    sentence = only_sentence(err)
    assert (code, out) == (2, "")
    for part in parts:
        assert part in sentence, sentence
    assert len(sentence) < 400
    assert {name: Path(name).read_bytes() for name in files()} == before, "an error leaves no file and changes none"


@pytest.mark.skipif(sys.platform == "win32", reason="the rights of a folder are another matter there")
def test_an_unwritable_folder_is_told_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    place = Path("/proc/a.mp4")  # refuses even root, who may write everywhere else
    if not place.parent.is_dir():
        place = Path("locked/a.mp4")
        place.parent.mkdir(mode=0o500)
    assert run(["animate", "beale", "--out", str(place)]) == 2
    assert str(place.parent) in only_sentence(capsys.readouterr().err)


def test_force_replaces_a_foreign_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.png").write_bytes(b"foreign")
    assert run(["plot", "beale", "-o", "gd", "--steps", "3", "--size", "320x240", "--out", "a.png", "--force"]) == 0
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")


# --- consoles, interrupts, disks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1251", "ascii", "cp1251:strict"])
def test_no_console_is_too_small_for_a_letter(encoding: str) -> None:
    out = "жарыс ғ.png"
    drawn = ["plot", "basins_and_walls", "-o", "gd:lr=0.1,label=әдіс", "--title", "Қабырғалар", "--size", "320x240"]
    told = [["recipe", out], ["show", "ravine"], ["list"], ["cite", "wobbly"], ["animate", "қате"]]
    program = "import json, sys; from gdviz.cli.program import run; print([run(c) for c in json.loads(sys.argv[1])])"
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps([[*drawn, "--out", out], *told])],
        capture_output=True,
        env=environment(PYTHONIOENCODING=encoding),
        check=True,
        timeout=120,
    )
    assert Path(out).exists()
    lines = done.stdout.splitlines()
    assert any(line.endswith(b"\\u0493.png") for line in lines)
    assert lines[-1] == b"[0, 0, 0, 0, 0, 2]"
    assert b"Traceback" not in done.stderr and b"fault inside" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell that closes streams")
@pytest.mark.parametrize("streams", ["<&- >&- 2>&-", "2>/dev/full"])
def test_closed_streams_do_not_stop_the_work(streams: str) -> None:
    line = shlex.join([sys.executable, "-m", "gdviz", "animate", "beale", "-o", "gd:lr=0.01", *SMALL, "--out", "a.gif"])
    done = subprocess.run(
        ["sh", "-c", f"{line} {streams}"], capture_output=True, env=environment(), check=False, timeout=60
    )
    assert done.returncode == 0 and b"fault" not in done.stderr and b"Traceback" not in done.stderr
    whole = Path("a.gif").read_bytes()
    assert whole.startswith(b"GIF89a") and whole.endswith(b";"), "no line was printed into the file"
    assert b"loss" in done.stdout or ">&-" in streams


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell that closes streams")
@pytest.mark.parametrize(
    ("words", "streams", "code"),
    [
        ("plot beele", ">&-", 2),
        ("plot beele", "2>&-", 2),
        ("plot beele", "2>/dev/full", 2),
        ("list", ">&-", 0),
        ("list", ">/dev/full", 1),
    ],
)
def test_closed_and_full_streams_leave_the_exit_code_alone(words: str, streams: str, code: int) -> None:
    line = shlex.join([sys.executable, "-m", "gdviz", *words.split()])
    done = subprocess.run(
        ["sh", "-c", f"{line} {streams}"], capture_output=True, env=environment(), check=False, timeout=60
    )
    assert done.returncode == code
    assert done.stdout == b"", "a sentence about an error is no result"
    assert done.stderr.count(b"\n") == (0 if streams.startswith("2>") or code == 0 else 1)


def test_missing_streams_as_under_pythonw_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert run(["plot", "beele"]) == 2
    for name in ("stdout", "stderr"):
        getattr(sys, name).close()
        monkeypatch.setattr(sys, name, None)
    assert run(["doctor"]) == 0
    for name in ("stdout", "stderr"):
        getattr(sys, name).close()
    told = io.StringIO()
    monkeypatch.setattr(sys, "stdout", told)
    monkeypatch.setattr(sys, "stderr", None)
    import gdviz

    gdviz.simulate("beale", ["gd:lr=0.01"], steps=2, progress=True)
    assert told.getvalue() == "", "a bar is no result"


BYTES = "ж\udcff"
"""A word of a command line that is not UTF-8, as Python hands it on."""


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["plot", BYTES], ["there is no landscape", "\\udcff"]),
        (["plot", "beale", "--title", BYTES], ["--title", "text in UTF-8"]),
        (["plot", "beale", "--caption", BYTES], ["--caption", "text in UTF-8"]),
        (["plot", "beale", "--font", BYTES], ["--font", "text in UTF-8"]),
        (["plot", "beale", "-o", f"gd:lr=0.1,label={BYTES}"], ["label", "text in UTF-8"]),
        (["plot", "--formula", f"x^2+{BYTES}"], ["--formula", "text in UTF-8"]),
        (["plot", "beale", f"--{BYTES}"], ["no option"]),
        (["signal", "adam", "--signal", f"{BYTES}.csv"], ["cannot be read"]),
        (["chart", "x^2", "--name", BYTES], ["text in UTF-8"]),
        (["check", f"{BYTES}.py"], ["rename"]),
        ([BYTES], ["no command"]),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_words_that_are_no_text_get_one_sentence(
    arguments: list[str], parts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    sentence = only_sentence(capsys.readouterr().err)
    assert all(part in sentence for part in parts), sentence
    assert files() == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are text there")
def test_files_may_be_called_what_is_no_text() -> None:
    Path(f"{BYTES}.toml").write_text('landscape = "beale"\nsteps = 2\nsize = "160x120"\noptimizer = [{ name = "gd" }]')
    made = gdviz("plot", "--recipe", f"{BYTES}.toml", "--out", f"{BYTES}.png", "--quiet")
    assert made.returncode == 0, made.stderr
    assert Path(os.fsdecode(made.stdout.rstrip(b"\n"))).read_bytes().startswith(b"\x89PNG"), (
        "the path leads to the file"
    )


TWICE = [
    (["plot", "beale", "--steps", "3", "--steps", "4"], "--steps"),
    (["animate", "beale", "--fps=25", "--size", "720p", "--fps", "30"], "--fps"),
    (["chart", "x^2", "--range", "0:1", "--range", "0:2"], "--range"),
    (["show", "rastrigin", "--dim", "3", "--dim", "3"], "--dim"),
]


@pytest.mark.parametrize(("arguments", "option"), TWICE, ids=lambda value: " ".join(value)[:40])
def test_a_single_option_typed_twice_is_refused(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert only_sentence(capsys.readouterr().err).startswith(f"gdviz: {option} is given twice")
    assert files() == []


def test_stops_of_no_film_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["animate", "beale", "--stops", "--out", "still.png"]) == 2
    assert "--out FILE.mp4" in capsys.readouterr().err and not Path("still.png").exists()


def test_what_may_be_repeated_is_not_refused(capsys: pytest.CaptureFixture[str]) -> None:
    twice = ["--force", "--force", "--quiet", "--quiet", "-o", "gd:lr=0.1", "-o", "gd:lr=0.2", "--start", "1,1"]
    assert run(["plot", "beale", *twice, "--start", "2,2", "--steps", "2", "--size", "160x120"]) == 0


def test_python_m_gdviz_is_gdviz(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--json"]) == 0
    assert gdviz("list", "--json").stdout.decode().splitlines() == capsys.readouterr().out.splitlines()


def test_a_reader_that_leaves_is_no_fault() -> None:
    command = [sys.executable, "-m", "gdviz", "list", "--json"]
    with child(command, env=environment()) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize(("sign", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interrupt_leaves_nothing(sign: str, code: int) -> None:
    import signal
    import time

    command = [sys.executable, "-m", "gdviz", "animate", "beale", "-o", "gd", "--seconds", "600", "--out", "long.mp4"]
    with child(command, env=environment()) as process:
        until = time.monotonic() + 60
        while not files():  # the film under its temporary name
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(getattr(signal, sign))
        _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert files() == []
    assert b"Traceback" not in err
    if code == 130:
        assert err.decode().splitlines()[-1].startswith("gdviz: interrupted")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size are Unix")
def test_a_full_disk_leaves_nothing() -> None:
    """A limit on the size of files stands for the full disk: the write fails in the middle of the file."""
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000)); "
        "from gdviz.cli.program import run; print([run([*sys.argv[1:], f'full.{e}']) for e in "
        "('mp4', 'gif', 'png', 'svg', 'pdf')])"
    )
    arguments = ["animate", "beale", "-o", "gd", "--steps", "20", "--seconds", "3", "--size", "640x480", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-c", limited, *arguments, "--out"], capture_output=True, env=environment(), check=True
    )
    codes, sentences = json.loads(done.stdout.splitlines()[-1]), done.stderr.decode().splitlines(keepends=True)
    assert len(codes) == len(sentences) == 5 and set(codes) <= {1, 2}, done.stderr
    for sentence in sentences:
        assert "full" in only_sentence(sentence) or "too large" in sentence
    assert files() == []


def test_an_unforeseen_fault_is_one_sentence_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(definition: object) -> list[str]:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("gdviz.api.description", fails)
    assert run(["show", "adam"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "RuntimeError: two lines" in err and "GDVIZ_TRACEBACK=1" in err
    monkeypatch.setenv("GDVIZ_TRACEBACK", "1")
    with pytest.raises(RuntimeError):
        run(["show", "adam"])


# --- completion ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "incomplete", "expected"),
    [
        ("animate", "ros", "rosenbrock"),
        ("animate beale -o", "ada", "adam"),
        ("animate beale -o", "gd,rms", "gd,rmsprop"),
        ("animate beale -o", "adam:b", "adam:beta1="),
        ("animate beale -o", "adam:lr=0.1,preset=t", "adam:lr=0.1,preset=torch"),
        ("animate beale -o", "adam:eps_mode=in", "adam:eps_mode=inside"),
        ("animate beale --theme", "d", "dark"),
        ("show", "nest", "nesterov"),
        ("list", "opt", "optimizers"),
        ("", "ani", "animate"),
        ("study", "ba", "basins"),
        ("study sweep beale --grid", "be", "beta1="),
        ("study sweep beale --grid", "lr=l", "lr=log:"),
    ],
)
def test_shells_can_complete(words: str, incomplete: str, expected: str) -> None:
    from click.shell_completion import ShellComplete

    found = ShellComplete(program, {}, "gdviz", "_GDVIZ_COMPLETE").get_completions(words.split(), incomplete)
    assert expected in [item.value for item in found]


TABS = {
    "gdviz plot beale -o adam:be": "adam:beta",
    "gdviz plot beale -o adam:eps_m": "adam:eps_mode=",
    "gdviz plot beale -o adam:eps_mode=ins": "adam:eps_mode=inside",
    "gdviz plot beale -o gd:lr=0.1 -o adam:lr=0.1,preset=tor": "adam:lr=0.1,preset=torch",
    "gdviz plot beale --schedule lr=cos": "lr=cosine",
    "gdviz plot beale --schedule=lr=cosine:e": "--schedule=lr=cosine:end=",
    'gdviz plot beale --schedule "adam.lr=ramp:steps=2 then plat': "adam.lr=ramp:steps=2 then plateau",
    "gdviz plot beale --theme=da": "--theme=dark",
    "gdviz plot beale --transform gaussian:si": "gaussian:sigma=",
    "gdviz plot rosenbro": "rosenbrock",
    "gdviz signal --signal spikes:pe": "spikes:period=",
}
"""Lines that end in a tab, and the last word that bash makes of them."""


@pytest.mark.skipif(sys.platform == "win32" or shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_after_colons_and_equals_signs() -> None:
    """Bash at a terminal, with its own COMP_WORDBREAKS; a program in gdviz's place tells the last word it is given."""
    import pty
    import time

    Path("gdviz").write_text(
        f'#!/bin/sh\nif [ -n "$_GDVIZ_COMPLETE" ]; then exec "{sys.executable}" -m gdviz; fi\n'
        'for word; do :; done; printf "%s\\n" "$word" >> said\n'
    )
    Path("gdviz").chmod(0o755)
    main, side = pty.openpty()
    started = environment(PATH=f"{Path.cwd()}:{os.environ['PATH']}", TERM="dumb", PS1="$ ")
    command = ["bash", "--norc", "--noprofile", "-i"]
    with subprocess.Popen(command, stdin=side, stdout=side, stderr=side, env=started, start_new_session=True) as shell:
        os.close(side)
        try:
            lines = ['eval "$(_GDVIZ_COMPLETE=bash_source gdviz)"', *(f"{line}\t" for line in TABS), "exit"]
            for number, line in enumerate(lines):
                os.write(main, f"{line}\r".encode())
                until = time.monotonic() + 60
                while (
                    1 <= number <= len(TABS) and time.monotonic() < until
                ):  # what it prints must not fill the terminal
                    if select.select([main], [], [], 0.02)[0]:
                        os.read(main, 65536)
                    if Path("said").exists() and Path("said").read_text().count("\n") >= number:
                        break
            said = Path("said").read_text().splitlines()
        finally:
            shell.kill()
            os.close(main)
    assert dict(zip(TABS, said, strict=True)) == TABS


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts_are_there(shell: str) -> None:
    done = gdviz(_GDVIZ_COMPLETE=f"{shell}_source")
    assert done.returncode == 0 and b"_GDVIZ_COMPLETE" in done.stdout
