"""Why the machine or its database refused, in words for whoever runs it."""

import errno
import sqlite3

OF_SYSTEM = {
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "le quota du disque est atteint",
    errno.EFBIG: "le fichier serait plus grand que permis",
    errno.EROFS: "le disque est en lecture seule",
    errno.EIO: "le disque ne lit ou n’écrit plus",
    errno.ENOTDIR: "un nom du chemin n’est pas un dossier",
    errno.EISDIR: "c’est un dossier",
}
OF_SQLITE = {
    sqlite3.SQLITE_FULL: "le disque est plein",
    sqlite3.SQLITE_CORRUPT: "le fichier de la base est abîmé",
    sqlite3.SQLITE_NOTADB: "ce fichier n’est pas une base SQLite",
    sqlite3.SQLITE_CANTOPEN: "le fichier de la base ne s’ouvre pas",
    sqlite3.SQLITE_READONLY: "le fichier de la base est en lecture seule",
    sqlite3.SQLITE_IOERR: "le disque ne lit ou n’écrit plus (est-il plein ?)",
    sqlite3.SQLITE_BUSY: "un autre processus tient la base",
}
PRIMARY = 0xFF
"""SQLite says the kind of an error in its lowest byte, and details above."""


def of_system(error: OSError) -> str:
    return OF_SYSTEM.get(error.errno or 0) or error.strerror or str(error)


def of_database(error: BaseException | None) -> str:
    """In the driver's own first line where there are no better words; without the values of a statement."""
    error = getattr(error, "orig", None) or error
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and (words := OF_SQLITE.get(code & PRIMARY)):
        return words
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
