// Title, description and visibility of one photo.
import { APIError, call, mediaPath } from "./api.js";
import { byID } from "./dom.js";
import { say, tell } from "./language.js";

const names = ["title", "alt", "visibility"];

export class Edit {
  #form = byID("edit");
  #record = null;
  #saved;

  /** @param {(record: object) => void} saved */
  constructor(saved) {
    this.#saved = saved;
    this.#form.addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
    this.#form.addEventListener("input", () => this.#mark());
  }

  /** Shows the record; what a person is changing at this moment is not overwritten. */
  show(record) {
    const changes = this.#record?.id === record.id ? this.#changes() : {};
    if (this.#record?.id !== record.id) this.#say(null);
    this.#record = record;
    for (const name of names) this.#form.elements[name].value = changes[name] ?? record[name];
    this.#mark({ quiet: true });
  }

  #changes() {
    const changes = {};
    for (const name of names) {
      const value = this.#form.elements[name].value;
      if (value !== this.#record[name]) changes[name] = name === "visibility" ? value : value.trim();
    }
    return changes;
  }

  #mark({ quiet = false } = {}) {
    const changed = Object.keys(this.#changes()).length > 0;
    byID("edit-save").disabled = !changed;
    if (!quiet) this.#say(changed ? "edit.unsaved" : null);
  }

  #say(key) {
    byID("edit-problem").hidden = true;
    if (key) say(byID("edit-status"), key);
    else tell(byID("edit-status"), "");
  }

  /** Sends what was changed. Also called when the photo is left, so that nothing typed is lost. Throws nothing. */
  async save() {
    const record = this.#record;
    const changes = record === null ? {} : this.#changes();
    if (Object.keys(changes).length === 0) return null;
    this.#say("edit.saving");
    try {
      const answer = await call("PATCH", mediaPath(record.id), { body: changes });
      this.#saved(answer);
      if (this.#record?.id === record.id) this.#say("edit.saved");
      return null;
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      if (this.#record?.id === record.id) {
        this.#say(null);
        say(byID("edit-problem"), "as.given", { text: () => Object.values(error.explain()).join(" ").trim() });
        byID("edit-problem").hidden = false;
      }
      return error;
    }
  }

  /** The photo is no longer shown. */
  leave() { this.#record = null; }
}
