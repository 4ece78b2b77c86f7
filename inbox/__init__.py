"""The professionals' door: what waits for me, answer, hand back."""
