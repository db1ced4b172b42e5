"""Pictures opened and turned: the only importer of Pillow."""

from __future__ import annotations

import io
import os
import re
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from datapartnerships.errors import DocumentError, extra

with extra("documents", needed_by="OCR"):
    from PIL import Image, ImageFilter, ImageMath, ImageOps, ImageSequence, UnidentifiedImageError

# Only what is listed is opened: Pillow knows formats that start programs (EPS).
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "JPEG2000", "BMP", "DIB", "GIF")
_RESAMPLE = Image.Resampling.BICUBIC


@dataclass(frozen=True)
class Frame:
    """One page of a picture file.

    `error` says how it is damaged; `image` is then None, or what could be had of it.
    """

    image: Any
    dpi: float | None = None
    error: str = ""


def frames(data: bytes, *, heic: bool, first_only: bool = False) -> Iterator[Frame]:
    """The pages of a picture file, upright by its EXIF orientation, on white, as gray or RGB.

    `DocumentError` where none can be opened, and for one of too many pixels.
    """
    formats = (*FORMATS, "HEIF") if heic else FORMATS
    if heic:
        _register_heic()
    Image.init()
    with warnings.catch_warnings():
        # A picture of more pixels than MAX_IMAGE_PIXELS is an error, and other doubts are none.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(io.BytesIO(data), formats=formats)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise DocumentError("image is too large", _one_line(error)) from None
        except UnidentifiedImageError:
            raise DocumentError("damaged image", "its header cannot be read") from None
        except _ERRORS as error:
            raise DocumentError("damaged image", _one_line(error)) from None
        with picture:
            yield from _frames(picture, data, first_only)


# What Pillow's readers raise on damaged files: they check little themselves.
_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError, AttributeError,
    OverflowError, ZeroDivisionError, RuntimeError, NotImplementedError,
)  # fmt: skip


def _frames(picture: Any, data: bytes, first_only: bool) -> Iterator[Frame]:
    sequence = iter(ImageSequence.Iterator(picture))
    while True:
        try:
            frame = next(sequence)
            _check_size(frame)
            dpi = _dpi(frame)
            with _decoder_says() as said:
                image = _plain(frame)
            page = Frame(image, dpi, said[0] if said else _wrong_checksum(frame, data))
        except StopIteration:
            return
        except DocumentError:
            raise
        except Image.DecompressionBombWarning as error:
            raise DocumentError("image is too large", _one_line(error)) from None
        except _ERRORS as error:
            page = Frame(None, error=_one_line(error))
        yield page
        # JPEGs of several frames hold one picture several times.
        if first_only or picture.format in ("MPO", "GIF"):
            return


# What libtiff writes of data that it decodes all the same: the rest of the line, or of the page, is
# white or noise. Of fax lines that are a little too long or too short it only warns.
_DAMAGE = re.compile(
    r"Bad code word|Uncompressed data|Not enough data|Corrupt|[Pp]remature end|Unsupported marker"
    r"|was not defined|Bogus|bad Huffman"
)


