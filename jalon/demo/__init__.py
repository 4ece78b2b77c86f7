"""The demo CPTS: invented people, partners and patients, and cases played through the real path."""

TITLE = "CPTS démo Loire-Sucs"
MAIL_DOMAIN = "loire-sucs.test"
