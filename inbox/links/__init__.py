"""Answering without an account: a link that serves once, a code by another way, and one task's page."""
