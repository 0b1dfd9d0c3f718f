"""app/settings/environment.py and kinds.py: the settings, their types, and what is refused."""

import dataclasses
from typing import get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings.environment import (
    DEVELOPMENT_KEY,
    PREFIX,
    VARIABLES,
    ConfigurationError,
    Environment,
)
from app.settings.kinds import Address, parse_address, parse_origins

KEY = "k9" * 10 + "Vq3-x_7Zt" * 6
PRODUCTION = {
    "FLOTILLA_ENV": "production",
    "FLOTILLA_SECRET_KEY": KEY,
    "FLOTILLA_ALLOWED_HOSTS": "flotilla.example.org",
}


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Environment.load(environ)
    return str(caught.value)


def test_table_and_fields_agree() -> None:
    """Every row of the table has a field of its name, in the same order, and no field is without a row."""
    assert [variable.field for variable in VARIABLES] == [field.name for field in dataclasses.fields(Environment)]
    assert all(variable.name.startswith(PREFIX) for variable in VARIABLES)


@pytest.mark.parametrize("environ", [{}, PRODUCTION], ids=["local", "production"])
def test_values_have_the_types_of_their_fields(environ: dict[str, str]) -> None:
    """What the table's parsers give is what the fields promise."""
    environment = Environment.load(environ)
    for name, hint in get_type_hints(Environment).items():
        assert type(getattr(environment, name)) is (get_origin(hint) or hint), name


def test_local_defaults_need_nothing() -> None:
    """An empty environment gives a site for one's own machine."""
    environment = Environment.load({})
    assert not environment.production
    assert not environment.debug
    assert environment.secret_key == DEVELOPMENT_KEY
    assert environment.bind == Address("127.0.0.1", 8000)
    assert environment.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert environment.allow_missing_origin
    assert environment.sockets_per_address == 0
    assert environment.log_format == "console"
    assert (environment.hsts_seconds, environment.ssl_redirect) == (0, False)
    assert (environment.redis_url, environment.private_bind) == ("", Address("127.0.0.1", 9000))
    assert (environment.drain_wait_seconds, environment.drain_window_seconds) == (0, 0)


def test_production_has_defaults_of_its_own() -> None:
    """A public site is stricter without being told."""
    environment = Environment.load(PRODUCTION)
    assert environment.production
    assert not environment.allow_missing_origin
    assert environment.sockets_per_address == 64
    assert environment.log_format == "json"
    assert (environment.drain_wait_seconds, environment.drain_window_seconds) == (5, 10)
    assert (environment.hsts_seconds, environment.hsts_subdomains, environment.ssl_redirect) == (31_536_000, True, True)


def test_empty_value_counts_as_not_set() -> None:
    """A variable that is set to nothing gives the default."""
    assert Environment.load({variable.name: " " for variable in VARIABLES}) == Environment.load({})


def test_lists_may_have_spaces() -> None:
    """Items of a list are separated by commas, and blanks around them do not count."""
    assert Environment.load({"FLOTILLA_ALLOWED_HOSTS": "a.org, .b.org,"}).allowed_hosts == ("a.org", ".b.org")


def test_secret_that_begins_with_a_dollar_is_taken_as_it_is() -> None:
    """A random key is never mistaken for the name of another variable."""
    assert Environment.load(PRODUCTION | {"FLOTILLA_SECRET_KEY": "$" + KEY}).secret_key == "$" + KEY


def test_secret_is_not_in_the_representation() -> None:
    """An environment can be logged."""
    assert KEY not in repr(Environment.load(PRODUCTION))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLOTILLA_ENV", "prod"),
        ("FLOTILLA_DEBUG", "ture"),
        ("FLOTILLA_ALLOWED_HOSTS", "https://a.org"),
        ("FLOTILLA_ALLOWED_HOSTS", "a.org:443"),
        ("FLOTILLA_ALLOWED_HOSTS", "*.a.org"),
        ("FLOTILLA_ALLOWED_ORIGINS", "a.org"),
        ("FLOTILLA_ALLOWED_ORIGINS", "https://a.org/"),
        ("FLOTILLA_ALLOWED_ORIGINS", "https://a.org:port"),
        ("FLOTILLA_ALLOWED_ORIGINS", "https://a.org:"),
        ("FLOTILLA_ALLOWED_ORIGINS", "https://me@a.org"),
        ("FLOTILLA_ALLOWED_ORIGINS", "https://*"),
        ("FLOTILLA_ALLOWED_ORIGINS", "https://[::z]"),
        ("FLOTILLA_ALLOWED_ORIGINS", "ftp://a.org"),
        ("FLOTILLA_ALLOWED_ORIGINS", "null"),
        ("FLOTILLA_BIND", "8000"),
        ("FLOTILLA_BIND", ":8000"),
        ("FLOTILLA_BIND", "::1:8000"),
        ("FLOTILLA_BIND", "127.0.0.1:65536"),
        ("FLOTILLA_BIND", "127.0.0.1:http"),
        ("FLOTILLA_ARENA_CAPACITY", "-1"),
        ("FLOTILLA_ARENA_CAPACITY", "many"),
        ("FLOTILLA_MAX_SHIPS", "0"),
        ("FLOTILLA_MAX_SHIPS", "32768"),
        ("FLOTILLA_MAX_SHIPS", "1.5"),
        ("FLOTILLA_SOCKET_MESSAGES_PER_SECOND", "0"),
        ("FLOTILLA_SOCKET_STALL_SECONDS", "0"),
        ("FLOTILLA_SOCKET_STALL_SECONDS", "3m"),
        ("FLOTILLA_SOCKET_STALL_SECONDS", "nan"),
        ("FLOTILLA_SOCKET_STALL_SECONDS", "inf"),
        ("FLOTILLA_PRIVATE_BIND", "9000"),
        ("FLOTILLA_REDIS_PREFIX", "a b"),
        ("FLOTILLA_REDIS_PREFIX", "a" * 65),
        ("FLOTILLA_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("FLOTILLA_TRUSTED_PROXIES", "proxy.example"),
        ("FLOTILLA_ACCEPTS_PER_SECOND", "-1"),
        ("FLOTILLA_ACCEPT_BURST", "0"),
        ("FLOTILLA_RESUME_GRACE_SECONDS", "-1"),
        ("FLOTILLA_RESUME_GRACE_SECONDS", "inf"),
        ("FLOTILLA_DRAIN_WAIT_SECONDS", "nan"),
        ("FLOTILLA_DRAIN_WINDOW_SECONDS", "5s"),
        ("FLOTILLA_LOG_LEVEL", "LOUD"),
        ("FLOTILLA_LOG_FORMAT", "xml"),
        ("FLOTILLA_HSTS_SECONDS", "-1"),
        ("FLOTILLA_TEST_TICK_WORK_MS", "1001"),
    ],
)
def test_value_that_cannot_be_used_is_refused_in_a_sentence(name: str, value: str) -> None:
    """The sentence names the variable, what it must be, what it is, and the remedy."""
    sentence = refusal({name: value})
    assert sentence.startswith(f"{name} must be ")
    assert f"not {value!r}: " in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("name", ["FLOTILLA_SECRET_KEY", "FLOTILLA_ALLOWED_HOSTS"])
