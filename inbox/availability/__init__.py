"""Absences, delegates and duty rosters, as people keep them."""
