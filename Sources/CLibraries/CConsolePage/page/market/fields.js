// Forms: a field with its name, its hint and what is wrong with it; errors of the API come to the field that they are about.
import { make } from "../dom.js";
import { say, sayAttribute, tell } from "../language.js";
import { waysToSignIn } from "./parts.js";
import { explain } from "./server.js";

let count = 0;

/** One field. `label` and `hint` are keys of sentences. */
export class Field {
  /** @param {string} name As the API calls it. @param {HTMLElement} control */
  constructor(name, label, control, { hint = null, isOptional = false, values } = {}) {
    this.name = name;
    this.control = control;
    count += 1;
    control.id ||= `field-${count}`;
    control.name ||= name;
    this.label = make("label", { htmlFor: control.id }, [say(make("span"), label, values)]);
    if (isOptional) this.label.append(" ", say(make("small"), "form.optional"));
    this.problem = make("p", { className: "problem", id: `${control.id}-problem`, hidden: true });
    const described = [this.problem.id];
    this.element = make("div", { className: "field" }, [this.label, control]);
    if (hint) {
      this.hint = say(make("p", { className: "hint", id: `${control.id}-hint` }), hint, values);
      this.element.append(this.hint);
      described.unshift(this.hint.id);
    }
    this.element.append(this.problem);
    control.setAttribute("aria-describedby", described.join(" "));
    control.addEventListener("input", () => this.clear());
  }

  get value() { return this.control.value.trim(); }
  set value(text) { this.control.value = text; }

  /** @param {string} text What is wrong, in the spoken language. */
  refuse(text) {
    tell(this.problem, text);
    this.problem.hidden = false;
    this.control.setAttribute("aria-invalid", "true");
  }

  clear() {
    this.problem.hidden = true;
    this.control.removeAttribute("aria-invalid");
  }
}

/** A form of fields with a place for what is wrong with none of them. */
export class Form {
  #isBusy = false;

  /** @param {(Field|HTMLElement)[]} parts @param {string} action Key of the button's words. @param {() => Promise<void>} submit */
  constructor(parts, action, submit, { className = "form" } = {}) {
    this.fields = new Map(parts.filter((part) => part instanceof Field).map((field) => [field.name, field]));
    this.words = make("span");
    this.problem = make("div", { className: "problem boxed", hidden: true }, [this.words]);
    this.problem.setAttribute("role", "alert");
    this.button = say(make("button", { type: "submit", className: "button primary wide" }), action);
    this.element = make("form", { className, noValidate: true }, [
      ...parts.map((part) => (part instanceof Field ? part.element : part)), this.problem, this.button,
    ]);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run(submit);
    });
  }

  add(field) { this.fields.set(field.name, field); }

  /** Runs what the form is for, once at a time, and shows what went wrong. */
  async run(work) {
    if (this.#isBusy) return;
    this.#busy(true);
    this.clear();
    try {
      await work();
    } catch (error) {
      this.refuse(error);
      if (!("status" in error)) console.error(error);
    } finally {
      this.#busy(false);
    }
  }

  #busy(isBusy) {
    this.#isBusy = isBusy;
    this.button.setAttribute("aria-disabled", String(isBusy));
    this.element.classList.toggle("busy", isBusy);
  }

  clear() {
    this.problem.hidden = true;
    for (const field of this.fields.values()) field.clear();
  }

  /** Puts each message of an error to its field, and goes to the first of them. */
  refuse(error) {
    const rest = [];
    let first = null;
    for (const [name, lines] of Object.entries(error.fields ?? {})) {
      const field = this.fields.get(name);
      if (field) field.refuse(lines.join(" "));
      else rest.push(...lines.map((line) => `${name}: ${line}`));
    }
    first = [...this.fields.values()].find((field) => !field.problem.hidden);
    if (first && rest.length === 0) {
      first.control.focus();
      return;
    }
    tell(this.words, rest.length > 0 ? rest.join(" ") : explain(error));
    this.problem.replaceChildren(this.words, ...waysToSignIn(error));
    this.problem.hidden = false;
    if (first) first.control.focus();
    else this.button.focus();
  }
}

export const input = (properties = {}) => make("input", { type: "text", ...properties });
export const textarea = (properties = {}) => make("textarea", { rows: 5, ...properties });

/** @param {[string, string | (() => string)][]} options Values, and keys of sentences or what says their name. */
export function select(options, value, properties = {}) {
  const element = make("select", properties, options.map(([code, name]) => option(code, name)));
  element.value = value ?? options[0]?.[0] ?? "";
  return element;
}

export const option = (value, name) =>
  (typeof name === "function" ? say(make("option", { value }), "as.given", { text: name }) : say(make("option", { value }), name));

/** A box to tick, with its words beside it. */
export function tick(key, isOn, changed) {
  const box = make("input", { type: "checkbox", checked: isOn });
  box.addEventListener("change", () => changed?.(box.checked));
  const element = make("label", { className: "tick" }, [box, say(make("span"), key)]);
  return { element, box };
}

/** Buttons of which one is chosen. @param {[string, string][]} options Values and keys. */
export function segments(name, label, options, value, changed) {
  const boxes = options.map(([code, key]) => {
    const box = make("input", { type: "radio", name, value: code, checked: code === value });
    box.addEventListener("change", () => changed(code));
    return make("label", {}, [box, say(make("span"), key)]);
  });
  const element = make("div", { className: "segments" }, boxes);
  element.setAttribute("role", "radiogroup");
  return sayAttribute(element, "aria-label", label);
}
