"""One model among those it imports: its names, its types, its compiled texts and the problems found in them."""

from collections.abc import Iterator

from engine.decisions import model
from engine.decisions.errors import UnreadableDecisions
from engine.decisions.language import is_feel
from engine.decisions.problem import Problem
from engine.feel.compiler import Code, TestCode
from engine.feel.errors import FeelSyntaxError
from engine.feel.expression import KNOWN, compile, compile_unary  # noqa: A004 - FEEL's, never Python's
from engine.feel.names import Names
from engine.feel.scope import Scope
from engine.feel.values import FeelValue

MOST_NAMES = 5_000
MEND = "Corrigez ce texte : il doit être du FEEL."


class Library:
    """Compiles the texts of a model; `reads` gathers the variables that they read."""

    def __init__(self, read: model.Model, others: "dict[str, Library]") -> None:
        self.model, self.others = read, others
        self.items = {item.name: item for item in read.items}
        self.names = Names(base=KNOWN)
        self.problems: list[Problem] = list(read.problems)
        self.reads: set[str] = set()
        self._tests: dict[str, TestCode] = {}

    def link(self) -> None:
        """Once all libraries are there: learn the names that this model may say. Raises UnreadableDecisions."""
        known = {name for library in (self, *self.imported()) for name in names_in(library.model)}
        if len(known) > MOST_NAMES:
            raise UnreadableDecisions(f"Ce fichier de décisions dit plus de {MOST_NAMES} noms")
        for name in sorted(known):
            self.names.add(name)

    def imported(self) -> "Iterator[Library]":
        for found in self.model.imports:
            if found.namespace in self.others:
                yield self.others[found.namespace]

    def reachable(self) -> "list[Library]":
        """This model, and those that it imports, directly or not."""
        found: dict[str, Library] = {}
        todo = [self]
        while todo:
            library = todo.pop()
            if library.model.namespace not in found:
                found[library.model.namespace] = library
                todo += library.imported()
        return list(found.values())

    def resolve(self, href: str) -> "tuple[Library, model.Element] | None":
        namespace, _, id_ = href.rpartition("#")
        library = self if namespace in ("", self.model.namespace) else self.others.get(namespace)
        element = library.model.elements.get(id_) if library else None
        return (library, element) if library is not None and element is not None else None

    def item(self, name: str) -> "tuple[Library, model.ItemDefinition | None]":
        """A type by its name, `import.name` or `{namespace}name` when it is imported, with the library of it."""
        if name in self.items:
            return self, self.items[name]
        for namespace, inner in self._elsewhere(name):
            library = self.others.get(namespace)
            if library is None or library is self:
                continue
            if inner in library.items:
                return library, library.items[inner]
            home, found = library.item(inner) if inner != name else (library, None)
            if found is not None:
                return home, found
        return self, None

    def _elsewhere(self, name: str) -> Iterator[tuple[str, str]]:
        """Where an imported type may be: a namespace, and its name there."""
        if name.startswith("{"):
            namespace, _, inner = name[1:].partition("}")
            yield namespace, inner
        for found in self.model.imports:
            if not found.name:
                yield found.namespace, name
            elif name.startswith(found.name + "."):
                yield found.namespace, name[len(found.name) + 1 :]

    # ---- texts

    def expression(self, text: str, element: str, line: int, language: str = "") -> Code:
        """Of a text that is no FEEL: a problem is noted, and its value is null."""
        if not is_feel(language):  # the reader noted it
            return failing(f"Langage d’expression refusé : {language}")
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

    def cell(self, text: str, variable: str, element: str, line: int) -> TestCode:
        """Unary tests that may name their input as Camunda 7 does (`variable > 2`), and not with `?` alone."""
        test = self.unary(text, element, line)
        try:
            expression = compile(text, self.names) if variable else None
        except FeelSyntaxError:
            return test
        if expression is None or variable not in expression.names:
            return test

        def judge(scope: Scope, value: FeelValue) -> bool | None:
            answer = expression.code(scope)
            return answer if isinstance(answer, bool) else test(scope, value)

        return judge

    def tests(self, text: str, element: str = "", line: int = 0) -> TestCode:
        """The tests of a type's allowed values."""
        found = self._tests.get(text)
        if found is None:
            found = self._tests[text] = self.unary(text, element, line)
        return found

    def values_of(self, output: model.TableOutput) -> str:
        """The allowed values of an output: its own, else those of its type."""
        _, item = self.item(output.type)
        return output.values or ("" if item is None else item.allowed)

    def note(self, element: str, line: int, message: str, hint: str = "") -> None:
        self.keep(Problem(element, line, message, hint))

    def keep(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def broken(self, element: str, line: int, message: str, hint: str = MEND) -> Code:
        """Stands for a text that cannot be run: noted now, null later."""
        self.note(element, line, message, hint)
        return failing(message)


def failing(message: str) -> Code:
    def fail(scope: Scope) -> FeelValue:
        scope.run.warn(message)
        return None

    return fail


def names_in(read: model.Model) -> Iterator[str]:
    """Every name that a model declares: elements, types' components, context entries, parameters…"""
    yield from (found.name for found in read.imports if found.name)
    for item in read.items:
        yield from _item_names(item)
    for element in read.elements.values():
        yield from (element.name, *element.names)
        if isinstance(element, model.Decision | model.BusinessKnowledge):
            yield from boxed_names(element.logic)


def _item_names(item: model.ItemDefinition) -> Iterator[str]:
    yield item.name
    for component in item.components:
        yield from _item_names(component)


def boxed_names(boxed: model.Boxed | None) -> Iterator[str]:
    """The names that a boxed expression and those within it declare."""
    for found in walk(boxed):
        yield from bound_names(found)
        if isinstance(found, model.DecisionTable):
            yield from (output.name for output in found.outputs if output.name)


def bound_names(boxed: model.Boxed) -> Iterator[str]:
    """The names to which a boxed expression gives values, for those within it to read."""
    if isinstance(boxed, model.ContextExpression):
        yield from (entry.name for entry in boxed.entries if entry.name)
    elif isinstance(boxed, model.Relation):
        yield from (column.name for column in boxed.columns)
    elif isinstance(boxed, model.FunctionDefinition):
        yield from (parameter.name for parameter in boxed.parameters)
    elif isinstance(boxed, model.Invocation):
        yield from (name for name, _ in boxed.bindings)
    elif isinstance(boxed, model.Loop):
        yield from (boxed.variable, "partial")
    elif isinstance(boxed, model.FilterExpression):
        yield "item"
    elif isinstance(boxed, model.DecisionTable):
        yield from (found.variable for found in boxed.inputs if found.variable)


def walk(boxed: model.Boxed | None) -> Iterator[model.Boxed]:
    """A boxed expression and all those within it, in the order in which they are written."""
    todo = [boxed]
    while todo:
        found = todo.pop()
        if found is not None:
            yield found
            todo += reversed(list(parts(found)))


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
