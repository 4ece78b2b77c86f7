"""The page of lists: which one, narrowed and sorted, saved under a name, searched by words, and acted on at once."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from care.guard import COORDINATOR
from care.search import communes
from inbox import dates
from inbox.lists import blocks, bulk, columns, counting, follows, queue, rows, views
from inbox.lists import wanted as asked
from inbox.lists.counting import Counts
from inbox.lists.wanted import Wanted
from inbox.request import context, desk, finish, person, require_sign_in
from pathways import catalogue
from people.roles import ROLES, label

blueprint = Blueprint("lists", __name__)
blueprint.before_request(require_sign_in)
ACTS = {"prendre": bulk.take, "suivre": bulk.follow, "completer": bulk.complete}
DONE = {"prendre": "Prise", "suivre": "Suivie", "completer": "Répondue", "confier": "Confiée"}


@blueprint.post("/taches")
def search() -> ResponseReturnValue:
    """The list searched by words: what is searched never stands in an address, since it may name a patient."""
    finish(commit=False)
    return page(Wanted.read(request.form))


@blueprint.get("/taches/vues/<view_id>")
def view(view_id: str) -> ResponseReturnValue:
    """A list as it was saved."""
    found = views.view(desk(), view_id)
    return page(found.wanted, found)


@blueprint.post("/taches/vues")
def save() -> ResponseReturnValue:
    """Keep the list as it is narrowed now."""
    wanted, name, role = Wanted.read(request.form), request.form.get("nom", ""), request.form.get("pour", "")
    return redirect(url_for("lists.view", view_id=views.save(desk(), name, wanted, role)), 303)


@blueprint.post("/taches/vues/<view_id>/effacer")
def remove(view_id: str) -> ResponseReturnValue:
    """Take a view away."""
    views.remove(desk(), view_id)
    return redirect(url_for("inbox.queue"), 303)


@blueprint.post("/taches/lot")
def act() -> ResponseReturnValue:
    """One act on the rows that were chosen, and what became of each."""
    name, ids, to = request.form.get("geste", ""), request.form.getlist("tache"), request.form.get("a", "")
    if not ids or (name not in ACTS and name != "confier"):
        return redirect(url_for("inbox.queue"), 303)
    if name == "confier" and not to:
        found = bulk.receivers(desk(), ids)
        return render_template("inbox/bulk_receiver.html", ids=ids[: bulk.MOST], receivers=found)
    finish(commit=False)
    lines = bulk.each(context(), person(), ids, ACTS.get(name) or bulk.hand_to(to))
    done = sum(not line.refused for line in lines)
    return render_template("inbox/bulk.html", lines=lines, done=done, said=DONE[name])


@blueprint.post("/dossiers/<case_id>/suivre")
def follow(case_id: str) -> ResponseReturnValue:
    """Follow a case."""
    follows.begin(desk(), case_id)
    return redirect(url_for("inbox.case", case_id=case_id), 303)


@blueprint.post("/dossiers/<case_id>/ne-plus-suivre")
def unfollow(case_id: str) -> ResponseReturnValue:
    """Follow nothing of a case any more."""
    follows.end(desk(), case_id)
    return redirect(url_for("inbox.case", case_id=case_id), 303)


@blueprint.app_template_global()
def is_followed(case_id: str) -> bool:
    """Whether who asks follows the case."""
    return follows.follows(desk(), case_id)


def page(wanted: Wanted | None = None, saved: views.View | None = None) -> ResponseReturnValue:
    """The list that is wanted; without a word about it, the first that holds something."""
    told = Wanted.read(request.args) if wanted is None else wanted
    if wanted is None and told.is_typed:
        return redirect(url_for("inbox.queue", **told.address), 303)
    own = counting.mine(desk())
    counted = counting.counts(desk(), own)
    if wanted is None and "liste" not in request.args and not told.is_narrowed and counted.roles and not counted.mine:
        told = told.of("roles")
    g.waiting = counted.all
    return _show(told, queue.queue(desk(), told, own), counted, saved)


def _show(wanted: Wanted, found: queue.Page, counted: Counts, saved: views.View | None) -> str:
    return render_template(
        "inbox/queue.html",
        counts=counted,
        followed=follows.count(desk()),
        page=found,
        groups=rows.grouped(found.rows),
        wanted=wanted,
        saved=saved,
        views=views.views(desk()),
        choices=_choices(wanted),
        asked=asked,
        block=blocks.BLOCK,
        today=dates.long_day(desk().today),
        sent="envoyee" in request.args,
        remaining=remaining(counted.all),
        shares=sorted(ROLES.items(), key=lambda role: role[1]) if COORDINATOR in desk().person.roles else (),
    )


def _choices(wanted: Wanted) -> dict[str, dict[str, str]]:
    """What the filters offer, by the name of their field."""
    session, tenant = desk().session, desk().tenant
    own = columns.columns(desk(), wanted.parcours) if wanted.parcours else ()
    return {
        "parcours": {line.key: line.title for line in catalogue.listing(session, tenant)},
        "commune": {name: name for name in communes.names(session, tenant)},
        "role": {role: label(role) for role in sorted(desk().person.roles, key=label)},
        "urgence": asked.URGENCIES,
        "echeance": asked.DUE,
        "tri": asked.SORTS | {f"{asked.COLUMN}{one.variable}": f"Par {one.label}" for one in own},
    }


def remaining(count: int) -> str:
    """« Il vous reste 6 tâches. »"""
    if count == 0:
        return "Rien d’autre ne vous attend."
    return f"Il vous reste {count} tâche{'s' if count > 1 else ''}."
