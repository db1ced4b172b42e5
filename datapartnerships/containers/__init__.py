"""What hides outside the visible content of a file that travels with a dataset: taken out.

`scrub` takes the bytes of one file and gives those of another with the same pixels, samples or
visible text. A format that is not known, and a file that is not understood, is a `DocumentError`.
"""

from __future__ import annotations

from datapartnerships.containers._scrub import SUFFIXES, Scrubbed, scrub, scrub_apart, scrub_file

__all__ = ["SUFFIXES", "Scrubbed", "scrub", "scrub_apart", "scrub_file"]
