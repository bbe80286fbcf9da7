// Uploads into buckets: what waits, what is on its way, what came of it. No element of the page is touched here.
import { session } from "../api.js";
import { Transfer } from "./transfer.js";

/** Uploads on their way at once. */
const concurrency = 3;

/** One file. `state`: queued → sending → stored | failed | cancelled. */
class Item {
  state = "queued";
  sent = 0;
  error = null;
  transfer = null;
  constructor(file, bucket, key) { Object.assign(this, { file, bucket, key }); }
  get isOver() { return this.state !== "queued" && this.state !== "sending"; }
}

/** Events: `change` after any change, `stored` with `detail` = { bucket, object }. */
export class TransferQueue extends EventTarget {
  items = [];

  /** @param {{ file: File, path: string }[]} files @param {string} prefix What each key begins with. */
  add(files, bucket, prefix) {
    if (!this.isRunning) this.items = this.items.filter((item) => item.state === "failed");
    for (const { file, path } of files) this.items.push(new Item(file, bucket, prefix + path));
    this.#advance();
  }

  cancel(item) {
    if (item.isOver) return;
    const transfer = item.transfer;
    Object.assign(item, { state: "cancelled", transfer: null });
    transfer?.abort();
    this.#advance();
  }

  retry(item) {
    if (item.state !== "failed") return;
    Object.assign(item, { state: "queued", sent: 0, error: null });
    this.#advance();
  }

  cancelAll() { for (const item of this.items) this.cancel(item); }
  retryAll() { for (const item of this.items) this.retry(item); }

  clear() {
    this.items = this.items.filter((item) => !item.isOver);
    this.#changed();
  }

  get isRunning() { return this.items.some((item) => !item.isOver); }
  count(state) { return this.items.filter((item) => item.state === state).length; }

  /** Share of all bytes that left, 0…1. */
  get share() {
    const counted = this.items.filter((item) => item.state !== "failed" && item.state !== "cancelled");
    const total = counted.reduce((sum, item) => sum + item.file.size, 0);
    return total === 0 ? 0 : counted.reduce((sum, item) => sum + item.sent, 0) / total;
  }

  #changed() { this.dispatchEvent(new Event("change")); }

  #advance() {
    let free = concurrency - this.count("sending");
    for (const item of this.items) {
      if (free <= 0) break;
      if (item.state !== "queued") continue;
      this.#send(item);
      free -= 1;
    }
    this.#changed();
  }

  async #send(item) {
    item.state = "sending";
    const transfer = new Transfer(item.file, item.bucket, item.key, (sent) => { item.sent = sent; this.#changed(); });
    item.transfer = transfer;
    try {
      const object = await transfer.run();
      if (item.transfer !== transfer) return;
      Object.assign(item, { state: "stored", sent: item.file.size, transfer: null });
      this.dispatchEvent(new CustomEvent("stored", { detail: { bucket: item.bucket, object } }));
    } catch (error) {
      if (item.transfer !== transfer) return;
      Object.assign(item, { state: "failed", error, transfer: null });
      if (error.status === 401) session.dispatchEvent(new Event("lost"));
    }
    this.#advance();
  }
}
