"""Pixel kernels: arrays in, pixels out. Importing a module here compiles its kernels, or loads them from the cache."""
