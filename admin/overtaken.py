"""Two authors on one pathway: whoever comes second is told who was first, before anything is written over."""

from flask import request

from base.errors import Conflict
from inbox import dates
from inbox.request import desk
from pathways import hands
from pathways.hands import Hand, Overtaken
from people.persons import Person, persons

SEEN = "X-Revision"


def shown() -> str | None:
    """The revision that the page shows, as its form or its editor says."""
    return request.form.get("revision") or request.headers.get(SEEN) or None


def hold(key: str, seen: str | None, who: Person) -> None:
    """Let nobody else write it until the end of the request; raises Conflict saying who wrote after `seen`."""
    try:
        hands.hold(desk().session, desk().tenant, key, seen, who.id)
    except Overtaken as overtaken:
        raise Conflict(_words(overtaken.hand, who), code=overtaken.code, revision=overtaken.revision) from overtaken


def _words(hand: Hand, who: Person) -> str:
    when = dates.moment(hand.at, desk().now, desk().zone)
    first = persons(desk().session, {hand.by}).get(hand.by)
    name = first.display if first else "Une autre personne"
    if not hand.is_draft:
        return f"Le brouillon a été publié ou abandonné entre-temps. Version en service : {name}, {when}."
    if hand.by == who.id:
        return f"Vous avez enregistré ce brouillon dans une autre fenêtre, {when}."
    return f"{name} a enregistré ce brouillon {when}, après que vous l’avez ouvert."
