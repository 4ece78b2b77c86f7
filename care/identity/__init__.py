"""Who the patient is: traits, numbers, statuses, likely duplicates, merges; and what was decided about it."""
