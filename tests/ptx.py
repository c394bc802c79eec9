"""PTX run on this machine: what compilers made of a kernel, instruction by instruction, as one function of Python.

It is as exact as a device, but that a product and a sum that were made one operation (`fma`) are two again: what is
left then is what the kernel's text says, to the last bit, wherever a compiler made no mistake.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNED, UNSIGNED, FLOATS = re.compile(r"s(8|16|32|64)$"), re.compile(r"[ub](8|16|32|64)$"), re.compile(r"f(32|64)$")
FORMATS = {
    **{f"s{n}": c for n, c in ((8, "b"), (16, "h"), (32, "i"), (64, "q"))},
    **{f"{k}{n}": c for k in "ub" for n, c in ((8, "B"), (16, "H"), (32, "I"), (64, "Q"))},
    "f32": "f",
    "f64": "d",
}
UNWRITTEN = {"f32": "math.nan", "f64": "math.nan", "pred": "False"}
"""What registers hold before anything is written there, integers something large."""

BEGIN = 4096
"""Address of the first byte that anything lies at."""


def _f32(x: float) -> float:
    """Rounded to float32."""
    try:
        return struct.unpack("f", struct.pack("f", x))[0]  # type: ignore[no-any-return]
    except OverflowError:
        return math.copysign(math.inf, x)


def _divided(a: float, b: float) -> float:
    """As IEEE 754 divides."""
    if b != 0:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


def _root(a: float) -> float:
    return math.sqrt(a) if a >= 0 else math.nan if a != 0 else a


def _floored(a: float) -> float:
    return math.copysign(float(math.floor(a)), a) if math.isfinite(a) else a


def _whole(a: float, bits: int, signed: bool) -> int:
    """Towards zero, as near as the integers go."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    if a != a:
        return 0
    return high if a >= high else low if a <= low else int(a)


