"""Plays the scenarios of a pathway in memory: what it should do, said by its author, on a clock that waits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from base.clock import ManualClock
from base.errors import JalonError, PathwayError
from engine.engine import Engine
from engine.feel import FeelError, compile, from_feel, to_feel  # noqa: A004 - FEEL's own
from engine.feel.values import FeelValue
from engine.rehearsal import Rehearsal
from pathways.forms import Form
from pathways.forms.answers import Box, read_answer
from pathways.milestones import MILESTONES
from pathways.opening import feel_context
from pathways.packages import Package
from pathways.parameters import values

FOLDER = "scenarios/"
CASE = "repetition"
MOST_ECHOES = 50
Json = Mapping[str, object]


class Departure(JalonError):
    """The pathway does not do what the scenario says."""

    code, status = "scenario-departs", 422


@dataclass(frozen=True)
class Report:
    """How a scenario went: `problem` is empty when all went as it says, else `step` (from 1) says where it departs."""

    path: str
    title: str
    step: int
    problem: str
    trail: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problem


def run_all(engine: Engine, package: Package) -> list[Report]:
    """Every scenario of a package. Raises Refused when the package itself is."""
    return [run(engine, package, path) for path in package.texts(".json") if path.startswith(FOLDER)]


def run(engine: Engine, package: Package, path: str) -> Report:
    """One scenario, to its end or to the first step at which the pathway departs from it."""
    said = _read(package, path)
    play = Play(engine, package, said)
    step, problem = 0, ""
    try:
        play.start()
        for action in _steps(said):
            step += 1
            play.act(action)
        step += 1
        play.check_end()
    except JalonError as departure:
        problem = departure.message
    trail = tuple(play.rehearsal.completed()) if play.rehearsal else ()
    return Report(path, str(said.get("titre") or path), step, problem, trail)


@dataclass
class Play:
    """One scenario under way."""

    engine: Engine
    package: Package
    said: Json
    rehearsal: Rehearsal | None = None
    heard: int = 0
    thrown: list[str] = field(default_factory=list)

    def start(self) -> None:
        manifest = self.package.manifest
        clock = ManualClock(datetime.fromisoformat(str(self.said["debut"])))
        given = {"dossier": CASE, "parcours": manifest.key, "parametres": values(self.package.parameters())}
        message = self.said.get("message")
        self.rehearsal = self.engine.play(
            self.engine.inspect(self.package.bundle),
            manifest.process,
            feel_context(given | _with_instants(self.said.get("variables")), self._zone().key),
            message=message if isinstance(message, str) else None,
            clock=clock,
        )
        self._echo()

    def act(self, action: Json) -> None:
        """One step: its name is that of the key that it has. Raises Departure."""
        for name, act in ACTS.items():
            if name in action:
                act(self, action)
                self._echo()
                return
        raise Departure(f"Étape inconnue\u00a0: {', '.join(action) or 'vide'}.")

    def check_end(self) -> None:
        wanted, run = self.said.get("fin"), self._run()
        if wanted is None and run.ended:
            raise Departure(f"Le parcours est terminé ({run.end_state}) alors qu’il devait continuer.")
        if wanted is not None and not run.ended:
            tasks = ", ".join(task.element for task in run.tasks()) or "aucune"
            raise Departure(f"Le parcours ne s’est pas terminé. Tâches ouvertes\u00a0: {tasks}.")
        if wanted is not None and run.end_state != wanted:
            raise Departure(f"Le parcours se termine par « {run.end_state} » au lieu de « {wanted} ».")

    def expect(self, action: Json) -> None:
        wanted, tasks = action["attend"], [task.element for task in self._run().tasks()]
        if isinstance(wanted, str) and wanted not in tasks:
            raise Departure(f"« {wanted} » n’attend pas. Tâches ouvertes\u00a0: {', '.join(tasks) or 'aucune'}.")
        if isinstance(wanted, list) and sorted(wanted) != sorted(tasks):
            raise Departure(f"Tâches ouvertes\u00a0: {sorted(tasks)} au lieu de {sorted(wanted)}.")

    def answer(self, action: Json) -> None:
        said = _object(action["repond"])
        task = self._run().task(str(said.get("tache")))
        self._run().complete(task.id, self._answers(task.form, _object(said.get("valeurs"))))

    def wait(self, action: Json) -> None:
        run = self._run()
        if "avance_a" in action:
            goal = datetime.fromisoformat(str(action["avance_a"]))
        else:
            goal = self.engine.environment.calendar.add(run.clock.now(), str(action["avance"]))
        run.advance(goal)

    def tell(self, action: Json) -> None:
        name = str(action["message"])
        told = feel_context(_with_instants(action.get("variables")), self._zone().key)
        if not self._run().correlate(name, told):
            raise Departure(f"Rien n’attend le message « {name} ».")

    def verify(self, action: Json) -> None:
        known = self._run().run.data.visible()
        for text, wanted in _object(action["verifie"]).items():
            try:
                found = from_feel(compile(text).evaluate(known, now=self._run().clock.now()))
            except FeelError as cause:
                raise Departure(f"« {text} » ne se calcule pas\u00a0: {cause}") from cause
            if found != wanted:
                raise Departure(f"« {text} » vaut {found} au lieu de {wanted}.")

    def hear(self, action: Json) -> None:
        thrown, self.thrown = self.thrown, []
        if thrown != action["lance"]:
            raise Departure(f"Messages partis vers l’hôpital\u00a0: {thrown} au lieu de {action['lance']}.")

    def _run(self) -> Rehearsal:
        if self.rehearsal is None:
            raise Departure("Le parcours n’a pas commencé.")
        return self.rehearsal

    def _echo(self) -> None:
        """What goes to the partner is noted, anything else comes back to the run, as the worker does it."""
        run = self._run()
        for _ in range(MOST_ECHOES):
            if self.heard >= len(run.outbox):
                break
            sent = run.outbox[self.heard]
            self.heard += 1
            if sent.name in MILESTONES:
                self.thrown.append(sent.name)
            elif sent.kind == "message":
                run.correlate(sent.name, sent.payload)
        for stop in run.incidents():
            raise Departure(f"Incident à « {stop.element} »\u00a0: {stop.message}")

    def _answers(self, form_id: str | None, said: Json) -> dict[str, FeelValue]:
        """The values a form would give: its dates are written as texts here, and it knows no other names."""
        content = self._run().definition.form(form_id) if form_id else None
        if content is None:
            return {name: to_feel(value) for name, value in said.items()}
        fields = {one.key: one for one in Form.read(content).walk() if one.key}
        names = {key.split(".")[0] for key in fields}
        if unknown := sorted(said.keys() - names):
            raise Departure(f"Le formulaire « {form_id} » n’a pas de champ {', '.join(unknown)}.")
        answers = {}
        for name, value in said.items():
            is_moment = name in fields and fields[name].type == "datetime" and isinstance(value, str)
            box = Box(str(value), "", self._zone().key, None, ())
            answers[name] = read_answer(fields[name], box).value if is_moment else to_feel(value)
        return answers

    def _zone(self) -> ZoneInfo:
        return self.engine.environment.calendar.zone


ACTS: Mapping[str, Callable[[Play, Json], None]] = {
    "attend": Play.expect,
    "repond": Play.answer,
    "avance": Play.wait,
    "avance_a": Play.wait,
    "message": Play.tell,
    "verifie": Play.verify,
    "lance": Play.hear,
}


def _read(package: Package, path: str) -> Json:
    try:
        said = orjson.loads(package.files[path])
        datetime.fromisoformat(said["debut"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as cause:
        raise PathwayError(
            "Ce scénario ne se lit pas.",
            file=path,
            hint="Voir le format dans bpmn/README.md.",
            code="scenario-unreadable",
        ) from cause
    return _object(said)


def _steps(said: Json) -> list[Json]:
    steps = said.get("etapes")
    return [_object(step) for step in steps] if isinstance(steps, list) else []


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _with_instants(value: object) -> dict[str, object]:
    """Texts that are an instant with its offset are instants, as they would be in a partner's message."""
    return {name: _instant(inner) for name, inner in _object(value).items()}


def _instant(value: object) -> object:
    if isinstance(value, dict):
        return _with_instants(value)
    if not isinstance(value, str) or len(value) < 20:
        return value
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return value
    return value if instant.tzinfo is None else instant
