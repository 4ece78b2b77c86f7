"""Tells a run in memory: what it did since last time, then what it waits for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from base.errors import NotFound
from engine.effects import Opened
from engine.pictures import Element, Entry
from engine.rehearsal import Rehearsal
from inbox.case.values import readable
from people.roles import label

PARIS = ZoneInfo("Europe/Paris")
TOLD_OTHERWISE = ("userTask", "businessRuleTask", "serviceTask", "startEvent", "endEvent", "subProcess", "callActivity")


class Teller:
    """Speaks of one rehearsal; tasks are called by the number they were shown with, or by their element's id."""

    def __init__(self, rehearsal: Rehearsal, say: Callable[[str], None]) -> None:
        self.rehearsal, self.say = rehearsal, say
        self.told = self.sent = 0
        definition = rehearsal.definition
        self.elements: Mapping[str, Element] = {
            element.id: element for process in definition.processes for element in definition.elements(process)
        }

    def tell(self) -> None:
        """What happened since last time, then what is waited for, or how it ended."""
        for entry in self.rehearsal.history[self.told :]:
            if words := self._words(entry):
                self.say(f"  {_moment(entry.at)}  {words}")
        self.told = len(self.rehearsal.history)
        for stop in self.rehearsal.incidents():
            self.say(f"  Bloqué à « {self._name(stop.element)} » : {stop.message}")
        if self.rehearsal.ended:
            self.say(f"Terminé : {self.rehearsal.end_state or 'fin du parcours'}")
        else:
            self.show_waiting()

    def show_waiting(self) -> None:
        lines = [*self._tasks(), *self._messages(), *self._timers()]
        self.say("Attend :" if lines else "N’attend plus rien et n’est pas fini : le parcours est arrêté.")
        for line in lines:
            self.say(f"  {line}")

    def task(self, name: str) -> str:
        """The task's element, from its number or its own name."""
        if not name.isdigit():
            return name
        waiting = self.rehearsal.tasks()
        if 0 < int(name) <= len(waiting):
            return waiting[int(name) - 1].id
        raise NotFound(f"Aucune tâche ne porte le numéro {name}.")

    def _tasks(self) -> list[str]:
        return [f"{place}. {self._task(task)}" for place, task in enumerate(self.rehearsal.tasks(), start=1)]

    def _task(self, task: Opened) -> str:
        whom = ", ".join(label(role) for role in task.roles)
        due = f"avant {_moment(task.due_at)}" if task.due_at else ""
        form = f"formulaire {task.form}" if task.form else ""
        offered = ", ".join(f"{one.name or one.id} [{one.id}]" for one in self.rehearsal.choices(task))
        form = f"à choisir : {offered}" if offered else form
        return ", ".join(part for part in (f"{task.name or task.element} [{task.element}]", whom, due, form) if part)

    def _messages(self) -> list[str]:
        return [f"message {name}" for name in sorted({one.name for one in self.rehearsal.messages()})]

    def _timers(self) -> list[str]:
        return [
            f"échéance {_moment(timer.due_at)} : {timer.name or timer.element}" for timer in self.rehearsal.timers()
        ]

    def _words(self, entry: Entry) -> str:
        name = self._name(entry.element)
        match entry.kind:
            case "run_started":
                return f"Départ : {name}" if name else "Départ"
            case "task_completed":
                return f"Répondu : {name}"
            case "activity_chosen":
                return f"Choisi : {name}"
            case "decision_made":
                return f"Décision : {name} → {readable(entry.detail.get('value'), 300)}{_rules(entry)}"
            case "operation_done":
                return f"Fait : {name} ({entry.detail.get('type', '')})"
            case "message_received":
                return f"Message reçu : {entry.detail.get('name', name)}"
            case "message_thrown" | "signal_thrown":
                return f"Message envoyé : {entry.detail.get('name', name)}"
            case "timer_fired":
                return f"Échéance atteinte : {name}"
            case "element_completed":
                return self._passed(entry, name)
        return ""

    def _passed(self, entry: Entry, name: str) -> str:
        """Gateways and events with a name; what has its own line, or no name, is passed over."""
        element = self.elements.get(entry.element)
        if element is None or not element.name or element.type in TOLD_OTHERWISE:
            return ""
        return f"Passé : {name}"

    def _name(self, element: str) -> str:
        known = self.elements.get(element)
        return (known.name if known else "") or element


def _rules(entry: Entry) -> str:
    """Which rules of the last table applied."""
    tables = entry.detail.get("tables") or [{}]
    numbers = [str(rule["rule"]) for rule in tables[-1].get("rules", ())]
    return f" (règle{'s' if len(numbers) > 1 else ''} {', '.join(numbers)})" if numbers else ""


def _moment(instant: datetime) -> str:
    return f"{instant.astimezone(PARIS):%d/%m/%Y %H:%M}"
