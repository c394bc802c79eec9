"""Tests of what a device runs, in Numba's simulator of CUDA: it has to be asked for before Numba is loaded, so that
each file runs in a process of its own, which tests/test_cuda.py starts. tests/test_cuda_standin.py runs them by what an
installed package makes of them."""
