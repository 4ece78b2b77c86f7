"""The lists: what waits for a person, filtered, ordered, kept as views, learning while one looks."""
