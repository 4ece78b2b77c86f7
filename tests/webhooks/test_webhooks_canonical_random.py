"""Whatever a partner sends, the answer is a Fact or a list of wrong fields, never anything else."""

from pathlib import Path
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from base.errors import Invalid
from webhooks.formats import canonical

SAMPLE = orjson.loads((Path(canonical.__file__).parent / "samples" / "sortie.json").read_bytes())

leaf = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False), st.text(max_size=30),
    st.sampled_from(["2026-11-20T18:30:00+01:00", "0001-01-01T00:00:00+23:59", "9999-12-31", "I63", "QUAL", "é\u0000"]),
)  # fmt: skip
value = st.recursive(
    leaf, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner))
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for key, child in inner for found in places(child, (*path, key)))]


def put(node: Any, path: tuple[Any, ...], new: object) -> Any:
    if not path:
        return new
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


def wrong_fields(body: bytes, message_id: str) -> dict[str, str] | None:
    """None for a message that is taken."""
    try:
        canonical.read(body, message_id)
    except Invalid as refused:
        return refused.fields
    return None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(places(SAMPLE)), value)
def test_one_field_replaced_by_anything(path: tuple[Any, ...], new: object) -> None:
    wrong = wrong_fields(orjson.dumps(put(SAMPLE, path, new)), SAMPLE["id"])
    assert wrong is None or wrong
    assert all(field.startswith("/") and said for field, said in (wrong or {}).items())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    assert wrong_fields(body, "m")
