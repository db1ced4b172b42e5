"""The zip files that office documents are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from datapartnerships.errors import DocumentError

MAX_MEMBERS = 20_000
MAX_EXPANDED = 1 << 30
_DATE = (1980, 1, 1, 0, 0, 0)


def members(data: bytes) -> dict[str, bytes]:
    """What is in a zip file, by name; directories left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_EXPANDED:
                raise DocumentError("expands too much", f"{len(infos)} members")
            found = {info.filename: archive.read(info) for info in infos}
    except DocumentError:
        raise
    except RuntimeError:  # zipfile's word for a password
        raise DocumentError("encrypted", "a member needs a password") from None
    except Exception as error:  # zlib.error, BadZipFile, EOFError, NotImplementedError, ...
        raise DocumentError("damaged archive", type(error).__name__) from None
    if len(found) != len(infos):
        raise DocumentError("damaged archive", "two members of one name")
    return found


def zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip file in which a member is its name and its bytes; `mimetype` is not packed."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in parts:
            info = zipfile.ZipInfo(name, _DATE)
            plain = name == "mimetype"
            info.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            info.create_system = 0
            archive.writestr(info, data)
    return sink.getvalue()
