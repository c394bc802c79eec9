"""Completion in bash, which goes on after ':' and '=' inside a word.

Readline cuts the line at the letters of COMP_WORDBREAKS, ':' and '=' among them: of `adam:be` it asks for `be` and puts
the answer there. So the line is read as the shell reads it, and of each answer only what follows the cut is said.
"""

from __future__ import annotations

import os
import shlex
from typing import Any

from click.shell_completion import BashComplete, CompletionItem

SCRIPT = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local response completion type value

    response=$(env COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1")
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        COMPREPLY+=("$value")
    done
    # after `beta1=` a value follows, and no blank
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:] ]] && compopt -o nospace
    return 0
}

complete -o nosort -o default -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """Completion of what stands before the cursor."""

    source_template = SCRIPT
    cut = 0  # letters of every answer that stand on the line already

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one at the cursor, and what there is of it."""
        line = os.fsencode(os.environ["COMP_LINE"])[: int(os.environ["COMP_POINT"])]
        words, asked = split(os.fsdecode(line), os.environ.get("COMP_WORDBREAKS", ""))
        *before, last = words[1:] or [""]
        # click answers `--theme=d` with `dark` alone
        stated = last.find("=") + 1 if last.startswith("--") else 0
        self.cut = max(len(last) - len(asked) - stated, 0)
        return before, last

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """One answer, as the script reads it."""
        return f"{item.type},{item.value[self.cut :]}"


def split(line: str, breaks: str) -> tuple[list[str], str]:
    """Words of a line up to the cursor, the last one unfinished, and the part of it that readline asks for."""
    reader = shlex.shlex(line, posix=True, punctuation_chars=False)
    reader.whitespace_split, reader.commenters = True, ""
    words: list[str] = []
    try:
        words.extend(reader)
    except ValueError:  # a quote is open, or a backslash the last letter
        words.append(reader.token or "")
        opened = max(line.rfind("'"), line.rfind('"')) + 1
        return words, line[opened:] if opened else words[-1]
    if not words or (line[-1:].isspace() and not line[:-1].endswith("\\")):
        return [*words, ""], ""
    last = words[-1]
    place = max((last.rfind(letter) for letter in breaks if letter in ":=,;@"), default=-1)
    return words, last[place + 1 :]