def _truncated(a: int, b: int) -> int:
    """As C divides."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _as_bits(x: float, bits: int) -> int:
    return struct.unpack("<Q" if bits == 64 else "<I", struct.pack("<d" if bits == 64 else "<f", x))[0]  # type: ignore[no-any-return]


def _as_float(i: int, bits: int) -> float:
    return struct.unpack("<d" if bits == 64 else "<f", struct.pack("<Q" if bits == 64 else "<I", i))[0]  # type: ignore[no-any-return]


COMPARED = {
    "eq": "{a} == {b}",
    "ne": "{a} == {a} and {b} == {b} and {a} != {b}",
    "lt": "{a} < {b}",
    "le": "{a} <= {b}",
    "gt": "{a} > {b}",
    "ge": "{a} >= {b}",
    "num": "{a} == {a} and {b} == {b}",
    "nan": "{a} != {a} or {b} != {b}",
    "equ": "not ({a} < {b} or {a} > {b})",
    "neu": "{a} != {b}",
    "ltu": "not {a} >= {b}",
    "leu": "not {a} > {b}",
    "gtu": "not {a} <= {b}",
    "geu": "not {a} < {b}",
}
"""Of floats, by what setp calls it."""

WHOLE = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "lo": "<",
    "ls": "<=",
    "hi": ">",
    "hs": ">=",
}


class Program:
    """The kernel of a module's text, ready to be run by threads one after the other. fused: whether `fma` rounds
    once, as devices do."""

    fused = False

    def __init__(self, text: str) -> None:
        entry = re.search(r"\.entry\s+(\S+?)\s*\((.*?)\)[^{]*\{(.*)\n\}", text, re.S)
        assert entry is not None
        self.name, params, body = entry.groups()
        self.params = re.findall(r"\.param\s+\.(\w+)\s+(?:\.ptr\s+(?:\.\w+\s+)*\d+\s+)?(\S+?)(?:,|\s*$)", params, re.M)
        self.body = re.split(r"\n\}\s*\n", body + "\n", maxsplit=1)[0]
        self.kinds: dict[str, str] = {}
        for kind, word, count in re.findall(r"\.reg\s+\.(\w+)\s+(%\w+)<(\d+)>;", self.body):
            self.kinds.update({f"{word}{i}": kind for i in range(int(count))})
        for kind, word in re.findall(r"\.reg\s+\.(\w+)\s+(%\w+);", self.body):
            self.kinds[word] = kind
        depots = re.findall(r"\.local\s+\.align\s+\d+\s+\.b8\s+(\w+)\[(\d+)\];", self.body)
        self.local = {word: int(size) for word, size in depots}
        self.instructions = [line for line in map(self._cleaned, self.body.splitlines()) if line]
        self.source = self._source()
        scope: dict[str, Any] = {name: globals()[name] for name in ("_f32", "_divided", "_root", "_floored", "_whole")}
        scope["_long"] = np.longdouble
        scope |= {name: globals()[name] for name in ("_truncated", "_as_bits", "_as_float", "struct", "math")}
        exec(self.source, scope)
        self.thread: Callable[..., None] = scope["thread"]

    @staticmethod
    def _cleaned(line: str) -> str:
        line = line.split("//")[0].strip()
        return "" if line.startswith((".reg", ".local", ".param", ".loc", ".pragma", ".file", "{", "}")) else line

    def _source(self) -> str:
        """Blocks as branches of a loop; a register is a variable."""
        blocks: list[tuple[str, list[str]]] = [("", [])]
        for line in self.instructions:
            if line.endswith(":"):
                blocks.append((line[:-1], []))
            else:
                blocks[-1][1].append(line)
        self.numbers = {label: i for i, (label, _) in enumerate(blocks)}
        lines = ["def thread(memory, params, tid, ntid, ctaid):"]
        # Compilers move what nobody will read, too.
        lines += [f"    {_name(word)} = {UNWRITTEN.get(kind, 0x7F7F7F7F)}" for word, kind in self.kinds.items()]
        lines += ["    at = 0", "    while True:"]
        for i, (_, instructions) in enumerate(blocks):
            lines.append(f"        if at == {i}:")
            for instruction in instructions:
                lines += [f"            {line}" for line in self._python(instruction)]
            lines.append(f"            at = {i + 1}")
        lines.append("        return")
        return "\n".join(lines)

    def _python(self, instruction: str) -> list[str]:
        guarded = re.match(r"@(!?)(%\w+)\s+(.*)", instruction)
        if guarded:
            sign, predicate, rest = guarded.groups()
            return [f"if {'not ' if sign else ''}{_name(predicate)}:", *(f"    {line}" for line in self._python(rest))]
        word, _, rest = instruction.rstrip(";").partition(" ")
        word = word.strip()
        operation, *parts = word.split(".")
        given = [piece.strip() for piece in _split(rest.strip())]
        if operation == "bra":
            return [f"at = {self.numbers[given[0]]}", "continue"]
        if operation == "ret":
            return ["return"]
        if operation in ("ld", "st"):
            return self._memory(operation, parts, given)
        target, *values = given
        if operation == "mov" and "{" in rest:
            return self._halved(target, values[0], int(parts[-1][1:]))
        value = self._value(operation, parts, values, target)
        made = parts[-2 if operation == "cvt" else -1]
        if FLOATS.match(made) and operation != "setp" and self.kinds[target].startswith("b"):
            value = f"_as_bits({value}, {made[1:]})"  # a register of bits, into which new compilers put any
        return [f"{_name(target)} = {value}"]

    def _halved(self, target: str, word: str, bits: int) -> list[str]:
        """A number as its two halves, the lower first, or put together of them."""
        half = bits // 2
        if word.startswith("{"):
            low, high = (self._read(part, f"u{half}") for part in _pieces(word))
            whole = f"({low} | {high} << {half})"
            return [f"{_name(target)} = {f'_as_float({whole}, {bits})' if FLOATS.match(self.kinds[target]) else whole}"]
        whole = self._read(word, f"u{bits}")
        return [
            f"{_name(part)} = {f'_as_float({value}, {half})' if FLOATS.match(self.kinds[part]) else value}"
            for part, value in zip(_pieces(target), (f"{whole} & {2**half - 1}", f"{whole} >> {half}"), strict=True)
            if part != "_"
        ]

    def _memory(self, operation: str, parts: Sequence[str], given: Sequence[str]) -> list[str]:
        kind = parts[-1]
        count = next((int(part[1:]) for part in parts if part in ("v2", "v4")), 1)
        target, place = given if operation == "ld" else given[::-1]
        inside = place.strip("[]").replace(" ", "")
        base, _, offset = inside.partition("+")
        if "param" in parts:
            index = next(i for i, (_, name) in enumerate(self.params) if name == base)
            kind, bits = self.params[index][0], self.kinds[target].startswith("b")
            value = f"params[{index}]"
            return [
                f"{_name(target)} = _as_bits({value}, {kind[1:]})"
                if bits and FLOATS.match(kind)
                else f"{_name(target)} = {value}"
            ]
        size = struct.calcsize(f"<{FORMATS[kind]}")
        names = _pieces(target) if count > 1 else [target]
        lines = []
        for i, name in enumerate(names):
            where = f"{_name(base)} + {int(offset or 0) + i * size}"
            if operation == "ld":
                lines.append(f"{_name(name)} = struct.unpack_from('<{FORMATS[kind]}', memory, {where})[0]")
                if FLOATS.match(kind) is None:  # registers hold bits, unless they are those of floats
                    value = lines[-1].partition(" = ")[2]
                    floating = FLOATS.match(self.kinds[name])
                    value = f"_as_float({value}, {floating[1]})" if floating else f"{value} & {2**64 - 1}"
                    lines[-1] = f"{_name(name)} = {value}"
            else:
                value = self._read(name, kind)
                if FLOATS.match(kind) is None:
                    value = f"({value}) & {2 ** (8 * size) - 1}"
                    form = FORMATS["u" + str(8 * size)]
                else:
                    form = FORMATS[kind]
                lines.append(f"struct.pack_into('<{form}', memory, {where}, {value})")
        return lines

    def _read(self, word: str, kind: str) -> str:
        """An operand as a value of a kind: integers as their numbers, floats as such."""
        floating, signed = FLOATS.match(kind), SIGNED.match(kind)
        if word.startswith("%"):
            special = {"%tid.x": "tid", "%ntid.x": "ntid", "%ctaid.x": "ctaid"}
            if word in special:
                return special[word]
            own = self.kinds[word]
            name = _name(word)
            if kind == "pred":
                return name
            if floating:
                return name if own == kind else f"_as_float({name}, {floating[1]})"
            if FLOATS.match(own):
                name = f"_as_bits({name}, {own[1:]})"
            bits = int(kind[1:])
            name = f"({name} & {2**bits - 1})"
            return f"({name} - (({name} >> {bits - 1}) << {bits}))" if signed else name
        if word.startswith(("0d", "0f")):
            if not floating:
                return str(int(word[2:], 16))
            value = struct.unpack(">d" if word[1] == "d" else ">f", bytes.fromhex(word[2:]))[0]
            return repr(value).replace("inf", "math.inf").replace("nan", "math.nan")
        if word in self.local:
            first = sum(size for name, size in self.local.items() if name < word)
            return f"(params[-1] + {first})"
        number = int(word.rstrip("U"), 0)
        if floating:
            return repr(float(number))
        bits = int(kind[1:]) if kind != "pred" else 1
        number &= 2**bits - 1
        return repr(number - 2**bits if signed and number >> (bits - 1) else number)

    def _value(self, operation: str, parts: Sequence[str], given: Sequence[str], target: str) -> str:
        kind = parts[-1]
        a, b, c = (
            (*(self._read(word, kind) for word in given[:3]), None, None, None)[:3]
            if operation not in ("selp", "setp", "cvt", "shl", "shr", "mad", "mul")
            else (None, None, None)
        )
        floating = FLOATS.match(kind)
        match operation:
            case "setp":
                return self._compared(parts, given)
            case "selp":
                kind = self.kinds[target] if FLOATS.match(self.kinds[target]) else kind
                return f"({self._read(given[0], kind)} if {_name(given[2])} else {self._read(given[1], kind)})"
            case "mov" | "cvta":
                word = given[0]
                if kind == "pred":
                    return _name(word) if word.startswith("%") else str(bool(int(word)))
                own = self.kinds[target]
                if floating and own.startswith("b"):
                    return self._read(word, kind)
                return self._read(word, own if FLOATS.match(own) else f"u{own[1:]}" if own != "pred" else "pred")
            case "cvt":
                return self._converted(parts, given)
        if floating:
            a, b, c = (*(self._read(word, kind) for word in given[:3]), None, None, None)[:3]
            made = {
                "add": f"{a} + {b}",
                "sub": f"{a} - {b}",
                "mul": f"{a} * {b}",
                "div": f"_divided({a}, {b})",
                "neg": f"-{a}",
                "abs": f"abs({a})",
                "sqrt": f"_root({a})",
                "rcp": f"_divided(1.0, {a})",
                "fma": self._fused(kind).format(a=a, b=b, c=c),
                "min": f"min({a}, {b})",
                "max": f"max({a}, {b})",
            }[operation]
            return f"_f32({made})" if kind == "f32" else f"({made})"
        bits = int(kind[1:]) if kind != "pred" else 1
        mask = 2**bits - 1
        if operation in ("shl", "shr"):
            # Far shifts leave nothing, or the sign.
            sign, far = "<<" if operation == "shl" else ">>", f"min({self._read(given[1], 'u32')}, {bits})"
            return f"(({self._read(given[0], kind)} {sign} {far}) & {mask})"
        if operation in ("mul", "mad"):
            a, b = (self._read(word, kind) for word in given[:2])
            made = f"{a} * {b}"
            if "hi" in parts:
                made = f"({made} >> {bits})"
            wide = 2 * bits if "wide" in parts else bits
            if operation == "mad":
                made += f" + {self._read(given[2], kind[0] + str(wide))}"
            return f"({made} & {2**wide - 1})"
        if kind == "pred":
            return {"and": f"({a} and {b})", "or": f"({a} or {b})", "xor": f"({a} != {b})", "not": f"(not {a})"}[
                operation
            ]
        made = {
            "add": f"{a} + {b}",
            "sub": f"{a} - {b}",
            "and": f"{a} & {b}",
            "or": f"{a} | {b}",
            "xor": f"{a} ^ {b}",
            "not": f"~{a}",
            "neg": f"-{a}",
            "abs": f"abs({a})",
            "min": f"min({a}, {b})",
            "max": f"max({a}, {b})",
            "div": f"_truncated({a}, {b})",
            "rem": f"{a} - {b} * _truncated({a}, {b})",
        }[operation]
        return f"(({made}) & {mask})"

    def _fused(self, kind: str) -> str:
        """A product and a sum, as two operations or, where these are to be `fused`, all but as exact as one."""
        if kind == "f32":
            return "{a} * {b} + {c}" if self.fused else "_f32({a} * {b}) + {c}"
        return "float(_long({a}) * {b} + {c})" if self.fused else "{a} * {b} + {c}"

    def _compared(self, parts: Sequence[str], given: Sequence[str]) -> str:
        test, *joint, kind = parts
        a, b = (self._read(word, kind) for word in given[:2])
        made = COMPARED[test].format(a=a, b=b) if FLOATS.match(kind) else f"{a} {WHOLE[test]} {b}"
        for word in (part for part in joint if part in ("and", "or", "xor")):
            made = f"({made}) {'!=' if word == 'xor' else word} {_name(given[2])}"
        return f"({made})"

    def _converted(self, parts: Sequence[str], given: Sequence[str]) -> str:
        to, of = parts[-2:]
        value = self._read(given[0], of)
        if FLOATS.match(of):
            if FLOATS.match(to):
                if "rmi" in parts:
                    return f"_floored({value})"
                assert not any(part in parts for part in ("rni", "rzi", "rpi")), parts
                return f"_f32({value})" if to == "f32" else value
            assert "rzi" in parts or "rmi" in parts, parts
            floored = f"_floored({value})" if "rmi" in parts else value
            return f"(_whole({floored}, {to[1:]}, {SIGNED.match(to) is not None}) & {2 ** int(to[1:]) - 1})"
        if FLOATS.match(to):
            return f"_f32({value})" if to == "f32" else f"float({value})"
        return f"({value} & {2**64 - 1 if SIGNED.match(of) else 2 ** int(to[1:]) - 1})"

    def run(self, arguments: Sequence[Any], arrays: Callable[[int, NDArray[Any]], list[int]], threads: int) -> None:
        """Every thread of one block. arguments: numbers and arrays, which are written to; arrays: what a kernel is
        given of an array that lies at an address."""
        places, end = [], BEGIN
        for array in arguments:
            if isinstance(array, np.ndarray):
                places.append(end)
                end += -(-array.nbytes // 256) * 256
        memory = bytearray(end + sum(self.local.values()) + 64)
        params: list[Any] = []
        at = iter(places)
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                first = next(at)
                memory[first : first + argument.nbytes] = argument.tobytes()
                params += arrays(first, argument)
            else:
                params.append(argument.item() if hasattr(argument, "item") else argument)
        assert len(params) == len(self.params), (len(params), len(self.params))
        params = [value if isinstance(value, float) else value & (2**64 - 1) for value in params]
        for number in range(threads):
            self.thread(memory, (*params, end), number, threads, 0)
        for first, array in zip(places, (a for a in arguments if isinstance(a, np.ndarray)), strict=True):
            array[...] = np.frombuffer(memory[first : first + array.nbytes], array.dtype).reshape(array.shape)


def _name(word: str) -> str:
    """Of the variable that is a register."""
    return "r" + re.sub(r"\W", "_", word)


def _pieces(word: str) -> list[str]:
    """The registers inside braces."""
    return [part.strip() for part in word.strip("{}").split(",")]


def _split(text: str) -> list[str]:
    """Operands: commas inside braces and brackets part none."""
    return [piece for piece in re.split(r",\s*(?![^{]*\})", text) if piece]


def described(address: int, array: NDArray[Any]) -> list[int]:
    """What kernels of numba-cuda-mlir are given of an array: twice its address, an offset, lengths and strides in
    numbers."""
    strides = [stride // array.itemsize for stride in array.strides]
    return [address, address, 0, *array.shape, *strides]


def told(address: int, array: NDArray[Any]) -> list[int]:
    """What kernels of numba-cuda are given: nothing, nothing, how many numbers, of how many bytes, the address, lengths
    and strides in bytes."""
    return [0, 0, array.size, array.itemsize, address, *array.shape, *array.strides]
