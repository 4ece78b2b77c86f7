"""The addresses of this door: the workshop of the clinical lead, and the follow-up of the cases."""

from flask import Blueprint

from admin import atelier, follow, versions
from admin.cockpit import case_list
from inbox.request import require_sign_in

blueprint = Blueprint("admin", __name__, template_folder="templates")
blueprint.before_request(require_sign_in)

ROUTES = (
    ("/atelier", "atelier", atelier.pathway_list, "GET"),
    ("/atelier/<key>", "editor", atelier.editor, "GET"),
    ("/atelier/<key>/avancement", "progress", atelier.progress, "GET"),
    ("/atelier/<key>/diagramme.bpmn", "diagram", atelier.diagram, "GET"),
    ("/atelier/<key>/diagramme.bpmn", "save_diagram", atelier.save_diagram, "PUT"),
    ("/atelier/<key>/controles", "checks", atelier.checks, "POST"),
    ("/atelier/<key>/changements", "changes", versions.compare, "GET"),
    ("/atelier/<key>/publier", "publish", atelier.publish, "POST"),
    ("/atelier/<key>/abandonner", "discard", atelier.discard, "POST"),
    ("/suivi", "runs", case_list.show, "GET"),
    ("/suivi", "search_runs", case_list.search, "POST"),
    ("/suivi/<case>", "run", follow.run_page, "GET"),
    ("/suivi/<case>/diagramme.bpmn", "run_diagram", follow.diagram, "GET"),
    ("/suivi/<case>/etat.json", "run_state", follow.state, "GET"),
    ("/suivi/<case>/echeances/<timer>", "reschedule", follow.reschedule, "POST"),
    ("/suivi/<case>/incidents/<incident>/corriger", "correct", follow.correct, "POST"),
    ("/suivi/<case>/incidents/<incident>/reessayer", "retry", follow.retry, "POST"),
)
for address, endpoint, view, method in ROUTES:
    blueprint.add_url_rule(address, endpoint, view, methods=[method])
