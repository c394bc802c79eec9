"""From scenes to shapes, and from shapes to pixels (`pixels`) or to Matplotlib (`figure`)."""
