"""Reads a BPMN element with its Zeebe extension into small immutable records: here alone the vocabulary is known."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from base.errors import PathwayError

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
DEFINITION = "EventDefinition"
WHOLE = re.compile(r"[0-9]{1,9}")
MOST_AT_ONCE = 1000
"""Tokens that one activity takes or gives at once."""

XML = etree._Element


@dataclass(frozen=True)
class Flow:
    """A sequence flow inside one container."""

    id: str
    source: str
    target: str
    condition: str | None
    default: bool


@dataclass(frozen=True)
class Trigger:
    """What an event waits for or throws."""

    kind: str
    name: str | None = None
    code: str | None = None
    text: str | None = None
    timer: str | None = None
    correlation: str | None = None
    activity: str | None = None
    waits: bool = True  # a throw of compensation waits for its handlers


@dataclass(frozen=True)
class Loop:
    """Multi-instance or standard loop characteristics; `signals` are (condition or attribute, trigger)."""

    standard: bool = False
    sequential: bool = True
    collection: str | None = None
    element: str | None = None
    out_collection: str | None = None
    out_element: str | None = None
    cardinality: str | None = None
    until: str | None = None
    behavior: str = "All"
    signals: tuple[tuple[str | None, Trigger], ...] = ()
    again: str | None = None
    test_before: bool = False
    maximum: int | None = None


@dataclass(frozen=True)
class Mapping:
    """One input or output mapping; with `variable` the source is a variable's name (a BPMN data association)."""

    source: str
    target: str
    variable: bool = False


@dataclass(frozen=True)
class Lane:
    """A lane; its role is its id, cut at a `__` suffix that makes ids unique in a bundle."""

    id: str
    name: str

    @property
    def role(self) -> str:
        return self.id.split("__")[0]


def refuse(node: XML, message: str, *, hint: str = "", code: str = "bpmn-unreadable") -> PathwayError:
    """The error of an element: where it stands and what is wrong."""
    return PathwayError(message, element=node.get("id") or "", line=line_of(node), hint=hint, code=code)


def line_of(node: XML) -> int:
    found: int | None = getattr(node, "sourceline", None)
    return found or 0


def local(node: XML) -> str:
    return etree.QName(node).localname


def kids(node: XML, *names: str) -> list[XML]:
    """The BPMN children of these names; all of them when no name is given."""
    return [child for child in node if not names or local(child) in names]


def kid(node: XML, *names: str) -> XML | None:
    return next(iter(kids(node, *names)), None)


def text(node: XML | None) -> str | None:
    return None if node is None else (node.text or "").strip()


def extension(node: XML, name: str) -> XML | None:
    """The Zeebe extension element of that name."""
    holder = node.find(BPMN + "extensionElements")
    return None if holder is None else holder.find(ZEEBE + name)


def attribute(node: XML | None, name: str) -> str | None:
    return None if node is None else node.get(name)


def true(value: str | None, default: bool = False) -> bool:
    """An xsd:boolean."""
    return default if value is None else value.strip() in ("true", "1")


class References:
    """The elements of one file by id, and its data objects."""

    def __init__(self, root: XML) -> None:
        self.root = root
        self.by_id: dict[str, XML] = {}
        for node in root.iter():
            if node.get("id"):
                self.by_id.setdefault(node.get("id", ""), node)
        self.objects = {r.get("id"): r.get("dataObjectRef") for r in root.iter(BPMN + "dataObjectReference")}
        stores = (BPMN + "dataStoreReference", BPMN + "dataStore")
        self.stores = {store.get("id") for name in stores for store in root.iter(name)}

    def find(self, reference: str | None) -> XML | None:
        if not reference:
            return None
        return self.by_id.get(reference, self.by_id.get(reference.split(":")[-1]))

    def named(self, what: str, reference: str | None, node: XML) -> str:
        found = self.find(reference)
        if found is None:
            raise refuse(
                owner(node), f"{what} « {reference} » n’est pas défini dans le fichier.", code="unknown-reference"
            )
        return found.get("name") or found.get("id") or ""

    def variable(self, reference: str) -> str:
        """The variable that a data association names: a data object's, behind its reference."""
        return self.objects.get(reference) or reference


