"""Who is there when: absences, delegates, weekly unavailability, duty, and who stands in for whom."""
