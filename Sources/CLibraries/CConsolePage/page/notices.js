// Short messages: read aloud (announce), or shown and read (toast).
import { byID } from "./dom.js";
import { phrase } from "./language.js";

let hiding;
let speaking;

/** Read aloud by a screen reader; several within a moment become the last one. */
export function announce(key, values) {
  clearTimeout(speaking);
  speaking = setTimeout(() => { byID("announcer").textContent = phrase(key, values); }, 250);
}

/** Shown for some seconds at the bottom. */
export function toast(key, values) {
  toastText(phrase(key, values));
}

export function toastText(text) {
  const element = byID("toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { element.hidden = true; }, 6000);
}
