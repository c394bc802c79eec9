"""Numbers and hyperparameters as pictures write them."""

from __future__ import annotations

from gdviz.lang import Texts


def _detail(symbol: str, value: float | str | bool, words: Texts) -> str:
    if isinstance(value, bool):
        return symbol if value else f"¬ {symbol}"
    return f"{symbol} = {value if isinstance(value, str) else words.number(value)}"


def _loss_text(value: float, words: Texts) -> str:
    return words.number(value, 3 if abs(value) < 1000 else 1)
