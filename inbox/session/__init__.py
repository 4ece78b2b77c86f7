"""The session over REST, and its cookie."""