def owner(node: XML) -> XML:
    """The element of the diagram that holds an event definition."""
    while local(node).endswith(DEFINITION) or not node.get("id"):
        parent = node.getparent()
        if parent is None:
            return node
        node = parent
    return node


def mappings(node: XML, references: References) -> tuple[tuple[Mapping, ...], tuple[Mapping, ...]]:
    """(inputs, outputs); BPMN data associations count as mappings of a variable."""
    ins: list[Mapping] = []
    outs: list[Mapping] = []
    io = extension(node, "ioMapping")
    if io is not None:
        ins += [Mapping(i.get("source") or "", i.get("target") or "") for i in io.findall(ZEEBE + "input")]
        outs += [Mapping(o.get("source") or "", o.get("target") or "") for o in io.findall(ZEEBE + "output")]
    for association in kids(node, "dataInputAssociation"):
        ins += _association(node, association, references)
    for association in kids(node, "dataOutputAssociation"):
        outs += _association(node, association, references)
    return tuple(m for m in ins if m.target), tuple(m for m in outs if m.target)


def _association(node: XML, association: XML, references: References) -> Iterator[Mapping]:
    """A data association: a copy, else what its transformation gives, else its assignments one by one."""
    source, target = text(kid(association, "sourceRef")) or "", text(kid(association, "targetRef")) or ""
    if {source, target} & references.stores:
        raise refuse(
            node,
            "Cette association lit ou écrit un entrepôt de données, que rien ne relie ici.",
            hint="Prenez un objet de données, ou une tâche de service.",
            code="unsupported-element",
        )
    assignments = kids(association, "assignment")
    for assignment in assignments:
        path = (text(kid(assignment, "to")) or "").removeprefix("=").strip()
        head, dot, rest = path.partition(".")
        yield Mapping(formula(text(kid(assignment, "from"))), references.variable(head) + dot + rest)
    transformation = text(kid(association, "transformation"))
    if transformation:
        yield Mapping(formula(transformation), references.variable(target))
    elif not assignments:
        yield Mapping(references.variable(source), references.variable(target), variable=True)


def formula(source: str | None) -> str:
    """A text that the standard knows as an expression, as FEEL behind `=`."""
    return "=" + (source or "").removeprefix("=").strip()


def declared(node: XML) -> tuple[str, ...]:
    """The data objects and properties that live and end with this process or activity."""
    return tuple(name for found in kids(node, "dataObject", "property") if (name := found.get("id")))


def quantity(node: XML, name: str) -> int:
    """startQuantity or completionQuantity. Raises PathwayError below 1 and beyond MOST_AT_ONCE."""
    value = node.get(name, "1")
    if not WHOLE.fullmatch(value) or not 1 <= int(value) <= MOST_AT_ONCE:
        raise refuse(node, f"{name} doit être un nombre entier de 1 à {MOST_AT_ONCE}.", code="bad-quantity")
    return int(value)


def loop(node: XML, references: References) -> Loop | None:
    """The repetition of an activity. Raises PathwayError when it says nothing to repeat over."""
    standard = kid(node, "standardLoopCharacteristics")
    if standard is not None:
        return _standard_loop(node, standard)
    multiple = kid(node, "multiInstanceLoopCharacteristics")
    return None if multiple is None else _multi_instance(node, multiple, references)


def _standard_loop(node: XML, standard: XML) -> Loop:
    top = standard.get("loopMaximum")
    if top is not None and not WHOLE.fullmatch(top):
        raise refuse(node, "loopMaximum doit être un nombre entier positif.", code="bad-loop")
    return Loop(
        standard=True,
        again=text(kid(standard, "loopCondition")),
        test_before=true(standard.get("testBefore")),
        maximum=None if top is None else int(top),
    )


def _multi_instance(node: XML, multiple: XML, references: References) -> Loop:
    zeebe = extension(multiple, "loopCharacteristics")
    cardinality = text(kid(multiple, "loopCardinality"))
    collection = attribute(zeebe, "inputCollection")
    if cardinality is None and not collection:
        raise refuse(
            node,
            "La répétition ne dit pas sur quoi elle porte.",
            hint="Indiquez une collection (inputCollection) ou un nombre de fois.",
            code="bad-loop",
        )
    if cardinality and cardinality.lstrip("= ").startswith("-"):
        raise refuse(node, "Le nombre de répétitions est négatif.", code="bad-loop")
    return Loop(
        sequential=true(multiple.get("isSequential")),
        collection=collection,
        element=attribute(zeebe, "inputElement"),
        out_collection=attribute(zeebe, "outputCollection"),
        out_element=attribute(zeebe, "outputElement"),
        cardinality=cardinality,
        until=text(kid(multiple, "completionCondition")),
        behavior=multiple.get("behavior", "All"),
        signals=tuple(_behaviour(multiple, references)),
    )


