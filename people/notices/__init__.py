"""What people are told: the rows, how each wants it, and how it left."""
