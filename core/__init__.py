"""What everything stands on: configuration, clock, calendar, database, log, vault, users, errors."""
