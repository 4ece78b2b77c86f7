"""Whatever the screens change, programs change too: each changing address of a page names its REST twin, or why not."""

from flask import Flask

from base.clock import ManualClock
from base.database import Database
from base.settings import Settings
from jalon.app import create_app
from tests.support.contexts import make_context

TWINS = {
    "account.choose_role": "session_api.act_in_role",
    "account.end_other_sessions": "session_api.end_other_sessions",
    "account.end_session": "session_api.end_session",
    "admin.checks": "admin_api.check_draft",
    "admin.correct": "admin_api.correct_incident",
    "admin.discard": "admin_api.discard_draft",
    "admin.publish": "admin_api.publish",
    "admin.reschedule": "admin_api.reschedule",
    "admin.retry": "admin_api.retry_incident",
    "admin.save_diagram": "admin_api.save_draft",
    "admin.search_runs": "admin_api.list_runs",
    "admissions.grant": "admissions_api.accept_enrolment",
    "admissions.invite": "admissions_api.make_invitation",
    "admissions.refuse": "admissions_api.refuse_enrolment",
    "availability.add_unavailability": "availability_api.add_week",
    "availability.choose_substitute": "availability_api.choose_substitute",
    "availability.declare": "availability_api.declare",
    "availability.end": "availability_api.end",
    "availability.grant": "availability_api.grant",
    "availability.remove_unavailability": "availability_api.remove_week",
    "availability.withdraw": "availability_api.withdraw",
    "cockpit.act": "cockpit_api.entrust",
    "cockpit.export": "cockpit_api.read_active_patients",  # as a spreadsheet, by `Accept`
    "cockpit.stop": "cockpit_api.stop",
    "departures.come_back": "departures_api.begin_practice_again",
    "departures.leave": "departures_api.end_practice",
    "directory.change": "directory_api.change_person",
    "directory_admin.add_group": "directory_admin_api.add_group",
    "directory_admin.change_members": "directory_admin_api.add_member",  # and remove_member
    "directory_admin.confirm": "directory_admin_api.confirm_import",
    "directory_admin.drop": "directory_admin_api.drop_import",
    "directory_admin.name_referent": "directory_admin_api.name_referent",
    "directory_admin.save_structure": "directory_admin_api.change_structure",  # and add_structure
    "directory_admin.send": "directory_admin_api.plan_import",
    "drafts.drop": "task_api.drop_draft",
    "drafts.join": "task_api.keep_draft",
    "drafts.keep": "task_api.keep_draft",
    "drafts.take_over": "task_api.keep_draft",
    "duty.add": "duty_api.add_shift",
    "duty.answer": "duty_api.answer_swap",
    "duty.carry_out_import": "duty_api.import_roster",
    "duty.make_feed": "calendars_api.make_calendar",
    "duty.plan_import": "duty_api.import_roster",
    "duty.propose": "duty_api.propose_swap",
    "duty.remove": "duty_api.remove_shift",
    "duty.revoke_feed": "calendars_api.revoke_calendar",
    "duty.take": "duty_api.add_shift",
    "duty.write_sector": "duty_api.write_sector",
    "emergencies.inform": "emergencies_api.disclose",
    "emergencies.review": "emergencies_api.review",
    "exchanges.attach": "task_api.attach_document",
    "exchanges.call": "task_api.log_call",
    "exchanges.correct": "task_api.correct_comment",
    "exchanges.say": "task_api.write_comment",
    "exchanges.settle": "task_api.settle_request",
    "forgotten.renew": "forgotten_api.renew_password",
    "forgotten.send": "forgotten_api.ask_for_link",
    "habits.settle": "habits_api.settle_preferences",
    "identities.restate": "identities_api.restate_patient",
    "identities.results": "identities_api.search_patients",
    "identities.settle": "identities_api.merge_patients",  # and dismiss_duplicate
    "identities.show": "identities_api.read_ins",
    "identities.take_out": "identities_api.export_patient",
    "identities.undo": "identities_api.undo_merge",
    "identities.wipe": "identities_api.erase_patient",
    "failures.give_up": "failures_api.give_up_failed_job",
    "failures.retry": "failures_api.retry_failed_job",
    "inbox.answer": "api.complete_task",
    "inbox.cases": "api.read_cases",
    "inbox.choose": "api.begin_activity",
    "inbox.claim": "api.claim_task",
    "inbox.recall": "task_api.recall_task",
    "inbox.release": "api.release_task",
    "inbox.take_back": "task_api.take_back_task",
    "links.revoke": "links_api.revoke_link",
    "links.send": "links_api.send_link",
    "lists.act": "list_api.act_on_tasks",
    "lists.follow": "list_api.follow_case",
    "lists.remove": "list_api.remove_view",
    "lists.save": "list_api.save_view",
    "lists.search": "list_api.search_tasks",
    "lists.unfollow": "list_api.unfollow_case",
    "notices.clear_address": "notices_api.clear_bounce",
    "moving.move": "moving_api.choose_version",
    "notices.settle": "notices_api.settle_preferences",
    "notices.subscribe": "notices_api.subscribe",
    "notices.unsubscribe": "notices_api.unsubscribe",
    "outcomes.answer": "task_api.refuse_task",  # and a question, a delegation, a handover, a plan, a correction
    "parameters.save": "admin_api.settle_parameters",
    "reach.correct_address": "reach_api.correct_address",
    "reach.remind": "reach_api.remind",
    "reach.try_again": "reach_api.try_again",
    "rights.break_in": "rights_api.open_in_emergency",
    "rights.close_emergency": "rights_api.end_emergency",
    "rights.end_will": "rights_api.end_will",
    "rights.invite": "rights_api.invite_member",
    "rights.keep_consent": "rights_api.record_consent",
    "rights.keep_opposition": "rights_api.record_opposition",
    "rights.leave": "rights_api.end_membership",
    "versions.take_up": "admin_api.take_up_version",
    "sign_in.answer": "session_api.enter_session",
    "sign_in.leave": "session_api.leave_session",
    "sign_in_steps.take_charter": "session_api.accept_charter",
    "sign_in_steps.take_code": "session_api.show_second_factor",
    "starting.open_case": "starting_api.begin_case",
}
OWN_WAY_IN = "the owner of an account changes how they come in, in a browser, and shows again who they are"
BY_LINK = "whoever has no account comes by a link, in a browser"
SHOWS = "shows the page again as it is with what was typed; nothing is kept"
WITHOUT = {
    "account.change_password": OWN_WAY_IN,
    "account.choose_situation": OWN_WAY_IN,
    "account.make_recovery_codes": OWN_WAY_IN,
    "account.remove_passkey": OWN_WAY_IN,
    "account.remove_telephone": OWN_WAY_IN,
    "account.take_telephone": OWN_WAY_IN,
    "sign_in_steps.take_situation": OWN_WAY_IN,
    "sign_in_steps.take_telephone": OWN_WAY_IN,
    "answer_link.answer": BY_LINK,
    "answer_link.decline": BY_LINK,
    "answer_link.enter": BY_LINK,
    "answer_link.open_account": BY_LINK,
    "answer_link.send_code": BY_LINK,
    "invitation.accept": BY_LINK,
    "answer_link.fields": SHOWS,
    "inbox.fields": SHOWS,
    "starting.fields": SHOWS,
}
PROGRAMS = ("/api/", "/fhir/", "/webhooks/")


def changing(app: Flask) -> set[str]:
    """The pages that take something else than a look."""
    pages = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(PROGRAMS)]
    return {rule.endpoint for rule in pages if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}}


def test_whatever_a_page_changes_a_program_changes_or_it_is_said_why_not(
    settings: Settings, clock: ManualClock
) -> None:
    app = create_app(make_context(settings, Database(settings.database_url), clock))
    app.extensions["jalon"].database.dispose()
    pages = changing(app)
    assert pages - TWINS.keys() - WITHOUT.keys() == set()
    assert {page: twin for page, twin in TWINS.items() if page in pages and twin not in app.view_functions} == {}
    assert TWINS.keys() & WITHOUT.keys() == set()
    assert TWINS.keys() | WITHOUT.keys() <= pages, "what is no page any more has no line here"
    assert len(pages & TWINS.keys()) > 80
