"""The rooms that are open: the pages and the REST resources of each, one line a room."""

from admin import directory as directory_keeping
from admin import emergencies, identities
from admin.cockpit import api as cockpit_api
from admin.cockpit import screens as cockpit
from inbox import (
    availability,
    availability_api,
    directory,
    draft_screens,
    duty,
    duty_api,
    exchange_screens,
    habit_screens,
    list_api,
    lists,
    live,
    outcome_screens,
    rights_api,
    rights_screens,
    starting,
    starting_api,
    task_api,
)
from inbox.calendars import api as calendars_api
from inbox.calendars import door as agenda
from inbox.fhir import door as fhir
from inbox.links import answer_door, send_door
from inbox.notices import api as notices_api
from inbox.notices import screens as notices
from jalon import more

PAGES = (
    starting.blueprint,
    lists.blueprint,
    live.blueprint,
    habit_screens.blueprint,
    draft_screens.blueprint,
    outcome_screens.blueprint,
    rights_screens.blueprint,
    emergencies.blueprint,
    exchange_screens.blueprint,
    send_door.blueprint,
    answer_door.blueprint,
    directory.blueprint,
    more.blueprint,
    fhir.blueprint,
    directory_keeping.blueprint,
    identities.blueprint,
    cockpit.blueprint,
    availability.blueprint,
    duty.blueprint,
    agenda.blueprint,
    notices.blueprint,
)
REST = (
    rights_api.blueprint,
    list_api.blueprint,
    starting_api.blueprint,
    task_api.blueprint,
    directory.rest,
    directory_keeping.rest,
    cockpit_api.blueprint,
    availability_api.blueprint,
    duty_api.blueprint,
    calendars_api.blueprint,
    notices_api.blueprint,
)