@contextmanager
def _decoder_says() -> Iterator[list[str]]:
    """What of damage the decoders in C write to the standard error: nowhere else do they tell."""
    said: list[str] = []
    with tempfile.TemporaryFile() as file:
        try:
            kept = os.dup(2)
        except OSError:  # the process has none
            yield said
            return
        os.dup2(file.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            for line in file.read(1 << 16).decode("utf-8", "replace").splitlines():
                if _DAMAGE.search(line):
                    said.append(_one_line(line))


_STRIPS, _TILES, _COMPRESSION = (273, 279), (324, 325), 259
_DEFLATE = (8, 32946)


def _wrong_checksum(frame: Any, data: bytes) -> str:
    """Where deflated data of a TIFF page are not what was written: libtiff does not look."""
    tags = getattr(frame, "tag_v2", {})
    if tags.get(_COMPRESSION) not in _DEFLATE:
        return ""
    offsets, sizes = (
        tags.get(a) or tags.get(b) or () for a, b in zip(_STRIPS, _TILES, strict=True)
    )
    for offset, size in zip(offsets, sizes, strict=False):
        stream = zlib.decompressobj()
        try:
            rest = data[offset : offset + size]
            while rest and not stream.eof:
                stream.decompress(rest, 1 << 20)
                rest = stream.unconsumed_tail
        except zlib.error as error:
            if "header" not in str(error):  # bits in the other order: legible, if odd
                return _one_line(error)
    return ""


def _check_size(frame: Any) -> None:
    pixels, limit = frame.width * frame.height, Image.MAX_IMAGE_PIXELS
    if limit and pixels > limit:
        size = f"{frame.width:,} x {frame.height:,}"
        raise DocumentError("image is too large", f"{size} pixels; the limit is {limit:,}")


def _dpi(frame: Any) -> float | None:
    found = frame.info.get("dpi")
    try:
        value = float(found[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return round(value, 1) if 1 < value < 10_000 else None


def _plain(frame: Any) -> Any:
    """Gray or RGB of 8 bits, upright, on white."""
    frame.load()
    image = ImageOps.exif_transpose(frame)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _eight_bits(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _eight_bits(image: Any) -> Any:
    """16 and 32 bits a pixel, stretched so that the darkest is black and the lightest white."""
    image = image.convert("F")
    low, high = image.getextrema()
    scale = 255 / (high - low) if high > low else 0.0
    return image.point(lambda value: value * scale + (-low * scale)).convert("L")


def _register_heic() -> None:
    with extra("documents", needed_by="The reader of HEIC images"):
        import pillow_heif
    pillow_heif.register_heif_opener()


def from_pixels(pixels: Any) -> Any:
    """An array of height x width x 3 as a picture."""
    return Image.fromarray(pixels)


def as_png(pixels: Any) -> bytes:
    with io.BytesIO() as stream:
        Image.fromarray(pixels).save(stream, format="PNG")
        return stream.getvalue()


def _one_channel(pixels: Any) -> Any:
    """The picture, gray where its three channels are the same: a third of the work."""
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    same = (red == green).all() and (red == blue).all()
    return Image.fromarray(red.copy() if same else pixels)


def affine(pixels: Any, size: tuple[int, int], data: tuple[float, ...], paper: int) -> Any:
    """Pixels through an affine map from output to input; `paper` is the gray around them."""
    image = _one_channel(pixels)
    fill = paper if image.mode == "L" else (paper, paper, paper)
    moved = image.transform(size, Image.Transform.AFFINE, data, _RESAMPLE, fillcolor=fill)
    return moved.convert("RGB")


def quad(pixels: Any, corners: tuple[float, ...], paper: int) -> Any:
    """Pixels of a region with four corners (x and y; down the left, up the right) made a page."""
    image = _one_channel(pixels)
    fill = paper if image.mode == "L" else (paper, paper, paper)
    moved = image.transform(image.size, Image.Transform.QUAD, corners, _RESAMPLE, fillcolor=fill)
    return moved.convert("RGB")


def divided(pixels: Any, light: Any) -> Any:
    """Pixels divided by how much light falls on them: a grid of shares, 0 to 1."""
    height, width = pixels.shape[:2]
    shade = Image.fromarray((light * 255).clip(1, 255).astype("uint8"))
    shade = shade.resize((width, height), Image.Resampling.BILINEAR)
    gray = Image.fromarray(pixels).convert("L")
    return ImageMath.lambda_eval(
        lambda args: args["convert"](args["min"](args["gray"] * 255 / args["shade"], 255), "L"),
        gray=gray,
        shade=shade,
    ).convert("RGB")


def without_specks(pixels: Any) -> Any:
    return Image.fromarray(pixels).convert("L").filter(ImageFilter.MedianFilter(3)).convert("RGB")


def _one_line(error: BaseException | str) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


# What Pillow says of a picture that is no description of it.
_PLAIN = frozenset({
    "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "adobe", "adobe_transform",
    "progressive", "progression", "icc_profile", "exif", "gamma", "srgb", "chromaticity",
    "transparency", "aspect", "interlace", "background", "duration", "loop", "version",
    "extension", "disposal", "blend", "bbox", "default_image", "compression", "resolution",
    "timestamp", "primary", "bit_depth", "metadata", "thumbnails", "aux", "depth_images",
    "heif", "mimetype", "chroma", "nclx_profile", "icc_profile_type", "original_orientation",
    "raw_mode", "sizes", "xmp", "camera_intrinsic_matrix", "camera_extrinsic_matrix_rot", "tiling",
})  # fmt: skip
_ORIENTATION = 0x0112
# TIFF keeps its pixels by tags below; those that Pillow calls by a name of a description are not.
_DESCRIPTIONS = frozenset(
    {269, 270, 271, 272, 285, 305, 306, 315, 316, 333, 700, 33432, 33723, 34377, 34665, 34853}
)


def hidden_in(data: bytes, *, heic: bool) -> list[str]:
    """What Pillow finds in a picture besides its pixels, colors and orientation."""
    found = set[str]()
    with _opened_picture(data, heic=heic) as picture:
        for name, value in picture.info.items():
            known = name in _PLAIN and (name not in ("xmp", "thumbnails", "metadata") or not value)
            if not known:
                found.add(str(name))
        tags = picture.getexif()
        if picture.format == "TIFF":
            found |= {f"tag {tag}" for tag in tags if tag in _DESCRIPTIONS}
        else:
            found |= {f"tag {tag}" for tag in tags if tag != _ORIENTATION}
        if getattr(picture, "text", None):
            found.add("text")
    return sorted(found)


def same_pixels(one: bytes, other: bytes, *, heic: bool) -> bool:
    """Whether two files show the same, in the pages that are no reduced ones."""
    with _opened_picture(one, heic=heic) as a, _opened_picture(other, heic=heic) as b:
        reduced = a.format == "TIFF"
        wanted = [
            n for n in range(getattr(a, "n_frames", 1)) if not (reduced and _is_reduced(a, n))
        ]
        if a.format == "MPO":  # the other pictures of a JPEG file are views of the first
            wanted = wanted[:1]
        if len(wanted) != getattr(b, "n_frames", 1):
            return False
        for number, place in enumerate(wanted):
            for image, frame in ((a, place), (b, number)):
                if getattr(image, "n_frames", 1) > 1:
                    image.seek(frame)
            if a.size != b.size or a.mode != b.mode or a.tobytes() != b.tobytes():
                return False
            if a.getexif().get(_ORIENTATION, 1) != b.getexif().get(_ORIENTATION, 1):
                return False
    return True


def _is_reduced(picture: Any, number: int) -> bool:
    picture.seek(number)
    return bool(picture.tag_v2.get(254, 0) & 1)


@contextmanager
def _opened_picture(data: bytes, *, heic: bool) -> Iterator[Any]:
    """`DocumentError` where it cannot be opened, or its pixels cannot be read."""
    if heic:
        _register_heic()
    Image.init()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=(*FORMATS, "HEIF", "AVIF")) as picture:
                yield picture
        except DocumentError:
            raise
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise DocumentError("image is too large", _one_line(error)) from None
        except _ERRORS as error:
            raise DocumentError("damaged image", type(error).__name__) from None
