"""What Zarr calls metadata, version 3: the files that describe a store's group and its arrays."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from gdviz.studies.codec import NUMBERS, TEXT, TEXTS
from gdviz.studies.variables import Variable

FILE = "zarr.json"
"""What describes the folder that it stands in."""

WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""Numbers that JSON lacks."""


def array(variable: Variable) -> dict[str, Any]:
    """Of an array. Files of chunks stand in its folder, called `c.0.1.2` by their index."""
    fill = variable.fill
    if isinstance(fill, float) and not math.isfinite(fill):
        fill = next(word for word, number in WORDS.items() if repr(number) == repr(fill))
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": list(variable.shape),
        "data_type": variable.dtype,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(variable.chunk)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "."}},
        "fill_value": fill if variable.dtype == TEXT or "float" in variable.dtype else int(fill),
        "codecs": TEXTS if variable.dtype == TEXT else NUMBERS,
        "attributes": _plain(variable.attributes),
        "dimension_names": list(variable.dims),
    }


def variable(name: str, told: Mapping[str, Any]) -> Variable:
    """The array that is described so."""
    return Variable(
        name,
        tuple(told["dimension_names"]),
        tuple(told["shape"]),
        told["data_type"],
        WORDS.get(told["fill_value"], told["fill_value"]),
        told["attributes"],
        tuple(told["chunk_grid"]["configuration"]["chunk_shape"]),
    )


def group(attributes: Mapping[str, Any], arrays: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Of the store; what describes its arrays is repeated there, by their names, so that one file tells all."""
    inline = {"kind": "inline", "must_understand": False, "metadata": {name: arrays[name] for name in sorted(arrays)}}
    return {
        "zarr_format": 3,
        "node_type": "group",
        "attributes": _plain(attributes),
        "consolidated_metadata": inline,
    }


def text(described: Mapping[str, Any]) -> bytes:
    """As a file holds it, byte for byte the same for the same."""
    return json.dumps(described, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def _plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as JSON has them; those that it lacks as words."""
    return {key: _number(value) for key, value in attributes.items()}


def _number(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_number(item) for item in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value
