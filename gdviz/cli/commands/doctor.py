"""`gdviz doctor`: what this installation can do."""

from __future__ import annotations

import json
import sys

import click

from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command
from gdviz.errors import GdvizError


@gdviz_command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def command(as_json: bool) -> None:
    """Show whether this installation is complete.

    Versions, cache folder, fonts, codecs, threads and GPUs are looked at; a GPU is tried for some seconds.

    With --json: findings is an array of subject, state and good, as the lines are without; gpu has driver and extra
    (the CUDA that the driver knows, and what to install for it), package, version and toolkit (what compiles), devices,
    reason (why there is none), philox (whether random numbers are right), trials by dtype, and failure.

    The exit code is 1 when something is missing or wrong; the output belongs into every fault report.
    """
    from gdviz import api

    gpu = api.devices()
    installation = api.installation()
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    terminal = f"{encoding}, {'terminal' if sys.stderr.isatty() else 'no terminal'}"
    findings = [*((f.subject, f.state, f.good) for f in [*installation, *gpu.findings]), ("console", terminal, True)]
    if as_json:
        told = [{"subject": subject, "state": state, "good": good} for subject, state, good in findings]
        console.say(json.dumps({"findings": told, "gpu": gpu.told}, indent=2))
    else:
        for line in console.table([("ok" if good else "MISSING", *rest) for *rest, good in findings]):
            console.say(line)
    if bad := [f.subject for f in installation if not f.good]:
        again = "python -m pip install --force-reinstall gdviz"
        raise GdvizError(f"this installation lacks {', '.join(bad)}; install it again with: {again}")
    if bad := [f.subject for f in gpu.findings if not f.good]:
        raise GdvizError(f"what the GPU answers is not to be trusted ({', '.join(bad)}); use --backend cpu")
