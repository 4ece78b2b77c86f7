"""Work that has failed for good: shown, tried again, given up."""
