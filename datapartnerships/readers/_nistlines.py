"""What a line of an STM file looks like (NIST SCTK, "infmts")."""

from __future__ import annotations

import re

STM = "text/x-nist-stm"
CTM = "text/x-nist-ctm"
# Recording, channel, speaker, begin, end, label, text.
STM_LINE = re.compile(
    r"(\S+)\s+(\S+)\s+(\S+)\s+(-?\d*\.?\d+)\s+(-?\d*\.?\d+)(?:\s+(<[^<>\s]*>))?(?:\s+(\S.*))?"
)
