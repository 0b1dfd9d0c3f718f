"""app/settings/environment.py, reader.py and value_types.py: values, defaults, and the faults of an environment."""

from pathlib import Path
from typing import Any, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings.address import Address, parse_address
from app.settings.configuration_error import ConfigurationError
from app.settings.environment import DEVELOPMENT_KEY, VARIABLES, Environment
from app.settings.value_types import ValueType, parse_origins
from app.settings.variable import LOCAL, PRODUCTION

KEY = "k9" * 10 + "Vq3-x_7Zt" * 6
PUBLIC = {
    "FLOTILLA_ENV": "production",
    "FLOTILLA_SECRET_KEY": KEY,
    "FLOTILLA_ALLOWED_HOSTS": "flotilla.example.org",
}


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        Environment.load(environ)
    return str(caught.value).splitlines()


def fault(environ: dict[str, str]) -> str:
    (only,) = faults(environ)
    return only


def test_each_variable_has_the_name_of_its_field() -> None:
    """The first and the last row stand for all: the table is derived from the fields."""
    assert ("FLOTILLA_ENV", "env") == (VARIABLES[0].name, VARIABLES[0].field)
    assert "FLOTILLA_TEST_TICK_WORK_MS" == VARIABLES[-1].name
    assert len(VARIABLES) == len(get_type_hints(Environment))


@pytest.mark.parametrize("environ", [{}, PUBLIC], ids=["local", "production"])
def test_values_have_the_types_of_their_fields(environ: dict[str, str]) -> None:
    """The parsers return the types of the annotations, at run time as for mypy."""
    environment = Environment.load(environ)
    for name, hint in get_type_hints(Environment).items():
        assert type(getattr(environment, name)) is (get_origin(hint) or hint), name


def test_local_defaults_need_nothing() -> None:
    """An empty environment gives a site for your own machine."""
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


def test_production_has_other_defaults() -> None:
    """A public site has stricter defaults."""
    environment = Environment.load(PUBLIC)
    assert environment.production
    assert not environment.allow_missing_origin
    assert environment.sockets_per_address == 64
    assert environment.log_format == "json"
    assert (environment.drain_wait_seconds, environment.drain_window_seconds) == (5, 10)
    assert (environment.hsts_seconds, environment.hsts_subdomains, environment.ssl_redirect) == (31_536_000, True, True)


def test_empty_value_counts_as_not_set() -> None:
    """A variable with an empty value gives the default."""
    assert Environment.load({variable.name: " " for variable in VARIABLES}) == Environment.load({})


def test_lists_may_have_spaces() -> None:
    """Items of a list are separated by commas. Spaces around them are ignored."""
    assert Environment.load({"FLOTILLA_ALLOWED_HOSTS": "a.org, .b.org,"}).allowed_hosts == ("a.org", ".b.org")


def test_a_secret_may_begin_with_a_dollar() -> None:
    """A random key is never read as the name of another variable."""
    assert Environment.load(PUBLIC | {"FLOTILLA_SECRET_KEY": "$" + KEY}).secret_key == "$" + KEY


def test_secret_is_not_in_the_representation() -> None:
    """An environment can be logged."""
    assert KEY not in repr(Environment.load(PUBLIC))


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
def test_a_wrong_value_is_one_line(name: str, value: str) -> None:
    """The line has the variable, what it must be, what it is, and the remedy."""
    line = fault({name: value})
    assert line.startswith(f"{name} must be ")
    assert f"not {value!r}: " in line
    assert line.endswith(".")


def test_all_faults_are_reported_at_once() -> None:
    """Each is one line with its own remedy, in the order of the declarations; correct variables are not mentioned."""
    wrong = {"FLOTILLA_MAX_SHIPS": "0", "FLOTILLA_BIND": "nowhere", "FLOTILLA_LOG_LEVEL": "a\nb"}
    bind, ships, level = faults(wrong | {"FLOTILLA_ARENA_CAPACITY": "7"})
    assert bind == "FLOTILLA_BIND must be host:port, not 'nowhere': write it like 127.0.0.1:8000 or [::1]:8000."
    assert ships.startswith("FLOTILLA_MAX_SHIPS must be a whole number from 1 to 32767, not '0': ")
    assert ships.endswith(": correct it, or unset it to get the default (20000).")
    assert level.startswith(r"FLOTILLA_LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not 'a\nb': ")
    assert level.endswith(": correct it, or unset it to get the default (INFO).")


