"""The protocol, readable in one folder: pure codecs; writers assert, readers trust nothing."""
