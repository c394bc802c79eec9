"""The files that `gdviz gallery new` writes."""

from __future__ import annotations

SETTINGS = """\
# What a gallery says of itself; every key may be left out.
schema = 1
title = { en = "My gallery", ru = "Моя галерея", kk = "Менің галереям" }
footer = ""
size = "720p"
languages = ["en"]
themes = ["light"]

# Endings of the files of an entry, by its job; "other" for all that are not named.
[formats]
race = ["png", "mp4"]

# Chapters are folders, in the order of their names.
[chapters.1_first]
title = { en = "First steps", ru = "Первые шаги", kk = "Алғашқы қадамдар" }
"""

RECIPE = """\
schema = 1
title = { en = "A bent valley", ru = "Изогнутая долина", kk = "Иілген аңғар" }
landscape = "rosenbrock"
optimizer = [
    { name = "gd", lr = "auto" },
    { name = "momentum", lr = "auto" },
    { name = "rmsprop", lr = "auto" },
    { name = "adam", lr = "auto" },
]

# What its page says; no picture depends on it.
[gallery]
tags = ["valley"]

[gallery.alt]
en = "Contours of a bent valley with four paths"
ru = "Линии уровня изогнутой долины и четыре траектории"
kk = "Иілген аңғардың деңгей сызықтары және төрт траектория"
"""

FIRST = {"gallery.toml": SETTINGS, "1_first/valley.toml": RECIPE}
"""Their contents by name."""
