"""The rooms that are open: the pages and the REST resources of each, one line a room."""

from admin import directory as directory_keeping
from admin import directory_api as directory_keeping_api
from admin import (
    emergencies,
    emergencies_api,
    erasures,
    erasures_api,
    identities,
    identities_api,
    moving,
    moving_api,
    parameters,
    versions,
)
from admin.cockpit import api as cockpit_api
from admin.cockpit import reach_api, reach_screens
from admin.cockpit import screens as cockpit
from admin.failures import api as failures_api
from admin.failures import screens as failures
from inbox import departures, departures_api, directory, directory_api
from inbox.availability import availability, availability_api, duty, duty_api
from inbox.calendars import api as calendars_api
from inbox.calendars import door as agenda
from inbox.case import exchange_screens
from inbox.fhir import door as fhir
from inbox.links import answer_door, links_api, send_door
from inbox.lists import api as list_api
from inbox.lists import habit_screens, habits_api, live
from inbox.lists import screens as lists
from inbox.notices import api as notices_api
from inbox.notices import screens as notices
from inbox.rights import api as rights_api
from inbox.rights import screens as rights_screens
from inbox.session import forgotten_api
from inbox.starting import api as starting_api
from inbox.starting import screens as starting
from inbox.task import api as task_api
from inbox.task import draft_screens, outcome_screens
from jalon import admissions_api, forgotten, more

PAGES = (
    starting.blueprint,
    lists.blueprint,
    live.blueprint,
    habit_screens.blueprint,
    draft_screens.blueprint,
    outcome_screens.blueprint,
    rights_screens.blueprint,
    emergencies.blueprint,
    erasures.blueprint,
    failures.blueprint,
    moving.blueprint,
    parameters.blueprint,
    versions.blueprint,
    exchange_screens.blueprint,
    send_door.blueprint,
    answer_door.blueprint,
    directory.blueprint,
    departures.blueprint,
    more.blueprint,
    fhir.blueprint,
    directory_keeping.blueprint,
    identities.blueprint,
    cockpit.blueprint,
    reach_screens.blueprint,
    availability.blueprint,
    duty.blueprint,
    agenda.blueprint,
    notices.blueprint,
    forgotten.blueprint,
)
REST = (
    rights_api.blueprint,
    list_api.blueprint,
    starting_api.blueprint,
    task_api.blueprint,
    directory_api.blueprint,
    departures_api.blueprint,
    directory_keeping_api.blueprint,
    emergencies_api.blueprint,
    erasures_api.blueprint,
    failures_api.blueprint,
    moving_api.blueprint,
    identities_api.blueprint,
    admissions_api.blueprint,
    links_api.blueprint,
    habits_api.blueprint,
    cockpit_api.blueprint,
    reach_api.blueprint,
    availability_api.blueprint,
    duty_api.blueprint,
    calendars_api.blueprint,
    notices_api.blueprint,
    forgotten_api.blueprint,
)
