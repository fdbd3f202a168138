"""Text of strangers beside text of ours: it may not turn around what stands next to it."""

from __future__ import annotations

# Characters that only say in which direction the text around them runs, or where a line ends.
DIRECTIONS = [0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]
WRITTEN_OUT = {code: f"⟨U+{code:04X}⟩" for code in DIRECTIONS}


def straightened(text: str) -> str:
    """`text` with every character that gives a direction written out, so that it is seen."""
    return text.translate(WRITTEN_OUT)