def test_faults_of_files_and_values_are_reported_together(tmp_path: Path) -> None:
    """A secret whose file is wrong is reported as that, not also as missing."""
    missing = str(tmp_path / "key")
    wrong = {"FLOTILLA_SECRET_KEY": "", "FLOTILLA_SECRET_KEY_FILE": missing, "FLOTILLA_DEBUG": "on"}
    key, debug = faults(PUBLIC | wrong)
    assert key == f"FLOTILLA_SECRET_KEY_FILE names {missing!r}, which cannot be read: No such file or directory."
    assert debug.startswith("FLOTILLA_DEBUG must be false in production, not 'on': unset it, or use FLOTILLA_ENV=local")


def test_a_faulty_mode_hides_no_other_fault_and_adds_none() -> None:
    """Rules and defaults that depend on the mode are not reported if the mode is faulty."""
    wrong = {"FLOTILLA_ENV": "prod", "FLOTILLA_DEBUG": "true", "FLOTILLA_HSTS_SECONDS": "-1"}
    mode, hsts = faults(wrong)
    assert mode.startswith("FLOTILLA_ENV must be local or production, not 'prod': ")
    assert mode.endswith(": correct it, or unset it to get the default (local).")
    assert hsts.startswith("FLOTILLA_HSTS_SECONDS must be a whole number of at least 0, not '-1': ")
    assert hsts.endswith(": correct it, or unset it to get the default.")


@given(st.sampled_from(VARIABLES), st.text(st.characters(codec="ascii"), min_size=1) | st.integers().map(str))
def test_rules_of_production_are_only_stricter(variable: Any, value: str) -> None:
    """A faulty mode is reported with faults by the local rules, which must be faults in production too."""

    def accepts(value_type: ValueType[Any]) -> bool:
        try:
            value_type.parse(value)
        except ValueError:
            return False
        return True

    assert accepts(variable.type_in(LOCAL)) or not accepts(variable.type_in(PRODUCTION))
    assert variable.default is not None  # so that local mode never requires a variable


@pytest.mark.parametrize("name", ["FLOTILLA_SECRET_KEY", "FLOTILLA_ALLOWED_HOSTS"])
def test_production_refuses_to_start_without(name: str) -> None:
    """A setting that every public site must choose has no default."""
    assert fault(PUBLIC | {name: ""}).startswith(f"{name} is required when FLOTILLA_ENV=production: set it to ")


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
def test_production_refuses_unsafe_values(name: str, value: str) -> None:
    """Some values are accepted on your own machine only."""
    assert fault(PUBLIC | {name: value}).startswith(f"{name} must be ")


@pytest.mark.parametrize("value", [KEY[:49], "abcd" * 20, DEVELOPMENT_KEY])
def test_a_refused_secret_is_not_printed(value: str) -> None:
    """Error messages end up in logs."""
    assert value not in fault(PUBLIC | {"FLOTILLA_SECRET_KEY": value})


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
def test_urls_of_redis_are_accepted_unchanged(url: str) -> None:
    """With or without TLS, password and database, or by sentinels."""
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
def test_a_refused_url_of_redis_is_not_printed(url: str) -> None:
    """It may contain a password. The message has an example instead."""
    line = fault({"FLOTILLA_REDIS_URL": url})
    assert line.startswith("FLOTILLA_REDIS_URL must be the URL of a Redis: write it like redis://")
    assert "secret" not in line


def test_proxies_are_networks_or_addresses() -> None:
    """The list may mix IPv4 and IPv6."""
    found = Environment.load({"FLOTILLA_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7,fd00::/8"}).trusted_proxies
    assert ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"] == [str(network) for network in found]


def test_a_password_of_redis_is_not_in_the_representation() -> None:
    """An environment can be logged."""
    assert "hunter2" not in repr(Environment.load({"FLOTILLA_REDIS_URL": "redis://:hunter2@host"}))


def test_any_host_is_allowed_locally() -> None:
    """A developer may open the site from a phone."""
    assert Environment.load({"FLOTILLA_ALLOWED_HOSTS": "*"}).allowed_hosts == ("*",)


def test_origins_are_compared_as_browsers_send_them() -> None:
    """An origin is in lower case, with its port if it has one."""
    assert parse_origins("https://A.org, http://[::1]:8000") == ("https://a.org", "http://[::1]:8000")


@given(st.one_of(st.ip_addresses().map(str), st.just("localhost")), st.integers(0, 65_535))
def test_the_text_of_an_address_parses_to_the_same_address(host: str, port: int) -> None:
    """This includes IPv6 hosts, which have brackets in the text."""
    assert parse_address(str(Address(host, port))) == Address(host, port)
