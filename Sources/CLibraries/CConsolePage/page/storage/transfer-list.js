// Shows the uploads into buckets: one row for each file that is on its way or was refused.
import { icon, make } from "../dom.js";
import { bytes, percent, say, sayAttribute } from "../language.js";
import { announce } from "../notices.js";
import { button, signButton } from "./elements.js";

/** Rows at most; the rest are counted. */
const shownRows = 6;

export class TransferList {
  #queue;
  #heading = make("h2");
  #total = sayAttribute(make("progress", { max: 1, value: 0 }), "aria-label", "transfers.progress");
  #list = make("ul", { className: "transfer-rows" });
  /** Item → Row. */
  #rows = new Map();
  #more = make("p", { className: "hint", hidden: true });
  #retry;
  #cancel;
  #clear;
  #scheduled = false;
  #wasRunning = false;

  constructor(queue) {
    this.#queue = queue;
    this.#retry = button("uploads.retryAll", () => queue.retryAll(), { look: "quiet small" });
    this.#cancel = button("uploads.cancelAll", () => queue.cancelAll(), { look: "quiet small" });
    this.#clear = button("uploads.clear", () => queue.clear(), { look: "quiet small" });
    this.element = make("section", { className: "uploads transfers", hidden: true }, [
      make("header", {}, [this.#heading, make("div", { className: "row" }, [this.#retry, this.#cancel, this.#clear])]),
      this.#total, this.#list, this.#more,
    ]);
    queue.addEventListener("change", () => {
      if (this.#scheduled) return;
      this.#scheduled = true;
      setTimeout(() => { this.#scheduled = false; this.#show(); }, 80);
    });
  }

  #show() {
    const queue = this.#queue;
    const [failed, stored, cancelled] = ["failed", "stored", "cancelled"].map((state) => queue.count(state));
    const count = queue.items.length - cancelled - failed;
    this.element.hidden = queue.items.length === cancelled;
    this.#retry.hidden = queue.isRunning || failed === 0;
    this.#cancel.hidden = !queue.isRunning;
    this.#clear.hidden = queue.isRunning;
    this.#total.hidden = !queue.isRunning;
    this.#total.value = queue.share;
    const sentence = queue.isRunning ? ["transfers.running", { done: stored, count }]
      : failed > 0 ? ["uploads.failed", { count: failed }] : ["transfers.stored", { count: stored }];
    say(this.#heading, ...sentence);
    if (this.#wasRunning && !queue.isRunning && !this.element.hidden) announce(...sentence);
    this.#wasRunning = queue.isRunning;
    this.#showRows(queue.items.filter(({ state }) => state === "sending" || state === "failed"));
  }

  #showRows(items) {
    const shown = items.slice(0, shownRows);
    for (const [item, row] of this.#rows) {
      if (shown.includes(item)) continue;
      row.element.remove();
      this.#rows.delete(item);
    }
    shown.forEach((item, index) => {
      if (!this.#rows.has(item)) this.#rows.set(item, new Row(item, this.#queue));
      const row = this.#rows.get(item);
      row.show();
      if (this.#list.children[index] !== row.element) this.#list.insertBefore(row.element, this.#list.children[index] ?? null);
    });
    const rest = items.length + this.#queue.count("queued") - shown.length;
    this.#more.hidden = rest === 0;
    if (rest > 0) say(this.#more, "uploads.waiting", { count: rest });
  }
}

/** Stays the same element for as long as its file is shown: focus and a click under way must not be lost to progress. */
class Row {
  #item;
  #thumb = make("span", { className: "upload-thumb" });
  #words = make("span");
  #retry;
  #cancel;

  constructor(item, queue) {
    this.#item = item;
    const name = item.key;
    this.#retry = signButton("retry", "uploads.retry", () => queue.retry(item), { name });
    this.#cancel = signButton("close", "uploads.cancel", () => queue.cancel(item), { name });
    this.element = make("li", { className: "upload" }, [
      this.#thumb, make("div", { className: "upload-name", textContent: name, title: name }),
      make("div", { className: "upload-state" }, [this.#words]), make("div", { className: "upload-buttons" }, [this.#retry, this.#cancel]),
    ]);
  }

  show() {
    const { file, state, sent, error } = this.#item;
    if (state !== this.element.dataset.state) {
      this.element.dataset.state = state;
      this.#thumb.replaceChildren(icon(state === "failed" ? "alert" : "file"));
      this.#retry.hidden = state !== "failed";
      this.#cancel.hidden = state === "failed";
    }
    if (state === "failed") return say(this.#words, "as.given", { text: () => Object.values(error.explain()).join(" ").trim() });
    const share = file.size ? Math.floor((sent / file.size) * 100) / 100 : 0;
    return say(this.#words, "upload.sending", { percent: () => percent(share), size: () => bytes(file.size) });
  }
}
