// A list of names with values, to be edited: tags, metadata.
import { make } from "../dom.js";
import { sayAttribute } from "../language.js";
import { button, signButton, spoken } from "./elements.js";

export class PairList {
  #rows = make("div", { className: "pairs" });
  #before;

  /** @param {string} name Of the field, for the server's messages. @param {Record<string, string>} values */
  constructor(name, label, values) {
    this.#before = JSON.stringify(Object.entries(values).sort());
    const message = make("p", { className: "problem", hidden: true });
    message.setAttribute("role", "alert");
    const add = button("pairs.add", () => this.#add("", "").querySelector("input").focus(), { look: "quiet small", sign: "plus" });
    this.element = make("fieldset", { className: "field" }, [spoken("legend", label), this.#rows, message, add]);
    // As a field of a form has it; there is no one control to mark.
    Object.assign(this.element, { message, input: Object.assign(add, { name }) });
    for (const [key, value] of Object.entries(values)) this.#add(key, value);
  }

  get value() {
    const pairs = [...this.#rows.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value.trim()));
    return Object.fromEntries(pairs.filter(([key]) => key !== ""));
  }

  get isChanged() { return JSON.stringify(Object.entries(this.value).sort()) !== this.#before; }

  #add(key, value) {
    const name = sayAttribute(make("input", { type: "text", value: key, autocomplete: "off" }), "aria-label", "pairs.name");
    const text = sayAttribute(make("input", { type: "text", value, autocomplete: "off" }), "aria-label", "pairs.value");
    const row = make("div", { className: "pair" }, [name, text]);
    row.append(signButton("close", "pairs.remove", () => row.remove()));
    this.#rows.append(row);
    return row;
  }
}
