// Title, description and visibility of one photo.
import { APIError, call, mediaPath } from "./api.js";
import { byID } from "./dom.js";
import { say, tell } from "./language.js";

const names = ["title", "alt", "visibility"];

export class Edit {
  #form = byID("edit");
  #record = null;
  /** What the fields held when they were last filled in: what differs from it was typed. */
  #filled = {};
  #saved;

  /** @param {(record: object) => void} saved */
  constructor(saved) {
    this.#saved = saved;
    this.#form.addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
    this.#form.addEventListener("input", () => this.#mark());
  }

  /** Shows the record; what a person is changing at this moment is not overwritten. */
  show(record) {
    const isSame = this.#record?.id === record.id;
    if (!isSame) this.#say(null);
    this.#record = record;
    for (const name of names) {
      const field = this.#form.elements[name];
      // Where all but the space at an end is as the record has it, that space may be the one before the next word.
      const isSaved = isSame && field.value.trim() === record[name];
      if (isSame && field.value !== this.#filled[name] && !isSaved) continue;
      if (!isSaved) field.value = record[name];
      this.#filled[name] = field.value;
    }
    this.#mark({ quiet: true });
  }

  #changes() {
    const changes = {};
    for (const name of names) {
      const { value } = this.#form.elements[name];
      if (value !== this.#filled[name] && value.trim() !== this.#record[name]) changes[name] = value.trim();
    }
    return changes;
  }

  get #isChanged() { return Object.keys(this.#changes()).length > 0; }

  #mark({ quiet = false } = {}) {
    const changed = this.#isChanged;
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
      // More may have been typed while this was on its way.
      if (this.#record?.id === record.id) this.#say(this.#isChanged ? "edit.unsaved" : "edit.saved");
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
