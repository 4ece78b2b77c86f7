"""The rooms that are open: the pages and the REST resources of each, one line a room."""

from admin import directory as directory_keeping
from inbox import directory, draft_screens, exchange_screens, outcome_screens

PAGES = (
    draft_screens.blueprint,
    outcome_screens.blueprint,
    exchange_screens.blueprint,
    directory.blueprint,
    directory_keeping.blueprint,
)
REST = (
    directory.rest,
    directory_keeping.rest,
)
