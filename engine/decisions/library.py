"""One model among those it imports: its names, its types, its compiled texts and the problems found in them."""

from collections.abc import Iterator

from engine.decisions import model
from engine.decisions.errors import Problem
from engine.feel.compiler import Code, TestCode
from engine.feel.errors import FeelSyntaxError
from engine.feel.expression import KNOWN, compile, compile_unary  # noqa: A004 - FEEL's, never Python's
from engine.feel.names import Names
from engine.feel.scope import Scope
from engine.feel.values import FeelValue

FEEL_LANGUAGES = ("", "feel")


class Library:
    """Compiles the texts of a model; `reads` gathers the variables that they read."""

    def __init__(self, read: model.Model, others: "dict[str, Library]") -> None:
        self.model, self.others = read, others
        self.items = {item.name: item for item in read.items}
        self.names = Names(base=KNOWN)
        self.problems: list[Problem] = []
        self.reads: set[str] = set()
        self._tests: dict[str, TestCode] = {}

    def link(self) -> None:
        """Once all libraries are there: learn the names that this model may say."""
        for library in (self, *self.imported()):
            for name in names_in(library.model):
                self.names.add(name)

    def imported(self) -> "Iterator[Library]":
        for namespace in self.model.imports:
            if namespace in self.others:
                yield self.others[namespace]

    def resolve(self, href: str) -> "tuple[Library, model.Element] | None":
        namespace, _, id_ = href.rpartition("#")
        library = self if namespace in ("", self.model.namespace) else self.others.get(namespace)
        element = library.model.elements.get(id_) if library else None
        return (library, element) if library is not None and element is not None else None

    def item(self, name: str) -> "tuple[Library, model.ItemDefinition | None]":
        """A type by its name, `import.name` when it is imported, with the library where it is defined."""
        if name in self.items:
            return self, self.items[name]
        for namespace, alias in self.model.imports.items():
            if alias and name.startswith(alias + ".") and namespace in self.others:
                return self.others[namespace].item(name[len(alias) + 1 :])
        return self, None

    # ---- texts

    def expression(self, text: str, element: str, line: int, language: str = "") -> Code:
        """Of a text that is no FEEL: a problem is noted, and its value is null."""
        if language.lower() not in FEEL_LANGUAGES and "feel" not in language.lower():
            return self.broken(element, line, f"Langage d’expression refusé : {language}")
        try:
            expression = compile(text, self.names)
        except FeelSyntaxError as error:
            return self.broken(element, line, error.message)
        self.reads |= expression.names
        return expression.code

    def unary(self, text: str, element: str, line: int) -> TestCode:
        try:
            tests = compile_unary(text, self.names)
        except FeelSyntaxError as error:
            broken = self.broken(element, line, error.message)
            return lambda scope, _value: broken(scope) is True
        self.reads |= tests.names
        return tests.code

    def tests(self, text: str) -> TestCode:
        """The tests of a type's allowed values."""
        found = self._tests.get(text)
        if found is None:
            found = self._tests[text] = self.unary(text, "", 0)
        return found

    def note(self, element: str, line: int, message: str) -> None:
        self.problems.append(Problem(element, line, message))

    def broken(self, element: str, line: int, message: str) -> Code:
        """Stands for a text that cannot be run: noted now, null (refused, when strict) later."""
        self.note(element, line, message)

        def fail(scope: Scope) -> FeelValue:
            scope.run.broken(message)
            return None

        return fail


def names_in(read: model.Model) -> Iterator[str]:
    """Every name that a model declares: elements, types' components, context entries, parameters…"""
    yield from (alias for alias in read.imports.values() if alias)
    for item in read.items:
        yield from _item_names(item)
    for element in read.elements.values():
        yield element.name
        if isinstance(element, model.Decision | model.BusinessKnowledge):
            yield from boxed_names(element.logic)


def _item_names(item: model.ItemDefinition) -> Iterator[str]:
    yield item.name
    for component in item.components:
        yield from _item_names(component)


def boxed_names(boxed: model.Boxed | None) -> Iterator[str]:
    """The names that a boxed expression and those within it declare."""
    if isinstance(boxed, model.ContextExpression):
        yield from (entry.name for entry in boxed.entries if entry.name)
    elif isinstance(boxed, model.Relation):
        yield from boxed.columns
    elif isinstance(boxed, model.FunctionDefinition):
        yield from (parameter.name for parameter in boxed.parameters)
    elif isinstance(boxed, model.Invocation):
        yield from (name for name, _ in boxed.bindings)
    elif isinstance(boxed, model.Loop):
        yield boxed.variable
    elif isinstance(boxed, model.DecisionTable):
        yield from (output.name for output in boxed.outputs if output.name)
    for inner in parts(boxed):
        yield from boxed_names(inner)


def parts(boxed: model.Boxed | None) -> Iterator[model.Boxed | None]:
    """The boxed expressions directly inside one."""
    if isinstance(boxed, model.ContextExpression):
        yield from (entry.value for entry in boxed.entries)
    elif isinstance(boxed, model.ListExpression):
        yield from boxed.items
    elif isinstance(boxed, model.Relation):
        yield from (cell for row in boxed.rows for cell in row)
    elif isinstance(boxed, model.FunctionDefinition):
        yield boxed.body
    elif isinstance(boxed, model.Invocation):
        yield boxed.function
        yield from (value for _, value in boxed.bindings)
    elif isinstance(boxed, model.Conditional):
        yield from (boxed.condition, boxed.then, boxed.otherwise)
    elif isinstance(boxed, model.FilterExpression):
        yield from (boxed.source, boxed.match)
    elif isinstance(boxed, model.Loop):
        yield from (boxed.source, boxed.body)
