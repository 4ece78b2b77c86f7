"""One task: its page, its form, what may be done with it, and what is kept while one writes."""
