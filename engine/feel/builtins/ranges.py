"""Built-in functions on ranges: Allen's relations between points and ranges."""

from engine.feel.builtins.signature import Body, Builtin, builtin
from engine.feel.comparison import equal, inside, order
from engine.feel.comparison import includes as range_includes
from engine.feel.errors import FeelSyntaxError, Impossible
from engine.feel.iso import read_date, read_date_time, read_duration, read_time
from engine.feel.names import Names
from engine.feel.parser import parse_expression
from engine.feel.syntax import Call, Literal, Name, Node, RangeOf
from engine.feel.values import Caller, FeelValue, Range

READERS = {"date": read_date, "time": read_time, "date and time": read_date_time, "duration": read_duration}
NAMES = Names(READERS)


def before(first: FeelValue, second: FeelValue) -> FeelValue:
    end, end_in = (first.high, first.high_included) if isinstance(first, Range) else (first, True)
    start, start_in = (second.low, second.low_included) if isinstance(second, Range) else (second, True)
    found = order(end, start)
    return None if found is None else found < 0 or (found == 0 and not (end_in and start_in))


def after(first: FeelValue, second: FeelValue) -> FeelValue:
    return before(second, first)


def meets(first: Range, second: Range) -> FeelValue:
    found = order(first.high, second.low)
    return None if found is None else found == 0 and first.high_included and second.low_included


def met_by(first: Range, second: Range) -> FeelValue:
    return meets(second, first)


def overlaps(first: Range, second: Range) -> FeelValue:
    earlier, later = before(first, second), before(second, first)
    return None if earlier is None or later is None else not earlier and not later


def overlaps_before(first: Range, second: Range) -> FeelValue:
    starts, ends, joins = order(first.low, second.low), order(first.high, second.high), order(first.high, second.low)
    if starts is None or ends is None or joins is None:
        return None
    sooner = starts < 0 or (starts == 0 and first.low_included and not second.low_included)
    touching = joins > 0 or (joins == 0 and first.high_included and second.low_included)
    return sooner and touching and (ends < 0 or (ends == 0 and (not first.high_included or second.high_included)))


def overlaps_after(first: Range, second: Range) -> FeelValue:
    return overlaps_before(second, first)


def finishes(point: FeelValue, bounds: Range) -> FeelValue:
    if not isinstance(point, Range):
        found = order(point, bounds.high)
        return None if found is None else found == 0 and bounds.high_included
    starts, ends = order(point.low, bounds.low), order(point.high, bounds.high)
    if starts is None or ends is None:
        return None
    within = starts > 0 or (starts == 0 and (not point.low_included or bounds.low_included))
    return ends == 0 and point.high_included == bounds.high_included and within


def starts(point: FeelValue, bounds: Range) -> FeelValue:
    if not isinstance(point, Range):
        found = order(point, bounds.low)
        return None if found is None else found == 0 and bounds.low_included
    begins, ends = order(point.low, bounds.low), order(point.high, bounds.high)
    if begins is None or ends is None:
        return None
    within = ends < 0 or (ends == 0 and (not point.high_included or bounds.high_included))
    return begins == 0 and point.low_included == bounds.low_included and within


def finished_by(bounds: Range, point: FeelValue) -> FeelValue:
    return finishes(point, bounds)


def started_by(bounds: Range, point: FeelValue) -> FeelValue:
    return starts(point, bounds)


def includes(caller: Caller, bounds: Range, point: FeelValue) -> FeelValue:
    return range_includes(bounds, point) if isinstance(point, Range) else inside(bounds, point, caller.meter)


def during(caller: Caller, point: FeelValue, bounds: Range) -> FeelValue:
    return includes(caller, bounds, point)


def coincides(caller: Caller, first: FeelValue, second: FeelValue) -> FeelValue:
    if isinstance(first, Range) or isinstance(second, Range):
        return equal(first, second, caller.meter)
    found = order(first, second)
    return None if found is None else found == 0


def range_from(text: str) -> FeelValue:
    """`range("[1..10]")`: the ends are literals."""
    try:
        node = parse_expression(text, NAMES)
    except FeelSyntaxError as error:
        raise Impossible("range-text", text=text) from error
    low, high = (_end(node.low), _end(node.high)) if isinstance(node, RangeOf) else (None, None)
    found = order(low, high)
    if found is None or found > 0 or not isinstance(node, RangeOf):
        raise Impossible("range-text", text=text)
    return Range(low, high, node.low_included, node.high_included)


def _end(node: Node) -> FeelValue:
    if isinstance(node, Literal):
        return node.value
    if not (isinstance(node, Call) and isinstance(node.function, Name) and len(node.arguments) == 1):
        return None
    read, argument = READERS.get(node.function.name), node.arguments[0]
    text = argument.value if isinstance(argument, Literal) else None
    return read(text) if read is not None and isinstance(text, str) else None


RANGES, POINTS = "range1: range, range2: range", "point1: any, point2: any"
POINT_RANGE, RANGE_POINT = "point: any, range: range", "range: range, point: any"


def of_points_or_ranges(name: str, body: Body) -> Builtin:
    """Takes points and ranges in any order; each order has its own names of arguments."""
    return builtin(name, (POINTS, body), (POINT_RANGE, body), (RANGE_POINT, body), (RANGES, body))


FUNCTIONS = [
    of_points_or_ranges("before", before),
    of_points_or_ranges("after", after),
    builtin("meets", (RANGES, meets)),
    builtin("met by", (RANGES, met_by)),
    builtin("overlaps", (RANGES, overlaps)),
    builtin("overlaps before", (RANGES, overlaps_before)),
    builtin("overlaps after", (RANGES, overlaps_after)),
    builtin("finishes", (POINT_RANGE, finishes), (RANGES, finishes)),
    builtin("finished by", (RANGE_POINT, finished_by), (RANGES, finished_by)),
    builtin("includes", (RANGE_POINT, includes), (RANGES, includes), metered=True),
    builtin("during", (POINT_RANGE, during), (RANGES, during), metered=True),
    builtin("starts", (POINT_RANGE, starts), (RANGES, starts)),
    builtin("started by", (RANGE_POINT, started_by), (RANGES, started_by)),
    builtin("coincides", (POINTS, coincides), (RANGES, coincides), metered=True),
    builtin("range", ("from: string", range_from)),
]
