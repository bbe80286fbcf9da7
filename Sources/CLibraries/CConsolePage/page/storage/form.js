// Fields of forms, and the messages that belong to each.
import { APIError } from "../api.js";
import { make } from "../dom.js";
import { isPhrase, say } from "../language.js";
import { spoken } from "./elements.js";

let count = 0;

/** A labelled input, with a hint below it and room for a message. `field.input` is the control. */
export function field(name, label, input, { hint } = {}) {
  count += 1;
  const id = `storage-field-${count}`;
  Object.assign(input, { id, name });
  const described = [];
  const parts = [spoken("label", label, { htmlFor: id }), input];
  if (hint) {
    parts.push(spoken("p", hint, { className: "hint", id: `${id}-hint` }));
    described.push(`${id}-hint`);
  }
  const message = make("p", { className: "problem", id: `${id}-problem`, hidden: true });
  message.setAttribute("role", "alert");
  described.push(message.id);
  input.setAttribute("aria-describedby", described.join(" "));
  const element = make("div", { className: "field" }, [...parts, message]);
  return Object.assign(element, { input, message });
}

export const textInput = (properties = {}) => make("input", { type: "text", autocomplete: "off", spellcheck: false, ...properties });
export const numberInput = (properties = {}) => make("input", { type: "number", min: "0", step: "1", inputMode: "numeric", ...properties });

/** A text of code: policies, rules. */
export function codeInput(rows, value = "") {
  const area = make("textarea", { className: "code", rows, value, spellcheck: false });
  area.setAttribute("autocapitalize", "off");
  return area;
}

/** A choice among `[[value, key], …]`. */
export function choice(options, value) {
  const select = make("select", {}, options.map(([option, key]) => spoken("option", key, { value: option })));
  if (value !== undefined) select.value = value;
  return select;
}

/** A box to tick, with its sentence beside it. `box.input` is the control. */
export function tick(name, label, checked = false, { hint } = {}) {
  const input = make("input", { type: "checkbox", name, checked });
  const words = make("span", {}, [spoken("span", label)]);
  if (hint) words.append(spoken("span", hint, { className: "hint" }));
  return Object.assign(make("label", { className: "tick" }, [input, words]), { input });
}

/** Puts an error's messages to their fields; what belongs to none goes to `general`. */
export function showErrors(error, fields, general) {
  if (!(error instanceof APIError)) throw error;
  clearErrors(fields, general);
  const found = fields.filter((field) => error.fields[field.input.name]);
  for (const field of found) {
    // A code that has a sentence of its own says the same in the spoken language.
    if (found.length === 1 && isPhrase(`error.${error.code}`)) say(field.message, `error.${error.code}`);
    else say(field.message, "as.given", { text: error.fields[field.input.name].join(" ") });
    field.message.hidden = false;
    field.input.setAttribute("aria-invalid", "true");
  }
  if (found.length > 0) found[0].input.focus();
  else general.show(error);
}

export function clearErrors(fields, general) {
  general.clear();
  for (const field of fields) {
    field.message.hidden = true;
    field.input.removeAttribute("aria-invalid");
  }
}

/** Sends a form's content once; errors go to its fields. Whether it went well. */
export async function submit(button, fields, general, action) {
  clearErrors(fields, general);
  button.disabled = true;
  try {
    await action();
    return true;
  } catch (error) {
    showErrors(error, fields, general);
    return false;
  } finally {
    button.disabled = false;
  }
}
