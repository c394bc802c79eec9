"""Themes: every colour of a picture that is not an entry's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """The colours of a page; all are "#rrggbb", opacities are 0…1."""

    name: str
    page: str  # the paper
    ink: str  # titles, names, values
    dim: str  # formula, hyperparameters, tick labels
    grid: str  # hairlines of chart panels
    field: tuple[str, ...]  # the muted map, from low (deep) to high, evenly spaced
    level: str  # level lines
    level_alpha: float
    halo: str  # around paths, and the outline of text on the field
    halo_alpha: float
    settled: float  # opacity of the old part of a path
    dark: bool  # which shade of the palette suits this page


THEMES: dict[str, Theme] = {
    theme.name: theme
    for theme in (
        Theme(
            name="light",
            page="#ffffff",
            ink="#1b2330",
            dim="#5d6a7c",
            grid="#e3e7ec",
            field=("#8fb3cc", "#a9c5d9", "#c0d5e4", "#d5e3ed", "#e7eff5", "#f4f7fa"),
            level="#44607a",
            level_alpha=0.28,
            halo="#ffffff",
            halo_alpha=0.85,
            settled=0.85,
            dark=False,
        ),
        Theme(
            name="dark",
            page="#10141f",
            ink="#eef2f8",
            dim="#9aa6b8",
            grid="#262d3b",
            field=("#0e1526", "#13203a", "#192d4e", "#213f63", "#2d5576", "#3f6d87"),
            level="#a9c6dd",
            level_alpha=0.24,
            halo="#0b0f19",
            halo_alpha=0.85,
            settled=0.80,
            dark=True,
        ),
        Theme(
            name="print",
            page="#ffffff",
            ink="#000000",
            dim="#4a4a4a",
            grid="#dddddd",
            field=("#bababa", "#c9c9c9", "#d8d8d8", "#e5e5e5", "#f0f0f0", "#f9f9f9"),
            level="#555555",
            level_alpha=0.40,
            halo="#ffffff",
            halo_alpha=0.90,
            settled=0.85,
            dark=False,
        ),
    )
}
