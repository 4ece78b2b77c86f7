"""The page that asks who you are, with every way in that is open here."""

from flask import render_template, request

from inbox.request import COOKIE, asking, context
from inbox.session.cookie import place
from jalon.demo import sign_ins
from jalon.provider import is_offered, may_leave

TOLD = {
    "trop-long": "Cette connexion a trop attendu. Recommencez-la.",
    "compte": "Votre compte est prêt. Connectez-vous.",
    "mot-de-passe": "Votre mot de passe est changé. Connectez-vous.",
}
"""What other pages of the way in have to say, by the name that the address holds."""


def sign_in_page(message: str = "") -> str:
    """The page, with what went wrong on the way in."""
    again = "confirmer" in request.values and asking() is not None
    return render_template(
        "sign_in.html",
        message=message,
        told=TOLD.get(request.args.get("dit", ""), ""),
        again=again,
        expired=request.method == "GET" and COOKIE in request.cookies and asking() is None,
        login=request.form.get("login", ""),
        suite=request.values.get("suite", ""),
        accounts=sign_ins.accounts() if context().settings.demo else [],
        password=sign_ins.PASSWORD,
        passkeys=place().is_possible,
        psc=is_offered(),
        may_leave=may_leave(),
    )
