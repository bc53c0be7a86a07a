"""Draws cli/picture/font.png: a grey atlas of DejaVu Sans Mono (free to embed and change, Bitstream Vera licence).

Cells of CELL pixels, COLUMNS a row, in the order of RANGES: cli/picture/font.ts says the same. Needs pillow and the
font (Debian: fonts-dejavu-core). Run from the repository's root: python3 scripts/draw-font.py
"""

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
SIZE, CELL, COLUMNS, BASELINE = 13, (8, 17), 32, 13
# ASCII, Latin-1 and Latin Extended-A, Greek, Cyrillic
RANGES = [(0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x45F)]

font = ImageFont.truetype(FONT, SIZE)
codes = [code for first, last in RANGES for code in range(first, last + 1)]
rows = -(-len(codes) // COLUMNS)
atlas = Image.new("L", (COLUMNS * CELL[0], rows * CELL[1]), 0)
draw = ImageDraw.Draw(atlas)
for index, code in enumerate(codes):
    x, y = index % COLUMNS * CELL[0], index // COLUMNS * CELL[1]
    draw.text((x, y + BASELINE), chr(code), fill=255, font=font, anchor="ls")
atlas.save("cli/picture/font.png", optimize=True)
