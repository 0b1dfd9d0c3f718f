/** The names of all faults of server messages. Decoders throw nothing else. */

export type Reason = "empty" | "length" | "varint" | "order" | "range" | "reserved_bits" | "version" | "unknown_ship";

export class Refusal extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
    this.name = "Refusal";
  }
}

/** Throws a Refusal with this name unless the condition holds. */
export function demand(condition: boolean, reason: Reason): asserts condition {
  if (!condition) throw new Refusal(reason);
}

/** The value of a decoder, or its Refusal. Other errors are bugs and are thrown. */
export function refusalOr<T>(decode: () => T): T | Refusal {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
