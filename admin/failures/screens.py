"""« Travaux en échec »: what failed for good, of which case and why, to be tried again or given up."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.access import follower
from admin.cockpit.cases import run_rows
from admin.failures import failed
from admin.run_names import case_names
from base.jobs import log
from inbox.request import context, desk, require_sign_in
from people.persons import persons
from webhooks.partners import listing as partners

blueprint = Blueprint("failures", __name__, template_folder="../templates")
blueprint.before_request(require_sign_in)


@blueprint.get("/travaux-en-echec")
def listing() -> ResponseReturnValue:
    """What has failed for good, the latest first, and what was decided lately."""
    asking, who = follower(), desk()
    found = failed.failures(who.session, context())
    decided = log.decisions(who.session, who.tenant)
    ids = {one.case for one in found if one.case} | {one.case for one in decided if one.case}
    return render_template(
        "admin/failures.html",
        failures=found,
        most=failed.SHOWN,
        decided=decided,
        kinds=failed.KINDS,
        unknown=failed.UNKNOWN,
        reasons=failed.REASONS,
        given_up=log.GIVEN_UP,
        names=case_names(asking, run_rows(who.session, who.tenant, who.now, sorted(ids))),
        partners={one.key: one.name for one in partners(who.session, who.tenant)},
        people={key: one.display for key, one in persons(who.session, {one.by for one in decided}).items()},
    )


@blueprint.app_template_global()
def failed_work() -> int:
    """How many pieces of work have failed for good, for the pages that lead here."""
    return failed.count(desk().session, context())


@blueprint.post("/travaux-en-echec/<job>/reessayer")
def retry(job: str) -> ResponseReturnValue:
    """Try it again."""
    failed.retry(desk().session, context(), follower().id, job)
    return redirect(url_for("failures.listing"), 303)


@blueprint.post("/travaux-en-echec/<job>/renoncer")
def give_up(job: str) -> ResponseReturnValue:
    """Drop it for good, and say why."""
    failed.give_up(desk().session, context(), follower().id, job, request.form.get("raison", ""))
    return redirect(url_for("failures.listing"), 303)
