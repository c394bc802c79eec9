"""BibTeX entries hold what a definition's source line says."""

from __future__ import annotations

import re

import pytest

from gdviz.about.citation import bibtex, read
from gdviz.catalogue.lookup import definitions, find
from gdviz.registry.kinds import KINDS

ALL = [d for kind in KINDS for d in definitions(kind).values()]


def test_a_source_line_is_taken_apart() -> None:
    key, fields = read("Kingma & Ba 2015, Adam: a method for stochastic optimization, arXiv:1412.6980, algorithm 1")
    assert key == "kingma2015"
    assert fields == {
        "author": "Kingma and Ba",
        "title": "Adam: a method for stochastic optimization",
        "year": "2015",
        "note": "algorithm 1",
        "eprint": "1412.6980",
        "archiveprefix": "arXiv",
    }


@pytest.mark.parametrize(
    ("source", "field", "value"),
    [
        (
            "Duchi, Hazan & Singer 2011, Adaptive methods, https://jmlr.org/p.html",
            "author",
            "Duchi and Hazan and Singer",
        ),
        ("Dauphin et al. 2014, Saddle points, arXiv:1406.2572", "author", "Dauphin and others"),
        ("Rosenbrock 1960, doi:10.1093/comjnl/3.3.175", "doi", "10.1093/comjnl/3.3.175"),
        ("centered: Graves 2013, arXiv:1308.0850", "author", "Graves"),
        ("my own idea", "title", "my own idea"),
        ("Goyal et al. 2017, Accurate, large SGD, arXiv:1706.02677, section 2.2", "title", "Accurate, large SGD"),
        ("Goyal et al. 2017, Accurate, large SGD, arXiv:1706.02677, section 2.2", "note", "section 2.2"),
        ("Hu 2024, Books, Wiley, ISBN 0-471-09988-0", "title", "Books"),
        ("Zettl 1970, in: Schwefel 1981, Computer Models, Wiley", "author", "Schwefel"),
        ("Zettl 1970, in: Schwefel 1981, Computer Models, Wiley", "note", "originally Zettl 1970, Wiley"),
        ("Neumaier, in: Adorio 2005, A library, for testing", "title", "A library, for testing"),
    ],
)
def test_fields(source: str, field: str, value: str) -> None:
    assert read(source)[1][field] == value


def test_every_registered_source_gives_entries_with_unique_keys() -> None:
    text = bibtex(ALL, "1.2.3")
    keys = re.findall(r"^@\w+\{([^,]+),$", text, re.MULTILINE)
    assert keys[0] == "gdviz"
    assert "version = {1.2.3}" in text
    assert len(keys) == len(set(keys)) > 10
    assert all(re.fullmatch(r"[a-z0-9]+", key) for key in keys)
    assert text.count("{") == text.count("}")
    for definition in ALL:
        assert definition.name.replace("_", r"\_") in text


def test_a_source_of_two_definitions_is_one_entry() -> None:
    text = bibtex([find("landscape", "wobbly"), find("landscape", "ripple")], "0")
    assert text.count("@misc") == 1
    assert "landscape wobbly, landscape ripple" in text
