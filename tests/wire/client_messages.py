"""Client messages as the bytes that app.wire.inputs makes of them."""

from app.wire import inputs
from app.wire.inputs import ClientMessage, Hello, Input, Ping


def encoded(message: ClientMessage) -> bytes:
    match message:
        case Hello(name, ticket, full, sparse):
            return inputs.encode_hello(name=name, ticket=ticket, full=full, sparse=sparse)
        case Input(sequence, heading, thrusting):
            return inputs.encode_input(sequence, heading, thrusting=thrusting)
        case Ping(nonce):
            return inputs.encode_ping(nonce)
        case bare:
            return inputs.encode_bare(bare)
