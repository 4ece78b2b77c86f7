"""Built-in functions that write and read JSON and Base64 (Camunda's)."""

import base64
import json
from decimal import Decimal, DecimalException

from engine.feel.budget import Meter
from engine.feel.builtins.signature import builtin
from engine.feel.conversion import to_feel
from engine.feel.errors import Impossible
from engine.feel.numbers import number, number_text
from engine.feel.values import Caller, Described, FeelValue, Function, Range


def to_base64(caller: Caller, value: str) -> FeelValue:
    caller.meter.produce(len(value) * 2)
    return base64.b64encode(value.encode(errors="surrogatepass")).decode()


def from_json(caller: Caller, value: str) -> FeelValue:
    caller.meter.produce(len(value))
    try:
        return to_feel(json.loads(value, parse_int=number, parse_float=number, parse_constant=_refused))
    except (ValueError, DecimalException) as error:
        raise Impossible("json") from error


def _refused(constant: str) -> FeelValue:
    raise ValueError(constant)


def to_json(caller: Caller, value: FeelValue) -> FeelValue:
    """Numbers exactly; dates, times and durations as their ISO texts."""
    return _json(value, caller.meter)


def _json(value: FeelValue, meter: Meter) -> str:
    meter.enter()
    if isinstance(value, list):
        text = "[" + ",".join(_json(item, meter) for item in value) + "]"
    elif isinstance(value, dict):
        text = "{" + ",".join(f"{_quoted(key)}:{_json(item, meter)}" for key, item in value.items()) + "}"
    elif isinstance(value, Range | Function):
        raise Impossible("no-json", value=Described(value))
    else:
        text = _scalar(value)
    meter.produce(len(text))
    meter.leave()
    return text


def _scalar(value: FeelValue) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    return json.dumps(value) if value is None or isinstance(value, bool) else _quoted(str(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


FUNCTIONS = [
    builtin("to base64", ("value: string", to_base64), metered=True),
    builtin("from json", ("value: string", from_json), metered=True, nullable=True),
    builtin("to json", ("value: any", to_json), metered=True),
]
