"""From snapshots to frames: the relay receives, the hub encodes once per protocol and writes to all sockets."""
