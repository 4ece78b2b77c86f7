"""Notices leave from here: what still may be told, in which words, by which way; and the page « Notifications »."""
