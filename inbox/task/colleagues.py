"""Choosing a colleague by name: those who are proposed, and who is meant by what was typed."""

from base.errors import Invalid
from inbox.desk import Desk
from people import persons
from people.persons import Person

MOST = 200


def proposed(desk: Desk, of: Person) -> list[str]:
    """The names of those who hold a role of this person, then of others; as many as a list bears."""
    return [one.display for one in persons.colleagues(desk.session, desk.tenant, of, MOST)]


def meant(desk: Desk, typed: str, field: str) -> str:
    """The id of the person whose name or RPPS number was typed. Raises Invalid for the field."""
    said = " ".join(typed.split())
    words = said.casefold()
    if not words:
        raise Invalid("Il manque un nom.", {field: "Écrivez un nom de l’annuaire."})
    active = persons.called(desk.session, desk.tenant, said)
    exact = [one for one in active if words in (one.display.casefold(), one.name.casefold(), one.rpps, one.id)]
    found = exact or [one for one in active if words in one.display.casefold()]
    if len(found) == 1:
        return found[0].id
    if found:
        names = ", ".join(f"{one.display} ({one.rpps or one.profession})" for one in found[:5])
        raise Invalid("Plusieurs personnes portent ce nom.", {field: f"Précisez le nom ou le numéro RPPS : {names}."})
    raise Invalid("Cette personne n’est pas dans l’annuaire.", {field: "Personne de l’annuaire n’a ce nom."})
