"""The one root of Jalon's errors, sorted by who must act."""

from collections.abc import Mapping


class JalonError(Exception):
    """Every error that Jalon raises on purpose.

    `code` is stable, kebab-case and safe to show; the message is a French sentence for a person.
    """

    code = "error"
    status = 500

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class RequestError(JalonError):
    """The caller must act."""

    code, status = "bad-request", 400


class NotFound(RequestError):
    """What was asked for does not exist, or must not be known to exist."""

    code, status = "not-found", 404


class Invalid(RequestError):
    """Fields of the request are wrong; `fields` maps a field's path to what to do about it, in French."""

    code, status = "invalid", 422

    def __init__(self, message: str, fields: Mapping[str, str] | None = None, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.fields = dict(fields or {})


class Unsupported(RequestError):
    """The media type or format is not one that this address takes."""

    code, status = "unsupported-media-type", 415


class TooLarge(RequestError):
    """The body is larger than this address takes."""

    code, status = "too-large", 413


class Forbidden(RequestError):
    """The person is known and may not do this."""

    code, status = "forbidden", 403


class Conflict(RequestError):
    """Somebody else was first; nothing was done. `revision` names what stands there, to write over it knowingly."""

    code, status = "conflict", 409

    def __init__(self, message: str, *, code: str | None = None, revision: str = "") -> None:
        super().__init__(message, code=code)
        self.revision = revision


class Unverified(RequestError):
    """Who is calling could not be established."""

    code, status = "unverified", 401


class PathwayError(JalonError):
    """The author of a pathway must act: which file, which element, which line, and a hint in French."""

    code, status = "pathway-refused", 422

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        element: str = "",
        line: int = 0,
        hint: str = "",
        code: str | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.file, self.element, self.line, self.hint = file, element, line, hint

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line or "", self.element) if part)
        return f"{place}: {self.message}" if place else self.message


class RunError(JalonError):
    """The operator must act: becomes an incident of the run, with a retry."""

    code = "run-incident"


class PartnerError(JalonError):
    """The other side must act; `permanent` says that trying again is useless."""

    code, status = "partner-failed", 502

    def __init__(self, message: str, *, permanent: bool, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.permanent = permanent


class SettingsError(JalonError):
    """The installer must act; `problems` lists every setting that is wrong, each with a hint."""

    code = "settings"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
