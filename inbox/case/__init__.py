"""One case: where it stands, what happened, what was said, what is written and kept with it."""
