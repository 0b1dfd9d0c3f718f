/** Every way in which a message from the server can be damaged has a name here; nothing else is ever thrown by a decoder. */

export type Reason = "empty" | "length" | "varint" | "order" | "range" | "reserved_bits" | "version" | "unknown_ship";

export class Refusal extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
    this.name = "Refusal";
  }
}

/** Refuses by name unless the condition holds. */
export function demand(condition: boolean, reason: Reason): asserts condition {
  if (!condition) throw new Refusal(reason);
}

/** The value of a decoder, or the reason why there is none; any other error is a bug and passes. */
export function refusalOr<T>(decode: () => T): T | Refusal {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
