"""Definitions as text of tile kernels: wiring only, no mathematics.

A tile is `L` trajectories side by side, a kernel one pass over them. All that a tile holds lies in one array
`W[row * L + lane]` with literal rows and L, so that a compiler sees that rows never overlap.
"""