def test_production_refuses_to_start_without(name: str) -> None:
    """What a public site cannot do without has no default."""
    assert refusal(PRODUCTION | {name: ""}).startswith(f"{name} is required when FLOTILLA_ENV=production: set it to ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLOTILLA_SECRET_KEY", KEY[:49]),
        ("FLOTILLA_SECRET_KEY", "abcd" * 20),
        ("FLOTILLA_SECRET_KEY", DEVELOPMENT_KEY),
        ("FLOTILLA_ALLOWED_HOSTS", "*"),
        ("FLOTILLA_ALLOWED_HOSTS", "flotilla.example.org,*"),
        ("FLOTILLA_DEBUG", "true"),
        ("FLOTILLA_TEST_TICK_WORK_MS", "1"),
    ],
)
def test_production_refuses_what_is_not_safe(name: str, value: str) -> None:
    """What is well enough on one's own machine may be refused in public."""
    assert refusal(PRODUCTION | {name: value}).startswith(f"{name} must be ")


@pytest.mark.parametrize("value", [KEY[:49], "abcd" * 20, DEVELOPMENT_KEY])
def test_refusal_does_not_tell_a_secret(value: str) -> None:
    """A refused key is not printed where logs are kept."""
    assert value not in refusal(PRODUCTION | {"FLOTILLA_SECRET_KEY": value})


@pytest.mark.parametrize(
    "url",
    [
        "redis://host",
        "redis://:pass@host:6379/0",
        "rediss://user:pass@[::1]:6380/2",
        "redis+sentinel://one/fleet",
        "redis+sentinel://:pass@one:26379,[::1]:26380/fleet/3?sentinel_password=other",
    ],
)
def test_a_redis_is_taken_as_it_is_written(url: str) -> None:
    """With or without TLS, password, database; or by the sentinels that know where it is."""
    assert url == Environment.load({"FLOTILLA_REDIS_URL": url}).redis_url


@pytest.mark.parametrize(
    "url",
    [
        "host:6379",
        "http://secret@host",
        "redis://",
        "redis://:secret@",
        "redis://host:port",
        "redis://secret@host:99999",
        "redis+sentinel://:secret@one",
        "redis+sentinel://:secret@/fleet",
        "redis+sentinel://:secret@one,/fleet",
        "redis+sentinel://:secret@one:port/fleet",
        "redis+sentinel://:secret@one/fleet/zero",
        "redis+sentinel://:secret@one/fleet/0/1",
    ],
)
def test_what_is_no_redis_is_refused_without_telling_its_password(url: str) -> None:
    """The sentence shows how to write it."""
    sentence = refusal({"FLOTILLA_REDIS_URL": url})
    assert sentence.startswith("FLOTILLA_REDIS_URL must be the URL of a Redis: write it like redis://")
    assert "secret" not in sentence


def test_proxies_are_networks_or_addresses() -> None:
    """Of both families, in a list."""
    found = Environment.load({"FLOTILLA_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7,fd00::/8"}).trusted_proxies
    assert ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"] == [str(network) for network in found]


def test_a_password_of_redis_is_not_in_the_representation() -> None:
    """An environment can be logged."""
    assert "hunter2" not in repr(Environment.load({"FLOTILLA_REDIS_URL": "redis://:hunter2@host"}))


def test_any_host_is_allowed_locally() -> None:
    """A developer may open the site to the phone beside the keyboard."""
    assert Environment.load({"FLOTILLA_ALLOWED_HOSTS": "*"}).allowed_hosts == ("*",)


def test_origins_are_compared_as_browsers_send_them() -> None:
    """An origin is in lower case, with its port where it has one."""
    assert parse_origins("https://A.org, http://[::1]:8000") == ("https://a.org", "http://[::1]:8000")


@given(st.one_of(st.ip_addresses().map(str), st.just("localhost")), st.integers(0, 65_535))
def test_address_survives_text(host: str, port: int) -> None:
    """What an address prints is read as the same address."""
    assert parse_address(str(Address(host, port))) == Address(host, port)
