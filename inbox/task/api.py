"""The REST interface of what one does around a task, and of the exchanges of its case."""
# mypy: disable-error-code="untyped-decorator"
# flask-smorest ships no types: what its decorators return is the view itself.

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from base.errors import NotFound
from care.case.attachments import MOST_BYTES
from care.case.cases import case
from inbox.case import documents, exchange_screens, exchanges
from inbox.case.exchange_screens import sight
from inbox.request import desk, require_sign_in
from inbox.task import drafts, outcomes, tasks
from inbox.task import schemas as task_schemas
from inbox.task.boxes import boxes_of
from inbox.task.tasks import Task

blueprint = Blueprint("task_api", __name__, url_prefix="/api", description="Around a task, and between its people")
blueprint.before_request(require_sign_in)


@blueprint.get("/tasks/<task_id>/draft")
@blueprint.response(200, task_schemas.AnswerDraft)
def read_draft(task_id: str) -> drafts.Draft:
    """What this person had begun to answer."""
    tasks.task_of(desk(), task_id)
    found = drafts.own(desk(), task_id)
    if found is None:
        raise NotFound("Aucun brouillon pour cette tâche.")
    return found


@blueprint.put("/tasks/<task_id>/draft")
@blueprint.arguments(task_schemas.AnswerDraftBody)
@blueprint.response(200, task_schemas.KeptAnswerDraft)
def keep_draft(body: dict[str, Any], task_id: str) -> drafts.Kept:
    """Keep what is typed; the latest word wins."""
    tasks.check_may_answer(desk(), tasks.task_of(desk(), task_id))
    return drafts.keep(desk(), task_id, boxes_of(body["answers"]), body["device"], body["revision"])


@blueprint.delete("/tasks/<task_id>/draft")
@blueprint.response(204)
def drop_draft(task_id: str) -> None:
    """Forget it."""
    tasks.task_of(desk(), task_id)
    drafts.drop(desk().session, desk().tenant, task_id, desk().person.id)


@blueprint.post("/tasks/<task_id>/refusal")
@blueprint.arguments(task_schemas.RefusalBody)
@blueprint.response(200, task_schemas.Refused)
def refuse_task(body: dict[str, Any], task_id: str) -> dict[str, bool]:
    """« Je ne peux pas », « Pas concerné »: the task leaves this person."""
    return {"foreseen": outcomes.decline(desk(), held(task_id), body["kind"], body["reason"], body["words"])}


@blueprint.post("/tasks/<task_id>/question")
@blueprint.arguments(task_schemas.QuestionBody)
@blueprint.response(204)
def ask_about_task(body: dict[str, Any], task_id: str) -> None:
    """Ask somebody of the circle, or the coordination; the task stays."""
    outcomes.ask(desk(), held(task_id), body["to"], body["words"])


@blueprint.post("/tasks/<task_id>/delegation")
@blueprint.arguments(task_schemas.GivingBody)
@blueprint.response(204)
def delegate_task(body: dict[str, Any], task_id: str) -> None:
    """Let somebody prepare the answer; it comes back before it is sent."""
    outcomes.delegate(desk(), held(task_id), body["to"], body["words"])


@blueprint.post("/tasks/<task_id>/recall")
@blueprint.response(204)
def recall_task(task_id: str) -> None:
    """Have back what one has delegated; 409 when it is with nobody, or back already."""
    tasks.recall(desk(), task_id)


@blueprint.post("/tasks/<task_id>/handover")
@blueprint.arguments(task_schemas.GivingBody)
@blueprint.response(204)
def hand_over_task(body: dict[str, Any], task_id: str) -> None:
    """Give the task to somebody for good."""
    outcomes.hand_over(desk(), held(task_id), body["to"], body["words"])


@blueprint.post("/tasks/<task_id>/plan")
@blueprint.arguments(task_schemas.PlanBody)
@blueprint.response(204)
def plan_task(body: dict[str, Any], task_id: str) -> None:
    """Another priority and follow-up date; its deadline stays the pathway's."""
    outcomes.plan(desk(), held(task_id), body["urgency"], body["follow_up_at"])


