"""Pictures as they may be kept: drawn anew from their points, so that no place, device or hidden passenger stays."""

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.Image import DecompressionBombError

MOST_POINTS = 50_000_000
FORMATS = {"jpg": "JPEG", "png": "PNG"}


def redraw(content: bytes, kind: str) -> bytes | None:
    """The same picture without anything but its points; None if it is no such picture, or is too large to draw."""
    try:
        with Image.open(BytesIO(content), formats=[FORMATS[kind]]) as picture:
            if picture.width * picture.height > MOST_POINTS:
                return None
            turned = ImageOps.exif_transpose(picture)
            plain = turned.convert("RGB") if kind == "jpg" or turned.mode not in ("1", "L", "RGB", "RGBA") else turned
            plain.info.clear()
            drawn = BytesIO()
            plain.save(drawn, FORMATS[kind], quality=90)
    except (UnidentifiedImageError, DecompressionBombError, OSError, SyntaxError, ValueError):
        return None
    return drawn.getvalue()
