"""Numbers and hyperparameters as pictures write them."""

from __future__ import annotations

from gdviz.lang import Texts


def detail(symbol: str, value: float | str | bool, words: Texts) -> str:
    """A hyperparameter as a ledger writes it, `η = 0.1`; a switch is its name, or ¬ and its name."""
    if isinstance(value, bool):
        return symbol if value else f"¬ {symbol}"
    return equal(symbol, value, words)


def equal(symbol: str, value: float | str | bool, words: Texts) -> str:
    """A hyperparameter's symbol and its value."""
    return f"{symbol} = {value if isinstance(value, (str, bool)) else words.number(value)}"


def loss_text(value: float, words: Texts) -> str:
    """A loss with as many digits as its size bears."""
    return words.number(value, 3 if abs(value) < 1000 else 1)
