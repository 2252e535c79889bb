"""Spoils a drawing: what people, other tools and bad days do to a file."""

from collections.abc import Callable
from copy import deepcopy
from random import Random

from lxml import etree

Spoil = Callable[[list[etree._Element], Random], None]


def spoil(model: bytes, dice: Random) -> bytes:
    """The drawing with one to three things wrong."""
    root = etree.fromstring(model)
    for _ in range(dice.randint(1, 3)):
        elements = [element for element in root.iter() if element.getparent() is not None]
        if len(elements) < 3:
            break
        dice.choice(SPOILS)(elements, dice)
    return etree.tostring(root)


def remove(elements: list[etree._Element], dice: Random) -> None:
    element = dice.choice(elements)
    parent = element.getparent()
    if parent is not None and len(elements) > 2:
        parent.remove(element)


def double(elements: list[etree._Element], dice: Random) -> None:
    element = dice.choice(elements)
    twin = deepcopy(element)
    for number, each in enumerate(twin.iter()):
        if each.get("id"):
            each.set("id", f"twin{number}_{each.get('id')}")
    element.addnext(twin)


def move(elements: list[etree._Element], dice: Random) -> None:
    element, target = dice.choice(elements), dice.choice(elements)
    if element not in target.iterancestors() and element is not target:
        target.append(element)


def drop_attribute(elements: list[etree._Element], dice: Random) -> None:
    element = dice.choice(elements)
    if element.attrib:
        del element.attrib[dice.choice(sorted(map(str, element.attrib)))]


def swap_attribute(elements: list[etree._Element], dice: Random) -> None:
    element, other = dice.choice(elements), dice.choice(elements)
    if element.attrib and other.attrib:
        name = dice.choice(sorted(map(str, element.attrib)))
        element.set(name, str(dice.choice(sorted(map(str, other.attrib.values())))))


def rename(elements: list[etree._Element], dice: Random) -> None:
    element, other = dice.choice(elements), dice.choice(elements)
    element.tag = other.tag


def empty(elements: list[etree._Element], dice: Random) -> None:
    element = dice.choice(elements)
    element.text = dice.choice(["", " ", "x", "0", "null", "P1D", "modulo(r, 0) = 1", "[1, 2]"])


SPOILS: tuple[Spoil, ...] = (remove, double, move, drop_attribute, swap_attribute, rename, empty)
