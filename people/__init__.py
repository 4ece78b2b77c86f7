"""Professionals, their roles, accounts and sign-in."""
