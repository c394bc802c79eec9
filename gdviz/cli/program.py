"""`gdviz` itself: finds the command, runs it, and turns whatever happens into one sentence and an exit code."""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import sys
import threading
import warnings
from collections.abc import Sequence
from types import FrameType
from typing import Any

import click
from click.shell_completion import add_completion_class

from gdviz.cli import commands, console
from gdviz.cli.bash import Bash
from gdviz.cli.command import plugin_option
from gdviz.errors import GdvizError, GdvizWarning, Terminated, UsageError, flat
from gdviz.version import __version__

DONE, FAILED, WRONG_USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143


class Program(click.Group):
    """The group of all modules of gdviz.cli.commands; a command is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found = importlib.import_module(f"{commands.__name__}.{cmd_name}").command
        assert isinstance(found, click.Command)
        found.name = cmd_name  # functions are called command in all modules
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EOFError as error:  # click would take it for Ctrl-D at a question, and nobody is asked any
            raise RuntimeError(f"a file ended early: {error}") from error


@click.command(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""\b
Start with:   gdviz animate beale
Compare:      gdviz animate rosenbrock -o momentum -o adam:lr=0.1 --out race.gif
Completion:   bash  eval "$(_GDVIZ_COMPLETE=bash_source gdviz)"
              zsh   eval "$(_GDVIZ_COMPLETE=zsh_source gdviz)"
              fish  _GDVIZ_COMPLETE=fish_source gdviz | source
              PowerShell  $env:_GDVIZ_COMPLETE = 'powershell_source'; gdviz | Out-String |
                          Invoke-Expression; $env:_GDVIZ_COMPLETE = $null""",
)
@plugin_option
@click.version_option(__version__, "--version", message="gdviz %(version)s")
def program() -> None:
    """Gradient descent made visible: optimizers racing over loss landscapes, as films and pictures for slides."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted, 143 asked to end."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line in this process; the exit code."""
    console.prepare()
    with warnings.catch_warnings():
        warnings.simplefilter("always", GdvizWarning)
        warnings.showwarning = _note  # put back by catch_warnings
        return _run(arguments)


def _note(message: Warning | str, category: type[Warning], *_place: object, **_line: object) -> None:
    """Tell a warning in one line, without the line of source that gave it."""
    who = "" if issubclass(category, GdvizWarning) else f"{category.__name__}: "
    console.remark(f"note: {who}{message}")


def _run(arguments: Sequence[str]) -> int:
    kept = _end_on_termination()
    if "_GDVIZ_COMPLETE" in os.environ:
        add_completion_class(Bash)
    try:
        code = program.main(args=list(arguments), prog_name="gdviz", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted; no unfinished file is left", INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        console.say(error.ctx.get_help() if error.ctx else "")
        return DONE
    except click.ClickException as error:
        from gdviz.cli.mistakes import sentence  # all definitions are looked through for what was meant

        return _fail(sentence(error, arguments), WRONG_USAGE)
    except UsageError as error:
        return _fail(str(error), WRONG_USAGE)
    except Terminated as error:
        return _fail(str(error), TERMINATED)
    except GdvizError as error:
        return _fail(str(error), FAILED)
    except BrokenPipeError:
        # Whoever read our lines has gone, as in `gdviz list | head`; nothing may be flushed into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except MemoryError:
        return _fail("the memory is used up; ask for a smaller --size or fewer --steps", FAILED)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        return _fail(f"the system refused{place}: {error.strerror or error}", FAILED)
    except Exception as error:
        if os.environ.get("GDVIZ_TRACEBACK"):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return _fail(f"a fault inside gdviz, {reason}; set GDVIZ_TRACEBACK=1 and run it again to see where", FAILED)
    finally:
        if kept is not None:
            signal.signal(signal.SIGTERM, kept)


def _fail(message: str, code: int) -> int:
    console.complain(flat(message))
    return code


def _end_on_termination() -> signal.Handlers | None:
    """Let `kill` and job schedulers end us as Ctrl-C does, so that unfinished files are removed; the old handler."""
    if threading.current_thread() is not threading.main_thread():
        return None

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    kept = signal.signal(signal.SIGTERM, end)
    return kept if isinstance(kept, signal.Handlers) else signal.SIG_DFL
