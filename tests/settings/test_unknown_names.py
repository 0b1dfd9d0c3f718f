"""app/settings/unknown_names.py: slips of the pen among the variables."""

from app.settings.unknown_names import unknown_names


def test_misspelt_names_are_found() -> None:
    """A variable that begins like a setting and is none is reported, others are not ours."""
    assert unknown_names({"FLOTILLA_MAX_SHIP": "1", "FLOTILLA_MAX_SHIPS": "1", "PATH": "/bin"}) == ["FLOTILLA_MAX_SHIP"]


def test_service_links_of_kubernetes_are_not_misspelt_settings() -> None:
    """What Kubernetes tells about a Service called `flotilla…` is left alone; a port that a person set is not."""
    links = {
        "FLOTILLA_PORT": "tcp://10.0.0.1:80",
        "FLOTILLA_SERVICE_HOST": "10.0.0.1",
        "FLOTILLA_SERVICE_PORT_HTTP": "80",
        "FLOTILLA_GATEWAY_PORT_8000_TCP": "tcp://10.0.0.2:8000",
        "FLOTILLA_GATEWAY_PORT_8000_TCP_ADDR": "10.0.0.2",
    }
    assert unknown_names(links) == []
    assert unknown_names({"FLOTILLA_PORT": "8000"}) == ["FLOTILLA_PORT"]
