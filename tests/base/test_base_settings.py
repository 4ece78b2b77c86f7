import base64
import secrets
from pathlib import Path

import pytest

from base.errors import SettingsError
from base.settings import Settings, fresh_secrets


def problems(**changes: str) -> list[str]:
    environ = {**fresh_secrets(), **{f"JALON_{name}": value for name, value in changes.items()}}
    with pytest.raises(SettingsError) as refusal:
        Settings.load(environ)
    return refusal.value.problems


def load(**changes: str) -> Settings:
    return Settings.load({**fresh_secrets(), **{f"JALON_{name}": value for name, value in changes.items()}})


def test_fresh_secrets_are_all_that_is_needed():
    settings = load()
    assert settings.database_url == "sqlite:///var/jalon.db"
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert settings.is_loopback
    assert not settings.is_https
    assert fresh_secrets() != fresh_secrets()


def test_every_setting_can_be_given():
    settings = load(
        DATABASE_URL="postgres://jalon@db/jalon", HOST="0.0.0.0", PORT="80", PUBLIC_URL="https://jalon.test/",
        TENANT="cpts-57", TIMEZONE="Europe/Paris", HOLIDAYS_REGION="57", DEMO="1", CLOCK_FILE="/tmp/clock",
        SQLITE_SYNCHRONOUS="normal", WORKER_THREADS="4", LOG_FORMAT="json", JOBS="embedded", VAR_DIR="/srv/jalon",
        WEB_PROCESSES="3",
    )  # fmt: skip
    assert settings.database_url == "postgresql+psycopg://jalon@db/jalon"
    assert (settings.public_url, settings.is_https, settings.is_loopback) == ("https://jalon.test", True, False)
    assert (settings.tenant, settings.holidays_region, settings.demo) == ("cpts-57", "57", True)
    assert (settings.clock_file, settings.var_dir) == (Path("/tmp/clock"), Path("/srv/jalon"))
    assert (settings.sqlite_synchronous, settings.worker_threads, settings.log_format) == ("NORMAL", 4, "json")
    assert settings.web_processes == 3


def test_all_that_is_wrong_is_told_at_once():
    found = problems(
        PORT="eighty", WORKER_THREADS="0", TIMEZONE="Mars/Olympus", DATABASE_URL="mysql://x", PUBLIC_URL="jalon.test",
        HOLIDAYS_REGION="75", DEMO="maybe", LOG_FORMAT="xml", JOBS="celery", SQLITE_SYNCHRONOUS="?", TENANT="à côté",
        SECRET_KEY="short", VAULT_KEYS="a:b", INDEX_KEY="no", WEB_PROCESSES="many",
    )  # fmt: skip
    named = {problem.partition(" : ")[0].removeprefix("JALON_") for problem in found}
    assert named == {
        "PORT", "WORKER_THREADS", "TIMEZONE", "DATABASE_URL", "PUBLIC_URL", "HOLIDAYS_REGION", "DEMO", "LOG_FORMAT",
        "JOBS", "SQLITE_SYNCHRONOUS", "TENANT", "SECRET_KEY", "VAULT_KEYS", "INDEX_KEY",
        "WEB_PROCESSES",
    }  # fmt: skip


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "postgresql://jalon@machine:port/base"])
def test_an_address_that_leads_nowhere_is_refused(url):
    assert [problem.partition(" : ")[0] for problem in problems(DATABASE_URL=url)] == ["JALON_DATABASE_URL"]


def test_procrastinate_needs_postgresql_and_a_short_tenant():
    assert problems(JOBS="procrastinate") == [
        "JALON_JOBS : « procrastinate » demande PostgreSQL. Donnez JALON_DATABASE_URL=postgresql://…"
    ]
    address = "postgresql://jalon@db/jalon"
    assert load(JOBS="procrastinate", DATABASE_URL=address, TENANT="t" * 40).jobs == "procrastinate"
    assert problems(JOBS="procrastinate", DATABASE_URL=address, TENANT="t" * 41) == [
        "JALON_TENANT : 40 caractères au plus avec JALON_JOBS=procrastinate."
    ]
    assert load(TENANT="t" * 41).jobs == "embedded"


def test_missing_secrets_come_with_the_way_to_make_them():
    with pytest.raises(SettingsError) as refusal:
        Settings.load({})
    assert len(refusal.value.problems) == 3
    assert all("python3 -c" in problem for problem in refusal.value.problems)


def test_a_clock_is_simulated_in_the_demo_alone():
    assert problems(CLOCK_FILE="/tmp/clock") == [
        "JALON_CLOCK_FILE : une horloge simulée ne se règle qu’avec JALON_DEMO=1."
    ]


def test_secrets_may_stand_in_files(tmp_path):
    path = tmp_path / "key"
    path.write_text("x" * 40 + "\n")
    environ = fresh_secrets()
    del environ["JALON_SECRET_KEY"]
    assert Settings.load({**environ, "JALON_SECRET_KEY_FILE": str(path)}).secret_key == "x" * 40
    assert problems(SECRET_KEY_FILE=str(path)) == [
        "JALON_SECRET_KEY : donnée deux fois, ici et dans un fichier ; gardez l’une des deux."
    ]
    missing = {**environ, "JALON_SECRET_KEY_FILE": str(tmp_path / "none")}
    with pytest.raises(SettingsError, match="il n’existe pas"):
        Settings.load(missing)


def test_a_misspelt_setting_is_told():
    assert problems(PROT="1") == ["JALON_PROT : réglage inconnu. Vouliez-vous dire JALON_PORT ?"]
    load(SOMETHING_ELSE_ENTIRELY="1")


def test_vault_keys_can_be_several_but_not_of_one_name():
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    assert load(VAULT_KEYS=f"b:{key}, a:{key}").vault_keys == (f"b:{key}", f"a:{key}")
    assert problems(VAULT_KEYS=f"a:{key} a:{key}") == ["JALON_VAULT_KEYS : deux clés portent le même nom."]


def test_settings_do_not_show_their_secrets():
    settings = load(DATABASE_URL="postgresql://jalon:pass-word@db/jalon")
    for secret in (settings.secret_key, settings.index_key, settings.vault_keys[0], "pass-word"):
        assert secret not in repr(settings)


def test_a_second_factor_is_required_unless_a_demo_or_the_installer_says_otherwise():
    assert load().second_factor == "required"
    assert load(DEMO="1").second_factor == "optional"
    assert load(DEMO="1", SECOND_FACTOR="overseers").second_factor == "overseers"


def test_pro_sante_connect_is_refused_without_its_client_or_in_the_clear():
    found = problems(PSC_METADATA_URL="http://auth.exemple.fr/metadata")
    assert [problem.partition(" ")[0] for problem in found] == [
        "JALON_PSC_METADATA_URL",
        "JALON_PSC_CLIENT_ID",
        "JALON_PSC_CLIENT_SECRET",
    ]
    assert load(PSC_METADATA_URL="http://127.0.0.1:9/m", PSC_CLIENT_ID="jalon", PSC_CLIENT_SECRET="x").psc_client_id


def test_a_charter_that_cannot_be_read_is_refused(tmp_path):
    (found, *_) = problems(CHARTER_FILE=str(tmp_path / "charte.txt"))
    assert "JALON_CHARTER_FILE" in found
