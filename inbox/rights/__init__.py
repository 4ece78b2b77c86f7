"""The rights of a patient on one page: circle, consents, oppositions, who looked, emergencies."""
