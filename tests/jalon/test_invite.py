"""The first account of an installation."""

import re


def test_the_first_account_is_opened_by_a_link_that_the_command_gives(jalon):
    jalon("db", "upgrade")
    who = ("--nom", "DEMO-VIALLET", "--prenom", "Sophie", "--email", "sophie@loire-sucs.test")
    link = jalon("invite", *who)
    assert re.search(r"^http://127\.0\.0\.1:8080/invitation/[\w-]{43}$", link, re.MULTILINE)
    assert "Rôle inconnu : roi." in jalon("invite", *who, "--role", "roi", code=1)
    assert "adresse de messagerie" in jalon("invite", *who[:4], "--email", "sophie", code=1)
