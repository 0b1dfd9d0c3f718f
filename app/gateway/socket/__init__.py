"""From a TCP connection to WebSocket messages: Daphne, the handshake, the handover to uvloop, and the sinks."""
