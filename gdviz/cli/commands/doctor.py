"""`gdviz doctor`: what this installation can do."""

from __future__ import annotations

import sys

from gdviz.cli import console
from gdviz.cli.command import command as gdviz_command
from gdviz.errors import GdvizError


@gdviz_command()
def command() -> None:
    """Show whether this installation is complete.

    Versions, cache folder, fonts, codecs and threads are looked at.

    The exit code is 1 when something is missing; the output belongs into every fault report.
    """
    from gdviz import api

    findings = api.installation()
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    rows = [("ok" if f.good else "MISSING", f.subject, f.state) for f in findings]
    rows.append(("ok", "console", f"{encoding}, {'terminal' if sys.stderr.isatty() else 'no terminal'}"))
    for line in console.table(rows):
        console.say(line)
    if bad := [f.subject for f in findings if not f.good]:
        again = "python -m pip install --force-reinstall gdviz"
        raise GdvizError(f"this installation lacks {', '.join(bad)}; install it again with: {again}")
