"""What an agenda follows behind a secret link: one's duties, those of a sector, what one has to answer."""
