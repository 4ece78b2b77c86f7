"""The whole schema: importing this module registers every floor's tables, and what keeps them, on the one metadata."""

import admin.cockpit.tables
import base.jobs.tables
import care.case.tables
import care.identity.tables
import care.sharing.tables
import care.tables
import engine.tables
import inbox.links.tables
import inbox.lists.involvement
import inbox.lists.tables
import inbox.task.tables
import pathways.tables
import people.directory.tables
import people.notices.tables
import people.rosters.tables
import people.tables
import webhooks.tables
from base.database import metadata

TABLE_MODULES = (
    base.jobs.tables,
    engine.tables,
    people.tables,
    people.directory.tables,
    people.notices.tables,
    people.rosters.tables,
    care.tables,
    care.case.tables,
    care.sharing.tables,
    care.identity.tables,
    pathways.tables,
    inbox.lists.tables,
    inbox.task.tables,
    inbox.links.tables,
    webhooks.tables,
    admin.cockpit.tables,
)

__all__ = ["TABLE_MODULES", "metadata"]
