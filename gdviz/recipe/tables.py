"""Tables of numbers as people save them: CSV of spreadsheets and programs, whatever their country writes.

Excel follows its system's settings: in Russia and Kazakhstan semicolons between cells, decimal commas and Windows' own
Cyrillic letters. How a table was read is told by a warning, because it may be a guess.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import math
import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePath, PureWindowsPath

from gdviz.errors import UsageError, nearest, remark

ENDINGS = (".csv", ".tsv", ".txt")

SEPARATORS = {";": "semicolons", "\t": "tabs", ",": "commas"}
"""What stands between cells; no number holds the first two, so they are looked for before the comma."""

MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""First bytes that name an encoding; what Excel calls Unicode text is UTF-16."""

CYRILLIC = {"cp1251": "Windows-1251", "cp866": "code page 866"}
"""Codes of a byte for each letter: of Excel's CSV, and of its CSV for MS-DOS."""

LARGEST = 1 << 26
"""Bytes of the largest file that is read: about a million rows."""

GROUPS = r"[-+]?\d{1,3}(?:[%s\u00a0\u202f]\d{3})+(?:\%s\d*)?"
"""A number with something between groups of three digits; Excel puts spaces there that do not break."""

Row = tuple[int, tuple[str, ...]]
"""Line number from 1, and cells."""


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """What stands in a file: the headings of its columns, empty where there are none, and its rows.

    notes: how it was read, where that is not UTF-8 with commas between cells. sha256: of the file.
    """

    name: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    sha256: str

    @property
    def width(self) -> int:
        """Number of columns."""
        return max(len(self.heads), *(len(cells) for _, cells in self.rows))

    def column(self, column: str = "", most: int = 10**6, told: bool = True) -> tuple[float, ...]:
        """The numbers of a column, named by its heading or its number from 1, by default the first.

        Empty cells below its last number are left out. most: as many as the caller can take. Raises UsageError naming
        file, line and what to do; warns, unless told is False, with how the file was read where that is not the usual
        way.
        """
        place = self.place(column)
        cells = [(line, row[place] if place < len(row) else "") for line, row in self.rows]
        while cells and not cells[-1][1]:
            cells.pop()
        commas = has_decimal_commas(cell for _, cell in cells)
        values = []
        for line, cell in cells:
            value = number(cell, commas)
            if value is None or not math.isfinite(value):
                usual = "0,25" if commas else "0.25"
                raise UsageError(f"{self.name}, line {line}: '{cell}' is no finite number; write it as in {usual}")
            values.append(value)
        if not 1 <= len(values) <= most:
            raise UsageError(f"{self.name} holds {len(values)} numbers in this column; give 1 to {most}")
        if told and (notes := [*self.notes, *(["decimal commas"] if commas else [])]):
            head = f"'{self.heads[place]}' of " if place < len(self.heads) else ""
            remark(f"{head}{self.name} was read with {' and '.join(notes)}")
        return tuple(values)

    def place(self, column: str) -> int:
        """The place from 0 of a column, as in `column`. Raises UsageError naming those that there are."""
        wanted = seen(column)
        if not wanted:
            return 0
        for form in (str, str.casefold):
            heads = [form(head) for head in self.heads]
            if form(wanted) in heads:
                return heads.index(form(wanted))
        count = self.width
        if wanted.isdecimal() and 1 <= int(wanted) <= count:
            return int(wanted) - 1
        there = ", ".join(filter(None, self.heads)) or ("one column" if count == 1 else f"columns 1 to {count}")
        raise UsageError(f"{self.name} has no column '{column}'{nearest(wanted, self.heads) or f'; it has {there}'}")


def split_column(text: str, endings: tuple[str, ...] = ENDINGS) -> tuple[str | None, str]:
    """The path, None where no file is named, and the rest of `file.csv:column`; a drive's colon is the path's."""
    lower = text.lower()
    if lower.endswith(endings):
        return text, ""
    cut = max(lower.rfind(f"{ending}:") + len(ending) for ending in endings)
    return (text[:cut], text[cut + 1 :]) if text[cut : cut + 1] == ":" and lower[:cut].endswith(endings) else (None, "")


def read_file(path: str | Path) -> bytes:
    """What stands in a file that is no larger than LARGEST. Raises UsageError naming it."""
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # the latter for names that no file has
        told = getattr(error, "strerror", None) or error
        where = "" if Path(path).is_absolute() else "; its path starts at the folder in which gdviz runs"
        raise UsageError(f"{path}: the file cannot be read: {told}{where}") from None
    if len(data) > LARGEST:
        raise UsageError(f"{file_name(path)} is larger than {LARGEST >> 20} MB; save the columns that are needed alone")
    return data


def relative(path: str | Path) -> str:
    """A path from the working directory, as recipes hold it on every system."""
    file = Path(path).expanduser()
    try:
        return PurePath(os.path.relpath(file)).as_posix() if file.is_absolute() else file.as_posix()
    except ValueError:  # on another drive
        return file_name(path)


