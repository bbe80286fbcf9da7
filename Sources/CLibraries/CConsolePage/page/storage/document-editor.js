// A document of a bucket as text: read, written, and refused with the server's reason.
import { APIError, call } from "../api.js";
import { confirm } from "../confirm.js";
import { make } from "../dom.js";
import { toast } from "../notices.js";
import { attempt, button, problem, spoken } from "./elements.js";
import { choice, codeInput, field, submit } from "./form.js";

/** JSON as a person reads it. */
export const indented = (value) => JSON.stringify(value, null, 2);

export class DocumentEditor {
  #path;
  #name;
  #area;
  #field;
  #general = problem();
  #remove;

  /**
   * @param {{ path: string, name: string, label: string, exists: boolean, templates: [string, () => object][], rows?: number }} options
   *   `name` is the server's for its messages; `templates` are sentences with what they put into the text.
   */
  constructor({ path, name, label, exists, templates, rows = 12 }) {
    this.#path = path;
    this.#name = name;
    this.#area = codeInput(rows);
    this.#field = field(name, label, this.#area);
    const save = button("edit.save", null, { type: "submit", look: "small primary" });
    this.#remove = button("document.remove", () => this.#delete(), { look: "small danger" });
    this.#remove.hidden = !exists;
    const form = make("form", { className: "stack", noValidate: true });
    if (templates.length > 0) form.append(this.#templates(templates));
    form.append(this.#field, this.#general, make("div", { className: "row" }, [save, this.#remove]));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#save(save); });
    this.element = form;
    if (exists) this.#load();
  }

  #templates(templates) {
    const select = choice([["", "document.choose"], ...templates.map(([key], index) => [String(index), key])], "");
    const picker = field("template", "document.template", select);
    select.addEventListener("change", () => {
      if (select.value === "") return;
      this.#area.value = indented(templates[Number(select.value)][1]());
      select.value = "";
      this.#area.focus();
    });
    return picker;
  }

  #load() {
    return attempt(null, async () => { this.#area.value = indented(await call("GET", this.#path)); }, { shown: this.#general });
  }

  async #save(save) {
    const done = await submit(save, [this.#field], this.#general, async () => {
      let value;
      try {
        value = JSON.parse(this.#area.value);
      } catch (error) {
        // Where it stops being JSON the browser knows best.
        throw new APIError(400, { [this.#name]: [error.message] });
      }
      this.#area.value = indented(await call("PUT", this.#path, { body: value }));
    });
    if (!done) return;
    this.#remove.hidden = false;
    toast("edit.saved");
  }

  async #delete() {
    if (!await confirm({ heading: "document.removeHeading", explain: "document.removeExplain", yes: "document.remove" })) return;
    if (!await attempt(this.#remove, () => call("DELETE", this.#path), { shown: this.#general })) return;
    this.#area.value = "";
    this.#remove.hidden = true;
    toast("document.removed");
  }
}
