"""The directory of a territory: who works where, what they offer, which structures and groups there are."""
