"""The ground every floor stands on: settings, errors, clock, calendars, database, jobs, log, migrations."""
