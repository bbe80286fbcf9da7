// A dialog for one thing, made when it is needed and gone when it is closed.
import { icon, make } from "../dom.js";
import { say, sayAttribute } from "../language.js";

let count = 0;

/**
 * @param {{ heading: string, values?: object, className?: string, onClose?: () => void }} options
 * @param {Node[]} content
 * @returns {HTMLDialogElement} Open; `close()` ends it, and focus goes back to where it was.
 */
export function openDialog({ heading, values, className = "", onClose }, content) {
  count += 1;
  const title = say(make("h2", { id: `storage-dialog-${count}`, tabIndex: -1 }), heading, values);
  const close = sayAttribute(make("button", { type: "button", className: "button quiet square" }, [icon("close")]), "aria-label", "close");
  const body = make("div", { className: "dialog-body" }, content);
  const dialog = make("dialog", { className: `sheet-dialog ${className}`.trim() }, [
    make("header", { className: "dialog-bar" }, [title, close]), body,
  ]);
  dialog.setAttribute("aria-labelledby", title.id);
  const before = document.activeElement;
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
    onClose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  (body.querySelector("[autofocus]") ?? title).focus();
  return dialog;
}
