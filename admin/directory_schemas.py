"""What the REST interface of the directory's keepers takes and gives."""

from marshmallow import Schema, fields, validate

from inbox.schemas import REQUIRED, at_most, described
from people.directory import groups, structures


class ImportOut(Schema):
    """An import and how far it is."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, metadata=described("previewed, queued, done or dropped"))
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)


class ImportList(Schema):
    imports = fields.List(fields.Nested(ImportOut), required=True)


class LineOut(Schema):
    line = fields.Integer(required=True)
    label = fields.String(required=True)
    action = fields.String(required=True, metadata=described("add, complete, same or refuse"))
    remark = fields.String(required=True)


class ImportReport(ImportOut):
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    lines = fields.List(fields.Nested(LineOut), required=True)


class UploadSchema(Schema):
    """The file to read: CSV, or a FHIR R4 Bundle in JSON."""

    file = fields.Raw(required=True, error_messages=REQUIRED, metadata={"type": "string", "format": "binary"})


class StructureQuery(Schema):
    q = fields.String(load_default="", validate=at_most(80), metadata=described("Words of its name or commune"))


class StructureIn(Schema):
    """A structure as it shall stand in the directory."""

    name = fields.String(required=True, error_messages=REQUIRED, validate=at_most(240))
    kind = fields.String(load_default="autre", validate=at_most(16), metadata=described(", ".join(structures.KINDS)))
    finess = fields.String(load_default=None, allow_none=True, validate=at_most(16))
    siret = fields.String(load_default=None, allow_none=True, validate=at_most(20))
    address = fields.String(load_default="", validate=at_most(240))
    commune = fields.String(load_default="", validate=at_most(240))
    commune_code = fields.String(load_default="", validate=at_most(5), metadata=described("INSEE code"))
    phone = fields.String(load_default="", validate=at_most(240))
    mssante = fields.String(load_default="", validate=at_most(240))
    active = fields.Boolean(load_default=True, metadata=described("Not when it has closed"))


class StructureOut(StructureIn):
    """A structure of the territory."""

    id = fields.String(required=True)


class GroupIn(Schema):
    name = fields.String(required=True, error_messages=REQUIRED, validate=at_most(500))
    kind = fields.String(required=True, error_messages=REQUIRED, metadata=described(", ".join(groups.KINDS)))
    purpose = fields.String(load_default="", validate=at_most(500))


class GroupRow(GroupIn):
    id = fields.String(required=True)
    members = fields.Integer(required=True, metadata=described("How many belong to it"))


class GroupList(Schema):
    groups = fields.List(fields.Nested(GroupRow), required=True)


class GroupMember(Schema):
    id = fields.String(required=True)
    name = fields.String(attribute="display", required=True)
    profession = fields.String(required=True)


class GroupOut(GroupIn):
    """A group, with who belongs to it."""

    id = fields.String(required=True)
    members = fields.List(fields.Nested(GroupMember), required=True)


class Referent(Schema):
    """Who speaks for a profession."""

    profession_code = fields.String(required=True, metadata=described("TRE_G15-ProfessionSante"))
    profession = fields.String(required=True)
    person = fields.String(required=True, metadata=described("A person's id"))
    name = fields.String(required=True)


class ReferentList(Schema):
    referents = fields.List(fields.Nested(Referent), required=True)


class ReferentIn(Schema):
    person = fields.String(
        required=True, error_messages=REQUIRED, validate=validate.Length(1, 16, error="Un identifiant.")
    )
