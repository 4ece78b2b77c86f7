"""Opening a case by hand, by page and by program."""
