"""A care pathway before and around its runs: library, checks, versions, forms, operations."""
