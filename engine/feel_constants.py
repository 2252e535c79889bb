"""What of an expression is fixed when it is written: for sorting by allowed values and for the analysis of tables."""

from typing import Any, Final

from engine.feel_closures import Given, Scope, build
from engine.feel_limits import FeelError, Run
from engine.feel_tree import Call, Lambda, Name, Node, OneSided, Unary, walk

NOT_FIXED: Final = object()
_MOVING: Final = frozenset({"now", "today"})


def constant(node: Node) -> Any:
    """Return the value of a part that depends on nothing, else NOT_FIXED."""
    if any(isinstance(each, Name | Lambda | OneSided) or _moves(each) for each in walk(node)):
        return NOT_FIXED
    try:
        return build(node)(Scope(Given({}), None, Run()))
    except FeelError:
        return NOT_FIXED


def _moves(node: Node) -> bool:
    return isinstance(node, Call) and node.function.name in _MOVING


def listed(tree: Node) -> list[Any]:
    """Return the fixed values that a unary test lists, in the order they are written."""
    tests = tree.tests if isinstance(tree, Unary) and not tree.negated else ()
    values = [constant(each) for each in tests]
    return [each for each in values if each is not NOT_FIXED]
