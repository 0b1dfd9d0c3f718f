"""app/settings/unknown_names.py: misspelt names of variables."""

from app.settings.unknown_names import unknown_names


def test_misspelt_names_are_found() -> None:
    """Only names with the prefix of settings are reported."""
    assert unknown_names({"FLOTILLA_MAX_SHIP": "1", "FLOTILLA_MAX_SHIPS": "1", "PATH": "/bin"}) == ["FLOTILLA_MAX_SHIP"]


def test_service_links_of_kubernetes_are_not_misspelt_settings() -> None:
    """Variables of a Service `flotilla…` are ignored. The same name with a plain port is reported."""
    links = {
        "FLOTILLA_PORT": "tcp://10.0.0.1:80",
        "FLOTILLA_SERVICE_HOST": "10.0.0.1",
        "FLOTILLA_SERVICE_PORT_HTTP": "80",
        "FLOTILLA_GATEWAY_PORT_8000_TCP": "tcp://10.0.0.2:8000",
        "FLOTILLA_GATEWAY_PORT_8000_TCP_ADDR": "10.0.0.2",
    }
    assert unknown_names(links) == []
    assert unknown_names({"FLOTILLA_PORT": "8000"}) == ["FLOTILLA_PORT"]
