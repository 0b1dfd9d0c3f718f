"""Finds waits for a fixed time in the source of a test. Such a wait guesses where it could observe."""

import ast
from collections.abc import Iterator

SLEEPS = {"time.sleep", "asyncio.sleep"}
EVENTS = {"asyncio.Event", "asyncio.Condition", "asyncio.Future", "threading.Event", "threading.Condition"}
TIMED = {"asyncio.wait_for", "asyncio.wait", "asyncio.timeout", "asyncio.timeout_at"}
TIMERS = {"call_later", "call_at", "callLater"}  # methods of event loops and of Twisted's reactor

Names = dict[str, str]  # each imported name of a file, and the full name of its origin


def sleeps(source: str) -> list[int]:
    """Return the numbers of the lines that wait for a fixed time, under any name that the file gives to the function.

    Allowed are `asyncio.sleep(0)`, which gives other tasks one turn, and `await asyncio.Event().wait()` without a time
    limit, which stands for a task that never ends.
    """
    tree = ast.parse(source)
    names = _imports(tree)
    turns = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and _gives_a_turn(node)}
    return sorted({node.lineno for node in _expressions(tree) if id(node) not in turns and _waits(node, names)})


def uses(source: str, *wanted: str) -> list[int]:
    """Return the numbers of the lines that refer to one of these full names, such as `pytest.skip`, under any name."""
    tree = ast.parse(source)
    names = _imports(tree)
    return sorted({node.lineno for node in _expressions(tree) if _full_name(node, names) in wanted})


def _imports(tree: ast.AST) -> Names:
    names: Names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _expressions(tree: ast.AST) -> Iterator[ast.expr]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.expr))


def _full_name(node: ast.AST, names: Names) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_full_name(node.value, names)}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def _gives_a_turn(call: ast.Call) -> bool:
    return len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0


def _waits(node: ast.expr, names: Names) -> bool:
    name = _full_name(node, names)
    if isinstance(node, ast.Attribute) and node.attr in TIMERS:
        return True
    if isinstance(node, ast.Call):
        return _is_timed_wait_for_nothing(node, names) or _selects_nothing(node, names)
    return name in SLEEPS or name == "threading.Timer"


def _is_timed_wait_for_nothing(call: ast.Call, names: Names) -> bool:
    """Return True for an event that is made in the waiting expression: nothing else can set it."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "wait" and _is_new_event(call.func.value, names):
        return bool(call.args or call.keywords)
    in_time = _full_name(call.func, names) in TIMED
    return in_time and any(_is_new_event(inner, names) for argument in call.args for inner in _expressions(argument))


def _is_new_event(node: ast.expr, names: Names) -> bool:
    if not isinstance(node, ast.Call):
        return False
    made_by_loop = isinstance(node.func, ast.Attribute) and node.func.attr == "create_future"
    return made_by_loop or _full_name(node.func, names) in EVENTS


def _selects_nothing(call: ast.Call, names: Names) -> bool:
    watched = call.args[:3]
    return _full_name(call.func, names) == "select.select" and all(
        isinstance(files, ast.List | ast.Tuple) and not files.elts for files in watched
    )
