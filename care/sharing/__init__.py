"""Who takes part and who reads what: the circle, consents and oppositions, emergencies, looks, lanes."""
