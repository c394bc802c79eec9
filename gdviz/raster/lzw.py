"""LZW as GIF wants it: palette indices in, code bytes out."""

# Numba gives variables types by its own rules.
# mypy: disable-error-code="assignment"

from __future__ import annotations

import numpy as np

from gdviz.raster.jit import kernel

CLEAR = 256  # with 8-bit symbols: 256 empties the dictionary, 257 ends the picture
FULL = 4096  # codes have at most 12 bits
SLOTS = 8192  # twice the dictionary, so that open addressing stays short; 32 KiB lie in the first-level cache
EMPTY = 0xFFFFFFFF  # no entry: code 4095 is never a prefix
WORD = 0x0101010101010101  # one byte repeated eight times


def room(pixels: int) -> int:
    """Bytes that `compress` can need for this many pixels: 12 bits each, clear codes and the end."""
    return pixels * 3 // 2 + pixels // 1024 + 64


@kernel("UniTuple(int64, 3)(uint8[::1], int64, int64, int64, int64, int64)")
def put(out, position, held, bits, code, width):
    """Append one code, least significant bit first; returns position, held bits and their number (below 8)."""
    held |= code << bits
    bits += width
    while bits >= 8:
        out[position] = held & 255
        position += 1
        held >>= 8
        bits -= 8
    return position, held, bits


@kernel("int64(uint8[:, ::1], UniTuple(int64, 4), uint8[::1])")
def compress(pixels, rect, out):
    """Compress one rectangle; returns the number of bytes written.

    A run of one index is coded without looking at every pixel: its dictionary entries form a chain that is kept by
    length, and the run's end is found eight pixels at a time. Frames that are mostly transparent cost almost nothing.

    pixels: uint8[H, W], W a multiple of 8 (rows are read as words).
    rect: (y0, y1, x0, x1), half-open, inside the picture, not empty.
    out: uint8[≥ room(pixels in rect)]; the bytes are not yet cut into sub-blocks.
    Source: GIF89a specification, appendix F.
    """
    y0, y1, x0, x1 = rect
    words = pixels.view(np.uint64)
    table = np.full(SLOTS, EMPTY, np.uint32)  # key << 12 | code, key = prefix code << 8 | symbol
    chains = np.empty((256, FULL), np.int16)  # chains[s, n]: code of n times s, valid up to longest[s]
    longest = np.ones(256, np.int64)
    for symbol in range(256):
        chains[symbol, 1] = symbol
    position, held, bits = put(out, 0, 0, 0, CLEAR, 9)
    following, width = CLEAR + 2, 9
    prefix = -1
    run, runner = 0, 0  # while run > 0, prefix is `run` times `runner`
    for row in range(y0, y1):
        column = x0
        while column < x1:
            symbol = np.int64(pixels[row, column])
            if prefix < 0 or (run > 0 and symbol == runner):
                runner = symbol
                pattern = np.uint64(symbol) * np.uint64(WORD)
                column += 1
                run += 1
                while column < x1:
                    if column % 8 == 0 and column + 8 <= x1 and words[row, column // 8] == pattern:
                        column += 8
                        run += 8
                    elif pixels[row, column] == symbol:
                        column += 1
                        run += 1
                    else:
                        break
                while run > longest[symbol]:
                    length = longest[symbol]
                    code = np.int64(chains[symbol, length])
                    position, held, bits = put(out, position, held, bits, code, width)
                    run -= length
                    if following == FULL:
                        position, held, bits = put(out, position, held, bits, CLEAR, width)
                        table[:] = EMPTY
                        longest[:] = 1
                        following, width = CLEAR + 2, 9
                        continue
                    key = code << 8 | symbol
                    slot = (key * 40503) >> 4 & SLOTS - 1
                    while table[slot] != EMPTY:
                        slot = slot + 1 & SLOTS - 1
                    table[slot] = key << 12 | following
                    longest[symbol] = length + 1
                    chains[symbol, length + 1] = following
                    if following == 1 << width:
                        width += 1
                    following += 1
                prefix = np.int64(chains[symbol, run])
                continue
            column += 1
            key = prefix << 8 | symbol
            slot = (key * 40503) >> 4 & SLOTS - 1
            while table[slot] != EMPTY and np.int64(table[slot]) >> 12 != key:
                slot = slot + 1 & SLOTS - 1
            if table[slot] != EMPTY:
                prefix = np.int64(table[slot]) & FULL - 1
                run = 0
                continue
            position, held, bits = put(out, position, held, bits, prefix, width)
            if following == FULL:
                position, held, bits = put(out, position, held, bits, CLEAR, width)
                table[:] = EMPTY
                longest[:] = 1
                following, width = CLEAR + 2, 9
            else:
                table[slot] = key << 12 | following
                if following == 1 << width:
                    width += 1
                following += 1
            prefix, run, runner = symbol, 1, symbol
    position, held, bits = put(out, position, held, bits, prefix, width)
    # the decoder has added an entry for that code too, so the end code may need one more bit
    if following == 1 << width and width < 12:
        width += 1
    position, held, bits = put(out, position, held, bits, CLEAR + 1, width)
    if bits > 0:
        out[position] = held & 255
        position += 1
    return position
