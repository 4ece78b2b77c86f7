"""Link events: a flow without a line, from one or several departures to one arrival of the same name."""

from collections import Counter
from collections.abc import Iterator

from engine.dialect import XML, kids
from engine.refusals.diagram import Diagram, Level, Place
from engine.refusals.rule import Hit, rule

LINK = "linkEventDefinition"
CATCH, THROW = "intermediateCatchEvent", "intermediateThrowEvent"


def _links(level: Level, kind: str) -> list[tuple[Place, XML]]:
    return [(place, link) for place in level.each((kind,)) for link in kids(place.node, LINK)]


@rule("link-without-name", "Le lien « {name} » n’a pas de nom.", "Donnez le même nom au départ et à l’arrivée.")
def names(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Link Event Definition: it has a name."""
    for level in diagram.levels:
        yield from (p.node for p, link in _links(level, CATCH) + _links(level, THROW) if not link.get("name"))


@rule(
    "link-target",
    "Le lien « {link} » mène à {count} arrivées au lieu d’une.",
    "Donnez le même nom au départ et à l’arrivée, et gardez une seule arrivée.",
)
def targets(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Link Event Definition: a source link has exactly one target link, on the same level."""
    for level in diagram.levels:
        caught = Counter(link.get("name") for _, link in _links(level, CATCH))
        for place, link in _links(level, THROW):
            if link.get("name") and caught[link.get("name")] != 1:
                yield place.node, {"link": link.get("name"), "count": caught[link.get("name")]}


@rule("link-source", "Aucun lien ne mène à l’arrivée « {name} ».", "Ajoutez le départ du même nom, ou retirez-la.")
def sources(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Link Event Definition: a target link has at least one source link, on the same level."""
    for level in diagram.levels:
        thrown = {link.get("name") for _, link in _links(level, THROW)}
        yield from (place.node for place, link in _links(level, CATCH) if link.get("name") not in thrown)


@rule(
    "link-pair",
    "Les liens « {name} » et « {other} » ne se répondent pas.",
    "Retirez source et target : le nom commun suffit.",
)
def pairs(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Link Event Definition: source and target, where given, name each other's event, thrown and caught."""
    for name, holder in (("target", CATCH), ("source", THROW)):
        for link in diagram.each(LINK):
            for child in kids(link, name):
                other = diagram.target(child)
                event = None if other is None else other.getparent()
                if other is not None and (
                    event is None or not event.tag.endswith(f"}}{holder}") or other.get("name") != link.get("name")
                ):
                    yield link, {"other": other.get("name") or other.get("id")}


@rule("link-flow-in", "Aucun flux n’entre dans l’arrivée « {name} ».", "Retirez ce flux : le lien en tient lieu.")
def into_targets(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3 Intermediate Event: a target link has no incoming sequence flow."""
    for level in diagram.levels:
        yield from (place.node for place, _ in _links(level, CATCH) if place.incoming)


@rule("link-flow-out", "Aucun flux ne sort du départ « {name} ».", "Retirez ce flux : le lien en tient lieu.")
def out_of_sources(diagram: Diagram) -> Iterator[Hit]:
    """10.5.3 Intermediate Event: a source link has no outgoing sequence flow."""
    for level in diagram.levels:
        yield from (place.node for place, _ in _links(level, THROW) if place.outgoing)


@rule(
    "link-mixed",
    "L’événement « {name} » est un lien et attend ou envoie autre chose.",
    "Séparez les deux en deux événements.",
)
def mixtures(diagram: Diagram) -> Iterator[Hit]:
    """10.5.5 Link Event Definition: a link replaces a flow and is not combined with another definition."""
    for place in diagram.of(CATCH, THROW):
        kinds = diagram.kinds(place)
        if "link" in kinds and len(kinds) > 1:
            yield place.node


RULES = (names, targets, sources, pairs, into_targets, out_of_sources, mixtures)
