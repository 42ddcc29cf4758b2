"""Who is reported to have said, performed or named what: cues, what they take, up to where, and at whom it is aimed."""

from toolkit.quotes.attributions.addressee import addressee
from toolkit.quotes.attributions.attribution import Attribution, is_coordinate, led_to
from toolkit.quotes.attributions.content import (
    content_after,
    content_before,
    content_resumed,
    quoted_right_before,
    trimmed,
)
from toolkit.quotes.attributions.cues import find_attributions, may_hold_cue

__all__ = [
    "Attribution",
    "addressee",
    "content_after",
    "content_before",
    "content_resumed",
    "find_attributions",
    "is_coordinate",
    "led_to",
    "may_hold_cue",
    "quoted_right_before",
    "trimmed",
]
