"""A patient's case: opened and closed, what its people write to each other, and their files."""
