// The page's own question before something that cannot be undone.
import { byID } from "./dom.js";
import { say } from "./language.js";

/** Resolves true where the person agrees; Esc and Cancel are no. Focus goes back to where it was. */
export function confirm({ heading, explain, yes, values }) {
  const dialog = byID("confirm");
  say(byID("confirm-heading"), heading, values);
  say(byID("confirm-explain"), explain, values);
  say(byID("confirm-yes"), yes, values);
  dialog.returnValue = "no";
  dialog.showModal();
  byID("confirm-no").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

export function startConfirm() {
  const dialog = byID("confirm");
  byID("confirm-no").addEventListener("click", () => dialog.close("no"));
  byID("confirm-yes").addEventListener("click", () => dialog.close("yes"));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close("no"); });
}