def _behaviour(multiple: XML, references: References) -> Iterator[tuple[str | None, Trigger]]:
    for name in ("oneBehaviorEventRef", "noneBehaviorEventRef"):
        definition = references.find(multiple.get(name))
        if definition is not None:
            yield name, trigger(definition, references)
    for behaviour in kids(multiple, "complexBehaviorDefinition"):
        event = kid(behaviour, "event")
        if event is not None:
            yield text(kid(behaviour, "condition")), triggers(event, references)[0]


def triggers(node: XML, references: References) -> tuple[Trigger, ...]:
    """The event definitions of an event in their order, referenced ones included."""
    return tuple(trigger(definition, references) for definition in definitions(node, references))


def definitions(node: XML, references: References) -> list[XML]:
    found = []
    for child in kids(node):
        if local(child) == "eventDefinitionRef":
            definition = references.find(text(child))
            if definition is None:
                raise refuse(node, f"L’événement « {text(child)} » n’est pas défini.", code="unknown-reference")
            found.append(definition)
        elif local(child).endswith(DEFINITION):
            found.append(child)
    return found


def trigger(node: XML, references: References) -> Trigger:
    """One event definition. Raises PathwayError for a kind that BPMN does not know or that lacks its reference."""
    kind = local(node).removesuffix(DEFINITION)
    if kind == "message":
        return message(node.get("messageRef"), references, node)
    if kind == "signal":
        return Trigger("signal", name=references.named("Le signal", node.get("signalRef"), node))
    if kind in ("error", "escalation"):
        return Trigger(kind, code=_code(node, kind, references))
    if kind == "timer":
        return _timer(node)
    if kind == "conditional":
        return Trigger("conditional", text=text(kid(node, "condition")))
    if kind == "link":
        return Trigger("link", name=node.get("name"))
    if kind == "compensate":
        waits = true(node.get("waitForCompletion"), default=True)
        return Trigger("compensation", activity=node.get("activityRef"), waits=waits)
    if kind in ("cancel", "terminate"):
        return Trigger(kind)
    raise refuse(owner(node), f"L’événement « {local(node)} » n’est pas exécutable.", code="unsupported-element")


def _code(node: XML, kind: str, references: References) -> str | None:
    found = references.find(node.get(f"{kind}Ref"))
    return None if found is None else found.get(f"{kind}Code") or found.get("name")


def _timer(node: XML) -> Trigger:
    for form in ("timeDate", "timeDuration", "timeCycle"):
        found = kid(node, form)
        if found is not None and text(found):
            return Trigger("timer", timer=form, text=text(found))
    raise refuse(
        owner(node),
        "La minuterie ne dit ni date, ni durée, ni cycle.",
        hint="Donnez par exemple la durée PT4H, P2D ou P2JO.",
        code="bad-timer",
    )


def message(reference: str | None, references: References, node: XML) -> Trigger:
    """A message by its reference; one without a reference is named by its event (plain BPMN)."""
    found = references.find(reference)
    if found is None:
        return Trigger("message", name=owner(node).get("name") or owner(node).get("id"))
    subscription = extension(found, "subscription")
    return Trigger(
        "message", name=found.get("name") or found.get("id"), correlation=attribute(subscription, "correlationKey")
    )


def lanes(process: XML) -> dict[str, Lane]:
    """Flow node id -> its innermost lane."""
    found: dict[str, Lane] = {}
    for lane in process.iter(BPMN + "lane"):
        for reference in kids(lane, "flowNodeRef"):
            found[text(reference) or ""] = Lane(lane.get("id") or "", lane.get("name") or lane.get("id") or "")
    return found


def properties(node: XML) -> dict[str, str]:
    """The zeebe:properties of an element: what is ours alone."""
    holder = extension(node, "properties")
    if holder is None:
        return {}
    return {p.get("name") or "": p.get("value") or "" for p in holder.findall(ZEEBE + "property")}
