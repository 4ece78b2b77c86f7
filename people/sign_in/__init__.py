"""The ways in: accounts, second factors, passkeys, Pro Santé Connect, sessions, and what they leave behind."""
