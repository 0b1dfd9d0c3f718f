/** Defines <flotilla-game> once, even if a page loads the script several times. */
import { defineFlotillaGame } from "./element";

// `currentScript` is only set while a classic script runs. A module uses the page's origin.
const script = document.currentScript;
const origin = script instanceof HTMLScriptElement && script.src ? script.src : document.baseURI;

if (!customElements.get("flotilla-game")) defineFlotillaGame(origin);