@blueprint.post("/tasks/<task_id>/taking-back")
@blueprint.response(204)
def take_back_task(task_id: str) -> None:
    """Take one's own answer back; 409 says in words why it stands."""
    tasks.take_back(desk(), held(task_id))


@blueprint.post("/tasks/<task_id>/correction-request")
@blueprint.arguments(task_schemas.RequestBody)
@blueprint.response(204)
def ask_for_correction(body: dict[str, Any], task_id: str) -> None:
    """Ask those who rely on one's own answer to put it right."""
    outcomes.ask_for_correction(desk(), held(task_id), body["words"])


@blueprint.get("/tasks/<task_id>/colleagues")
@blueprint.arguments(task_schemas.ColleagueQuery, location="query")
@blueprint.response(200, task_schemas.Colleague(many=True))
def read_colleagues(query: dict[str, Any], task_id: str) -> list[outcomes.Candidate]:
    """To whom the task may be given."""
    return outcomes.to_give(desk(), tasks.task_of(desk(), task_id), query["q"])


@blueprint.get("/cases/<case_id>/comments")
@blueprint.response(200, task_schemas.CaseThread)
def read_comments(case_id: str) -> dict[str, Any]:
    """The thread, as far as it is for this person, and how much of it is not."""
    found = exchanges.exchanges(desk(), case_id, patient(case_id), sight(case_id))
    return {"comments": found.remarks, "withheld": {"count": found.hidden, "words": found.unseen}}


@blueprint.post("/cases/<case_id>/comments")
@blueprint.arguments(task_schemas.CommentBody)
@blueprint.response(201, task_schemas.WrittenHere)
def write_comment(body: dict[str, Any], case_id: str) -> dict[str, str]:
    """Write to the circle; « @ » and a name calls somebody of it."""
    sight(case_id)
    return {"id": exchanges.say(desk(), case_id, patient(case_id), body["words"], body["task"])}


@blueprint.put("/cases/<case_id>/comments/<comment_id>")
@blueprint.arguments(task_schemas.RequestBody)
@blueprint.response(204)
def correct_comment(body: dict[str, str], case_id: str, comment_id: str) -> None:
    """Put one's own words right, shortly after; the first ones are kept."""
    sight(case_id)
    exchanges.correct(desk(), case_id, comment_id, body["words"])


@blueprint.post("/cases/<case_id>/comments/<comment_id>/settlement")
@blueprint.response(204)
def settle_request(case_id: str, comment_id: str) -> None:
    """Say that a correction that was asked for is made."""
    sight(case_id)
    exchanges.settle(desk(), case_id, comment_id)


@blueprint.post("/cases/<case_id>/calls")
@blueprint.arguments(task_schemas.CallBody)
@blueprint.response(201, task_schemas.WrittenHere)
def log_call(body: dict[str, Any], case_id: str) -> dict[str, str]:
    """Note how a call went."""
    sight(case_id)
    return {"id": exchanges.log_call(desk(), case_id, body["outcome"])}


@blueprint.get("/cases/<case_id>/documents")
@blueprint.response(200, task_schemas.CaseDocument(many=True))
def read_documents(case_id: str) -> list[documents.Document]:
    """The files of a case, the latest first."""
    return documents.documents(desk(), case_id, sight(case_id))


@blueprint.post("/cases/<case_id>/documents")
@blueprint.arguments(task_schemas.CaseFile, location="files")
@blueprint.response(201, task_schemas.WrittenHere)
def attach_document(files: dict[str, Any], case_id: str) -> dict[str, str]:
    """Attach a PDF, a photo or a plain text of at most 10 MB."""
    given = files["file"]
    content = given.stream.read(MOST_BYTES + 1)
    return {"id": documents.attach(desk(), case_id, sight(case_id), given.filename or "", content).id}


@blueprint.get("/cases/<case_id>/documents/<attachment_id>")
@blueprint.response(200, content_type="application/octet-stream")
def read_document(case_id: str, attachment_id: str) -> Response:
    """One file; the look is noted."""
    return exchange_screens.sent(case_id, attachment_id)


def held(task_id: str) -> Task:
    """The task, which nobody else moves until this request ends."""
    return tasks.task_of(desk(), task_id, hold=True)


def patient(case_id: str) -> str:
    return case(desk().session, case_id).patient
