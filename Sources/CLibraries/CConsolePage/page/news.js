// What was heard of photos by events and uploads: an answer of the server may be older than that.

/** Records that are remembered. */
const remembered = 500;

export class News {
  /** id → the newest record that was heard. */
  #records = new Map();
  #gone = new Set();
  #sinceAsked = new Set();

  /** The server is asked now. */
  asked() { this.#sinceAsked.clear(); }
  isSinceAsked(id) { return this.#sinceAsked.has(id); }

  /** @returns {object} The newest that is known of the photo: this record, or one that was heard before. */
  take(record) {
    const { id } = record;
    this.#sinceAsked.add(id);
    const newest = this.newest(record);
    this.#records.delete(id);
    this.#records.set(id, newest);
    if (this.#records.size > remembered) this.#records.delete(this.#records.keys().next().value);
    return newest;
  }

  record(id) { return this.#records.get(id); }

  newest(record) {
    const heard = this.#records.get(record.id);
    return heard?.updated > record.updated ? heard : record;
  }

  /** The photo was deleted: a list answered before that must not bring it back. */
  goes(id) { this.#gone.add(id); }
  isGone(id) { return this.#gone.has(id); }

  forget() { this.#records.clear(); }
}
