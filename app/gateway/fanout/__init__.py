"""From snapshots to frames on sockets: the relay receives, the hub encodes once per protocol and writes to all."""
