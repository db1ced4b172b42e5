"""A Hub on loopback for the real, unmodified client: standard library only.

    with Hub(folder) as hub:
        hub.url; hub.token; hub.store.repos["org/name"]; hub.faults.add("POST .*/commit/", "503")

It speaks what `huggingface_hub` 0.34 to 2.x asks a Hub for datasets: LFS, without Xet.
"""

from hub_server.faults import Fault, Faults
from hub_server.server import Hub
from hub_server.store import Commit, File, HubError, Repo, Store

__all__ = ["Commit", "Fault", "Faults", "File", "Hub", "HubError", "Repo", "Store"]
