/** Defines <flotilla-game>, once, however often a page loads the script. */
import { defineFlotillaGame } from "./element";

// `currentScript` is set only while a classic script runs; a module has none and takes the page's own origin.
const script = document.currentScript;
const origin = script instanceof HTMLScriptElement && script.src ? script.src : document.baseURI;

if (!customElements.get("flotilla-game")) defineFlotillaGame(origin);
