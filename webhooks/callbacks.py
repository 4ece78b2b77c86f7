"""What a partner is told when a case reaches a milestone."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.feel import Plain

ZONED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18})@([A-Za-z_]+(?:/[A-Za-z_+-]+)*)")


def callback(
    milestone: str, *, delivery: str, occurred_at: datetime, venue: str | None, message_id: str | None, data: Plain
) -> dict[str, object]:
    """The body of a callback; instants are told with their offset, as ISO 8601 has them."""
    return {
        "type": f"jalon.{milestone}",
        "id": delivery,
        "occurred_at": occurred_at.isoformat(),
        "venue": venue,
        "message_id": message_id,
        "data": with_offsets(data),
    }


def with_offsets(value: Plain) -> Plain:
    """FEEL names a zone (`2026-11-26T14:00:00@Europe/Paris`); other programs want its offset."""
    if isinstance(value, dict):
        return {name: with_offsets(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_offsets(inner) for inner in value]
    found = ZONED.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else _offset(found[1], found[2], found[0])


def _offset(local: str, zone: str, text: str) -> str:
    try:
        return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except (ValueError, ZoneInfoNotFoundError):
        return text
