/** The ticket with which a player gets the same ship back. It is kept as long as the tab is open, if the browser has storage. */
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

  /** Empty if there is none. */
  read(): Uint8Array {
    const ticket = fromHex(this.attempt((storage) => storage.getItem(this.key)) ?? "");
    return ticket.length <= TICKET_MAX ? ticket : new Uint8Array();
  }

  /** An empty ticket is ignored: the last one stays. */
  keep(ticket: Uint8Array): void {
    if (ticket.length > 0) this.attempt((storage) => storage.setItem(this.key, toHex(ticket)));
  }

  forget(): void {
    this.attempt((storage) => storage.removeItem(this.key));
  }

  /** Ignores errors of the storage (quota, privacy settings). The player then gets a new ship. */
  private attempt<T>(act: (storage: TicketStorage) => T): T | undefined {
    try {
      return this.storage && act(this.storage);
    } catch {
      return undefined;
    }
  }
}
