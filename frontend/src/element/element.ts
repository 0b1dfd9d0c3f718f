/**
 * <flotilla-game server="…">: the game as a custom element.
 *
 * It sets `data-state`, dispatches `flotilla-status` with each status, and has the properties `status`, `ships` and `frame`. The game
 * continues when the element is moved and ends when it is removed.
 */
import r2wc from "@r2wc/react-to-web-component";
import { createElement } from "react";
import { FlotillaGame } from "../component/FlotillaGame";
import hudCss from "../component/hud.css?inline";
import { Engine } from "../game/engine";
import { browserEnvironment } from "../game/environment";
import type { Environment } from "../game/environment";
import type { Status } from "../game/status";
import { socketAddress } from "../net/address";
import type { Ship } from "../sim/ship";

export interface FlotillaGameElement extends HTMLElement {
  /** A ws, wss, http or https URL, or a path on the origin of the script. */
  server: string | undefined;
  readonly status: Status;
  readonly ships: Ship[];
  readonly frame: { epoch: number; tick: number };
}

/** Callbacks of the base class that its type does not declare. */
interface ReactElementBase extends HTMLElement {
  connectedCallback(): void;
  disconnectedCallback(): void;
  attributeChangedCallback(name: string, before: string | null, after: string | null): void;
}

interface BridgeProps {
  server?: string | undefined;
  /** The shadow root, from R2WC. */
  container?: ShadowRoot;
}

type Engines = WeakMap<ShadowRoot, Engine>;

/**
 * @param origin base URL of the server's path
 * @param environment the browser, or a test double
 */
export function defineFlotillaGame(origin: string, environment: Environment = browserEnvironment()): void {
  const engines: Engines = new WeakMap();
  const Bridge = ({ server, container }: BridgeProps) => {
    const engine = container && engines.get(container);
    return engine ? createElement(FlotillaGame, { engine, address: socketAddress(server, origin) }) : null;
  };
  const Base = r2wc(Bridge, { shadow: "open", props: { server: "string" } }) as unknown as new () => ReactElementBase;
  customElements.define("flotilla-game", elementClass(Base, engines, environment));
}

function elementClass(Base: new () => ReactElementBase, engines: Engines, environment: Environment) {
  return class extends Base {
    readonly #engine = new Engine(environment);

    constructor() {
      super();
      if (!this.shadowRoot) return;
      engines.set(this.shadowRoot, this.#engine);
      this.shadowRoot.adoptedStyleSheets = [styleSheet()];
      this.#engine.subscribe((status) => announce(this, status));
    }

    get status(): Status {
      return this.#engine.status;
    }

    get ships(): Ship[] {
      return this.#engine.ships;
    }

    get frame(): { epoch: number; tick: number } {
      return this.#engine.frame;
    }

    override connectedCallback(): void {
      this.dataset["state"] = this.status.state;
      super.attributeChangedCallback("server", null, this.getAttribute("server"));
      super.connectedCallback();
    }

    /** A moved element is disconnected and connected within one task. Only an element that stays disconnected has been removed. */
    override disconnectedCallback(): void {
      queueMicrotask(() => {
        if (!this.isConnected) super.disconnectedCallback();
      });
    }

    /** Before it is connected, the base class would start a game that never ends. */
    override attributeChangedCallback(name: string, before: string | null, after: string | null): void {
      if (this.isConnected) super.attributeChangedCallback(name, before, after);
    }
  };
}

function announce(element: HTMLElement, status: Status): void {
  element.dataset["state"] = status.state;
  element.dispatchEvent(new CustomEvent("flotilla-status", { detail: status, bubbles: true, composed: true }));
}

function styleSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(hudCss);
  return sheet;
}
