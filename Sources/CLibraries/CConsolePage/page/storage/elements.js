// What the storage's screens are made of: elements that say something in the spoken language.
import { APIError } from "../api.js";
import { icon, make } from "../dom.js";
import { say, sayAttribute } from "../language.js";
import { toast, toastText } from "../notices.js";

/** An element with a sentence. */
export const spoken = (tag, key, { values, ...properties } = {}) => say(make(tag, properties), key, values);

/** A button with a sentence, and perhaps an icon before it. */
export function button(key, onClick, { look = "", sign = null, type = "button", values } = {}) {
  const words = spoken("span", key, { values });
  const element = make("button", { type, className: `button ${look}`.trim() }, sign ? [icon(sign), words] : [words]);
  if (onClick) element.addEventListener("click", onClick);
  return element;
}

/** A button that holds only an icon, and says what it does. */
export function signButton(sign, key, onClick, values) {
  const element = make("button", { type: "button", className: "button quiet square" }, [icon(sign)]);
  element.addEventListener("click", onClick);
  return sayAttribute(sayAttribute(element, "aria-label", key, values), "title", key, values);
}

/** A link that looks like a button. */
export function linkButton(href, key, { look = "", sign = null, values } = {}) {
  const words = spoken("span", key, { values });
  return make("a", { href, className: `button ${look}`.trim() }, sign ? [icon(sign), words] : [words]);
}

/** A message where something went wrong, empty at first; `show(error)` and `clear()`. */
export function problem() {
  const element = make("p", { className: "problem", hidden: true });
  element.setAttribute("role", "alert");
  element.show = (error) => {
    if (!(error instanceof APIError)) throw error;
    say(element, "as.given", { text: () => { const { text, more } = error.explain(); return more ? `${text} ${more}` : text; } });
    element.hidden = false;
  };
  element.clear = () => { element.hidden = true; };
  return element;
}

/** Rows of what something is: `[[key, element or text], …]`. */
export function facts(rows) {
  const list = make("dl", { className: "facts" });
  for (const [key, value] of rows) list.append(spoken("dt", key), make("dd", {}, [value]));
  return list;
}

/** Does something that a person asked for by a button: it waits, and an error is shown. Whether it went well. */
export async function attempt(element, action, { shown = null } = {}) {
  element?.setAttribute("aria-busy", "true");
  if (element) element.disabled = true;
  shown?.clear();
  try {
    await action();
    return true;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    if (shown) shown.show(error);
    else toastText(Object.values(error.explain()).join(" ").trim());
    return false;
  } finally {
    element?.removeAttribute("aria-busy");
    if (element) element.disabled = false;
  }
}

/** Text that is there to be copied, with the button that does it. */
export function copyable(text, labelKey) {
  const input = sayAttribute(make("input", { type: "text", value: text, readOnly: true, className: "code" }), "aria-label", labelKey);
  input.addEventListener("focus", () => input.select());
  const copy = signButton("copy", "storage.copy", async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast("storage.copied");
    } catch {
      input.select();
      toast("rendition.copyFailed");
    }
  });
  return make("div", { className: "copyable" }, [input, copy]);
}
