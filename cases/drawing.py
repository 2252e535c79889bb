"""Draws a file as pictures, in a process of its own with next to no rights; `cases/previews.py` starts it.

What somebody brought is read by large libraries, which have faults. So it is read here: no network, no file, no
environment, a few hundred megabytes, some seconds. In: the kind in the first line, then the file. Out: the number of
pages in four bytes, then each picture with its length in four bytes before it.
"""

import resource
import sys
from io import BytesIO

import pypdfium2
from PIL import Image

MEMORY = 768 * 1024 * 1024
SECONDS = 8
PAGES = 3
WIDTH, HEIGHT = 1100, 1600


def confine() -> None:
    """Give up what drawing does not need."""
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(what, (limit, limit))


def pages_of(content: bytes) -> tuple[int, list[bytes]]:
    """How many pages a PDF has, and its first ones."""
    document = pypdfium2.PdfDocument(content)
    made = []
    for number in range(min(len(document), PAGES)):
        page = document[number]
        width, height = page.get_size()
        scale = min(WIDTH / max(width, 1), HEIGHT / max(height, 1))
        made.append(drawn(page.render(scale=scale, may_draw_forms=False).to_pil(), "PNG"))
    return len(document), made


def picture_of(content: bytes, kind: str) -> tuple[int, list[bytes]]:
    """A picture, not larger than a page."""
    with Image.open(BytesIO(content), formats=["JPEG" if kind == "jpg" else "PNG"]) as picture:
        picture.draft("RGB", (WIDTH, HEIGHT))
        picture.thumbnail((WIDTH, HEIGHT))
        return 1, [drawn(picture, "JPEG" if kind == "jpg" else "PNG")]


def drawn(picture: Image.Image, form: str) -> bytes:
    """Its points and nothing else."""
    made, plain = BytesIO(), picture.convert("RGB")
    plain.info.clear()
    plain.save(made, form, quality=80)
    return made.getvalue()


def main() -> None:
    """One file, then the end."""
    kind, _, content = sys.stdin.buffer.read().partition(b"\n")
    Image.init()
    confine()
    count, made = pages_of(content) if kind == b"pdf" else picture_of(content, kind.decode())
    out = sys.stdout.buffer
    out.write(count.to_bytes(4, "big"))
    for picture in made:
        out.write(len(picture).to_bytes(4, "big") + picture)


if __name__ == "__main__":
    main()
