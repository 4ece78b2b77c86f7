"""A read-only FHIR R4 façade: the tasks of a person and the circles of care they see, for programs that speak FHIR."""
