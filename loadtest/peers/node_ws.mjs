// node with `ws`, by its ordinary API. Encodes each tick once, and sends that buffer to every socket.

import { createServer } from "node:http";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { WebSocketServer } from "ws";

const TICK_MS = 50;
const INPUT_BYTES = 4; // 02 sequence heading buttons
const RECORD_BYTES = 8;
const SIZE = 1000 * 16; // the picture's unit is 1/16
const THRUST = 3; // of that unit, per tick and tick
const CAP = 80;

const { values } = parseArgs({
  options: { port: { type: "string" }, seconds: { type: "string", default: "3600" } },
});

const THRUST_X = Array.from({ length: 256 }, (_, heading) => Math.round(THRUST * Math.cos((heading * Math.PI) / 128)));

class Player {
  x = Math.floor(Math.random() * SIZE);
  y = Math.floor(Math.random() * SIZE);
  vx = 0;
  vy = 0;
  heading = 0;
  thrusting = 0;

  constructor(id, socket) {
    this.id = id;
    this.socket = socket;
  }

  steer(data) {
    if (data.length !== INPUT_BYTES || data[0] !== 2) return;
    this.heading = data[2];
    this.thrusting = data[3] & 1;
  }

  step() {
    if (this.thrusting) {
      this.vx = Math.max(-CAP, Math.min(CAP, this.vx + THRUST_X[this.heading]));
      this.vy = Math.max(-CAP, Math.min(CAP, this.vy + THRUST_X[(this.heading + 192) & 255]));
    }
    this.x = (this.x + this.vx + SIZE) % SIZE;
    this.y = (this.y + this.vy + SIZE) % SIZE;
  }

  pack(buffer, at) {
    buffer.writeUInt16LE(this.id, at);
    buffer.writeUInt16LE(this.x, at + 2);
    buffer.writeUInt16LE(this.y, at + 4);
    buffer[at + 6] = this.heading;
    buffer[at + 7] = this.thrusting;
  }
}

const players = new Map();
let lastId = 0;

// The message of flotilla.v1, so that all servers send the same bytes: 84, length, epoch, tick, records.
function picture(tick) {
  const body = 8 + players.size * RECORD_BYTES;
  const length = varint(body);
  const buffer = Buffer.allocUnsafe(1 + length.length + body);
  buffer[0] = 0x84;
  buffer.set(length, 1);
  let at = 1 + length.length;
  buffer.writeUInt32LE(1, at);
  buffer.writeUInt32LE(tick, at + 4);
  at += 8;
  for (const player of players.values()) {
    player.pack(buffer, at);
    at += RECORD_BYTES;
  }
  return buffer;
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value >>= 7) bytes.push((value & 127) | 128);
  bytes.push(value);
  return bytes;
}

function sendToAll(buffer) {
  for (const player of players.values()) player.socket.send(buffer, { binary: true, compress: false });
}

const start = performance.now();
let ticks = 0;

function tick() {
  ticks += 1;
  for (const player of players.values()) player.step();
  if (players.size) sendToAll(picture(ticks));
  // Deadlines are start + n * dt: being late once does not move the schedule; missed ones are not made up for.
  ticks = Math.max(ticks, Math.floor((performance.now() - start) / TICK_MS) - 1);
  setTimeout(tick, Math.max(0, start + (ticks + 1) * TICK_MS - performance.now()));
}

const server = createServer({ noDelay: true });
const sockets = new WebSocketServer({
  server,
  perMessageDeflate: false,
  clientTracking: false,
  skipUTF8Validation: true,
  maxPayload: 1024,
});

sockets.on("connection", (socket) => {
  lastId = (lastId % 65535) + 1;
  const player = new Player(lastId, socket);
  players.set(player.id, player);
  socket.on("message", (data) => player.steer(data));
  socket.on("close", () => players.delete(player.id));
  socket.on("error", () => players.delete(player.id));
});

server.listen({ port: Number(values.port), host: "127.0.0.1", backlog: 1024 }, () => {
  console.log("ready");
  tick();
});
process.on("SIGTERM", () => process.exit(0));
setTimeout(() => process.exit(0), Number(values.seconds) * 1000);
