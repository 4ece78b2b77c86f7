"""E-mail, by SMTP; a MSSanté mailbox is one."""

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from base.settings import Settings
from inbox.notices.ways import Message, Undelivered

TIMEOUT = 15
SECURE = "mssante.fr"
SIGNATURE = (
    "Ce message ne contient aucune donnée de santé. Il a été envoyé par Jalon, n’y répondez pas.",
    "Vos réglages : {url}/notifications",
)


def is_secure(address: str) -> bool:
    """Whether it is a mailbox of the health sector's secured messaging."""
    domain = address.strip().casefold().rpartition("@")[2]
    return domain == SECURE or domain.endswith(f".{SECURE}")


def send(settings: Settings, address: str, message: Message, mail_id: str, now: datetime) -> None:
    """Hand one mail over to the server. Raises Undelivered."""
    try:
        mail = _mail(settings, address, message, mail_id, now)
        with _server(settings) as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.send_message(mail, settings.smtp_from, [address])
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(min(code for code, _ in error.recipients.values())) from None
    except smtplib.SMTPResponseException as error:
        raise Undelivered(f"Le serveur de courrier a répondu {error.smtp_code}.") from None
    except (UnicodeError, ValueError):
        raise Undelivered("Cette adresse ne s’écrit pas ainsi.", permanent=True, bounces=True) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Undelivered(f"Le serveur de courrier n’a pas répondu ({type(error).__name__}).") from None


def _refused(code: int) -> Undelivered:
    """From 500 on the server will never take anything for this address."""
    never = code >= 500
    return Undelivered(f"L’adresse est refusée ({code}).", permanent=never, bounces=never)


def _server(settings: Settings) -> smtplib.SMTP:
    name = urlsplit(settings.public_url).hostname or "localhost"
    where = (settings.smtp_host, settings.smtp_port, name)
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(*where, timeout=TIMEOUT, context=ssl.create_default_context())
    server = smtplib.SMTP(*where, timeout=TIMEOUT)
    if settings.smtp_security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server


def _mail(settings: Settings, address: str, message: Message, mail_id: str, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = message.subject, f"Jalon <{settings.smtp_from}>", address
    mail["Date"], mail["Auto-Submitted"] = format_datetime(now), "auto-generated"
    mail["Message-ID"] = f"<{mail_id}@{settings.smtp_from.rpartition('@')[2]}>"
    if message.urgent:
        mail["Importance"] = "high"
    signature = (SIGNATURE[0], SIGNATURE[1].replace("{url}", settings.public_url))
    mail.set_content("\n".join((*message.lines, "", message.url, "", "-- ", *signature)) + "\n", cte="8bit")
    return mail
