import orjson
import pytest

from base.errors import Unverified
from people.professions import PROFESSIONS
from people.roles import ROLES
from people.sign_in import devices, pro_sante_connect, recovery_codes, steps
from people.sign_in.passkeys import place_of
from people.sign_in.pro_sante_connect import TABLE, practitioner
from tests.support.provider import claims

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0": "Edge sur Windows",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36": "Chrome sur Android",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15": "Safari sur Mac",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": "Firefox sur Linux",
    "python-httpx/0.28.1": "Appareil inconnu",
    "": "Appareil inconnu",
}


def test_a_device_is_said_in_plain_words():
    assert {agent: devices.described(agent) for agent in AGENTS} == AGENTS


def test_the_table_of_professions_names_professions_and_roles_that_exist():
    table = orjson.loads(TABLE.read_bytes())
    assert {line["profession"] for line in table} <= PROFESSIONS.keys()
    assert {role for line in table for role in line["roles"]} <= ROLES.keys()


@pytest.mark.parametrize(
    ("profession", "speciality", "roles"),
    [
        ("10", "SM26", ["medecin_traitant", "medecin_effecteur"]),
        ("10", "SM53", ["medecin_traitant", "medecin_effecteur"]),
        ("10", "SM54", ["medecin_traitant", "medecin_effecteur"]),
        ("10", "SM32", ["medecin_effecteur"]),
        ("60", "SI05", ["ipa"]),
        ("60", "", ["ide_liberale"]),
        ("86", "", []),
    ],
)
def test_a_profession_opens_its_roles(profession, speciality, roles):
    assert pro_sante_connect.roles(practitioner(claims(profession=profession, speciality=speciality))) == roles


def test_a_national_identifier_holds_an_rpps_number_or_another_one():
    assert practitioner(claims("899999000018")).rpps == "99999000018"
    assert practitioner(claims("ANS20230101")).rpps is None
    assert practitioner(claims("043000001")).rpps is None


@pytest.mark.parametrize("odd", [None, [], "x", {"exercices": None}, {"exercices": ["x", 3]}, {"exercices": [{}]}])
def test_claims_of_another_shape_are_refused_not_broken(odd):
    with pytest.raises(Unverified):
        practitioner(claims(SubjectRefPro=odd))


def test_activities_of_another_shape_leave_no_situation():
    assert (
        practitioner(claims(SubjectRefPro={"exercices": [{"codeProfession": 10, "activities": "x"}]})).situations == ()
    )


def test_a_step_is_of_one_kind_and_used_once(database, clock, vault):
    with database.begin() as session:
        token = steps.begin(session, clock, vault, "demo", "psc", {"nonce": "n"})
        with pytest.raises(Unverified):
            steps.take(session, clock, vault, "demo", "charter", token)
        with pytest.raises(Unverified):
            steps.take(session, clock, vault, "other", "psc", token)
        assert steps.take(session, clock, vault, "demo", "psc", token) == {"nonce": "n"}
        with pytest.raises(Unverified):
            steps.take(session, clock, vault, "demo", "psc", token)


def test_passkeys_hold_to_names_alone():
    assert place_of("https://jalon.exemple.fr:8443").origin == "https://jalon.exemple.fr:8443"
    assert place_of("https://jalon.exemple.fr").is_possible
    assert not place_of("http://127.0.0.1:8080").is_possible
    assert not place_of("http://[::1]:8080").is_possible


def test_recovery_codes_never_meet_those_of_another_account():
    assert recovery_codes._hash("a", "ABCD-EFGH") == recovery_codes._hash("a", " abcd efgh ")
    assert recovery_codes._hash("a", "ABCD-EFGH") != recovery_codes._hash("b", "ABCD-EFGH")
