"""Themes on paper of another colour, as of a slide that a clip shall not stand out from."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from gdviz.scene.palette import contrast, legible, mixed
from gdviz.scene.themes import THEMES, Theme

READABLE = 4.5
"""The least contrast of letters to what they stand on. Source: WCAG 2.2."""

HAIRLINE = 0.12
"""The share of ink in hairlines, which is that of the themes."""


class Look(Protocol):
    """What says in which colours something is drawn."""

    @property
    def theme(self) -> str:
        """A theme's name."""

    @property
    def background(self) -> str | None:
        """The paper's colour "#rrggbb" in place of the theme's."""


def themed(look: Look) -> Theme:
    """The theme of a recipe, on its background where it has one."""
    return THEMES[look.theme] if look.background is None else on_paper(THEMES[look.theme], look.background)


def on_paper(theme: Theme, page: str) -> Theme:
    """The theme on paper "#rrggbb": with all that is paper, or a shade between paper and ink; maps keep their greys."""
    page = page.lower()
    dim = legible(theme.dim, page, theme.ink)
    return replace(theme, page=page, halo=page, grid=mixed(page, theme.ink, HAIRLINE), dim=dim)


def suited(page: str) -> str:
    """The name of the theme, among the first with dark and the first with light ink, that reads best on this paper."""
    inks = {theme.dark: theme for theme in reversed(THEMES.values())}
    return max(inks.values(), key=lambda theme: contrast(theme.ink, page)).name


def reads(theme: Theme) -> bool:
    """Whether its letters can be read on its paper."""
    return contrast(theme.ink, theme.page) >= READABLE
