"""What happens after a run: rights, gates, the release folder, the Hub, vaults, takedown."""

from __future__ import annotations
