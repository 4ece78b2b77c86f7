"""A care pathway before and around its runs: library, checks, versions, publication, scenarios, operations."""
