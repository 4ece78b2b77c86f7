"""The patient and what surrounds them: identity, circle of care, consent, who may see what."""
