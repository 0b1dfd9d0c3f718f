/** The ticket that brings a player back to the same ship, kept for as long as the tab lives; a browser without storage just forgets it. */
import { TICKET_MAX } from "./messages";
import { fromHex, toHex } from "./hex";

export type TicketStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class TicketDrawer {
  private readonly key: string;

  constructor(
    private readonly storage: TicketStorage | undefined,
    address: string,
  ) {
    this.key = `flotilla.ticket ${address}`;
  }

  /** Empty when there is none. */
  read(): Uint8Array {
    const ticket = fromHex(this.attempt((storage) => storage.getItem(this.key)) ?? "");
    return ticket.length <= TICKET_MAX ? ticket : new Uint8Array();
  }

  /** An empty ticket says nothing: the last one stays. */
  keep(ticket: Uint8Array): void {
    if (ticket.length > 0) this.attempt((storage) => storage.setItem(this.key, toHex(ticket)));
  }

  forget(): void {
    this.attempt((storage) => storage.removeItem(this.key));
  }

  /** Storage may refuse (quota, privacy settings): then the player gets a new ship, which is no reason to fail. */
  private attempt<T>(act: (storage: TicketStorage) => T): T | undefined {
    try {
      return this.storage && act(this.storage);
    } catch {
      return undefined;
    }
  }
}