def file_name(path: str | Path) -> str:
    """The last part of a path as any system writes it."""
    return PureWindowsPath(path).name


def read_table(path: str | Path) -> Table:
    """The table in a file. Raises UsageError naming the file."""
    name, data = file_name(path), read_file(path)
    text, notes = decoded(data, name)
    lines = text.splitlines()
    stated = re.fullmatch(r'"?sep=([;,\t])"?', lines[0]) if lines else None
    separator = stated[1] if stated else _separator(lines)
    rows = _rows(lines, separator, name, 1 if stated else 0)
    if separator == "," and not stated and _pairs(rows):
        if _halves(rows):
            rows = _rows(lines, ";", name, 0)
        elif all(number(cell, False) is not None for cell in rows[0][1]):
            notes = [*notes, "commas between cells (if they are decimal commas, put one heading above them)"]
    heads: tuple[str, ...] = ()
    if rows and any(cell and number(cell, True) is None and number(cell, False) is None for cell in rows[0][1]):
        heads = rows.pop(0)[1]
    if not rows:
        raise UsageError(f"{name} holds no numbers")
    if separator != ",":
        notes = [*notes, f"{SEPARATORS[separator]} between cells"]
    return Table(name, heads, tuple(rows), tuple(notes), hashlib.sha256(data).hexdigest())


def decoded(data: bytes, name: str) -> tuple[str, list[str]]:
    """The text of a file, and a note where it is not UTF-8: what is not is Russian of the code that gives most letters.

    Raises UsageError for what is no text.
    """
    codec = next((codec for mark, codec in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(codec)
        if "\0" not in text:
            return text, ["UTF-16 letters"] if codec == "utf-16" else []
    except UnicodeDecodeError:
        if b"\0" not in data:
            found = {codec: data.decode(codec, "replace") for codec in CYRILLIC}
            best = max(found, key=lambda codec: sum(map(str.isalpha, found[codec])))
            return found[best], [f"{CYRILLIC[best]} letters"]
    raise UsageError(f"{name} is no text; save the table as CSV")


def _separator(lines: list[str]) -> str:
    """What separates the cells of the first line that holds anything."""
    first = next((line for line in lines if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return next((sign for sign in SEPARATORS if sign in bare), ",")


def _rows(lines: list[str], separator: str, name: str, skipped: int) -> list[Row]:
    """Every row that holds anything."""
    read = csv.reader(lines[skipped:], delimiter=separator)
    try:
        rows = [(read.line_num + skipped, tuple(map(seen, cells))) for cells in read]
    except csv.Error as error:
        raise UsageError(f"{name}, line {read.line_num + skipped}: the row cannot be read: {error}") from None
    return [row for row in rows if any(row[1])]


def _pairs(rows: list[Row]) -> bool:
    """Whether commas may be decimal: below a heading of one cell, or none, whole numbers stand alone or in pairs."""
    if not rows:
        return False
    heading = number(rows[0][1][0], False) is None
    if heading and len(rows[0][1]) > 1:
        return False
    cells = [cells for _, cells in rows[heading:]]
    return max(map(len, cells), default=0) == 2 and all(
        re.fullmatch(r"[-+]?\d+", one[0]) and re.fullmatch(r"\d+(?:[eE][-+]?\d+)?", one[1] if one[1:] else "0")
        for one in cells
    )


def _halves(rows: list[Row]) -> bool:
    """Whether pairs are the halves of decimal numbers: a row has one cell, or they are no whole numbers' columns.

    No whole number is written -0 or 05, and zeros alone are no column worth keeping.
    """
    pairs = [cells for _, cells in rows if len(cells) == 2]
    firsts = {cells[0].lstrip("+-") for cells in pairs}
    return (
        len(pairs) < len(rows)
        or firsts == {"0"}
        or any(cells[0] == "-0" or re.match(r"0\d", cells[1]) for cells in pairs)
    )


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """Whether the numbers of a column have decimal commas: there are commas, and no point behind the last one."""
    cells = list(cells)
    points = any(cell.rfind(".") > cell.rfind(",") for cell in cells)
    return not points and any("," in cell for cell in cells)


def number(cell: str, commas: bool) -> float | None:
    """The number in a cell, or None; commas: whether a comma begins the decimals, else a point does."""
    group, point = (".", ",") if commas else (",", ".")
    if re.fullmatch(GROUPS % (group, point), cell) and (point in cell or group not in cell):
        cell = re.sub(rf"[{group}\u00a0\u202f]", "", cell)
    try:
        return float(cell.replace(point, ".")) if "_" not in cell else None
    except ValueError:
        return None


def seen(cell: str) -> str:
    """A cell without spaces around it, and with the minus that every program writes."""
    return cell.strip("\ufeff").strip().replace("\u2212", "-")
