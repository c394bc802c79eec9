"""A device that is none: a driver for packages that compile for CUDA, and what runs its kernels."""
