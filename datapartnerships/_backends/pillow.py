"""Pictures opened and turned: the only importer of Pillow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
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
    """One page of a picture file; `image` is None where it is damaged, and `error` says how."""

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
            yield from _frames(picture, first_only)


# What Pillow's readers raise on damaged files: they check little themselves.
_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError, AttributeError,
    OverflowError, ZeroDivisionError, RuntimeError, NotImplementedError,
)  # fmt: skip


def _frames(picture: Any, first_only: bool) -> Iterator[Frame]:
    sequence = iter(ImageSequence.Iterator(picture))
    while True:
        try:
            frame = next(sequence)
            _check_size(frame)
            dpi = _dpi(frame)
            page = Frame(_plain(frame), dpi)
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


def affine(pixels: Any, size: tuple[int, int], data: tuple[float, ...], paper: int) -> Any:
    """Pixels through an affine map from output to input; `paper` is the gray around them."""
    image = Image.fromarray(pixels)
    return image.transform(
        size, Image.Transform.AFFINE, data, _RESAMPLE, fillcolor=(paper, paper, paper)
    )


def quad(pixels: Any, corners: tuple[float, ...], paper: int) -> Any:
    """Pixels of a region with four corners (x and y; down the left, up the right) made a page."""
    image = Image.fromarray(pixels)
    return image.transform(
        image.size, Image.Transform.QUAD, corners, _RESAMPLE, fillcolor=(paper, paper, paper)
    )


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


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
