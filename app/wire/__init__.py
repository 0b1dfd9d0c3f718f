"""The protocol as pure codecs: encoders assert their arguments, decoders return a valid message or raise Refused."""
