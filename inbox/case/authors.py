"""Who did what an entry of the journal tells, and for whom: « Anne DEMO-ROUX pour Dr Claire DEMO-BERTHON »."""

from collections.abc import Iterable, Mapping

from engine.pictures import Entry


def ids(entries: Iterable[Entry]) -> set[str]:
    """Whose names are needed to tell these entries."""
    return {one for entry in entries for one in (entry.actor, behalf(entry)) if one}


def behalf(entry: Entry) -> str:
    """The id of the person for whom it was done: empty when it was done for nobody else."""
    return str(entry.detail.get("behalf") or "")


def author(entry: Entry, names: Mapping[str, str]) -> str:
    """Whose act it was, by the names of these people; empty for what is no person."""
    who, other = names.get(entry.actor, ""), names.get(behalf(entry), "")
    return f"{who} pour {other}" if who and other else who
