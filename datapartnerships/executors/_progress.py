"""A bar with rate and time left, where somebody looks on."""

from __future__ import annotations

import shutil
import sys
from typing import Any


class Bar:
    """Progress over all passes by input bytes, with documents, rate and time left."""

    def __init__(self, total: int, show: bool | None, title: str) -> None:
        self._bar: Any = None
        self._documents = 0
        if sys.stderr.isatty() if show is None else show:
            from tqdm.auto import tqdm

            # A terminal that does not say how wide it is would get a bar of no width.
            width = min(shutil.get_terminal_size().columns or 80, 120)
            self._bar = tqdm(
                total=total, unit="B", unit_scale=True, desc=title, leave=False, ncols=width
            )

    def __call__(self, documents: int, size: int) -> None:
        self._documents += documents
        if self._bar is None:
            return
        if documents:
            self._bar.set_postfix_str(f"{self._documents:,} documents", refresh=False)
        self._bar.update(size)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
