// Shows the upload queue: one row for each file that is on its way, waits next, or was refused.
import { byID, icon, iconButton, make } from "./dom.js";
import { bytes, percent, say, sayAttribute } from "./language.js";
import { announce } from "./notices.js";
import { localPreview, releasePreview } from "./picture.js";

/** Rows of waiting files that are shown; the rest are counted. */
const waitingRows = 2;

export function startUploadList(queue) {
  const section = byID("uploads");
  const list = byID("upload-rows");
  const rows = new Map();
  let scheduled = false;
  let storedBefore = 0;
  let failedBefore = 0;

  queue.addEventListener("change", () => {
    if (scheduled) return;
    scheduled = true;
    // Not requestAnimationFrame: it stands still in a tab that is not seen, and results must be told there too.
    setTimeout(() => { scheduled = false; show(); }, 60);
  });
  byID("uploads-retry").addEventListener("click", () => queue.retryAll());
  byID("uploads-cancel").addEventListener("click", () => queue.cancelAll());
  byID("uploads-clear").addEventListener("click", () => queue.clear());

  function show() {
    const failed = queue.count("failed");
    const waiting = queue.count("queued");
    const stored = queue.count("stored");
    section.hidden = queue.uploads.length === queue.count("cancelled");
    byID("uploads-retry").hidden = queue.isRunning || failed < 2;
    byID("uploads-cancel").hidden = !queue.isRunning || queue.uploads.length < 2;
    byID("uploads-clear").hidden = queue.isRunning;
    byID("uploads-total").hidden = !queue.isRunning;
    byID("uploads-total").value = queue.share;
    byID("uploads-more").hidden = waiting <= waitingRows;
    if (waiting > waitingRows) say(byID("uploads-more"), "uploads.waiting", { count: waiting - waitingRows });
    summarize(stored, failed);
    showRows();
  }

  function summarize(stored, failed) {
    const heading = byID("uploads-heading");
    const count = queue.uploads.length - queue.count("cancelled") - failed;
    const sentence = queue.isRunning ? ["uploads.running", { done: stored, count }]
      : failed > 0 ? ["uploads.failed", { count: failed }] : ["uploads.stored", { count: stored }];
    say(heading, ...sentence);
    if (failed > failedBefore) announce("uploads.failed", { count: failed });
    else if (stored > storedBefore) announce(...sentence);
    storedBefore = stored;
    failedBefore = failed;
  }

  function showRows() {
    let room = waitingRows;
    const isShown = (upload) => upload.isActive || upload.state === "failed" || (upload.state === "queued" && room-- > 0);
    const shown = queue.uploads.filter(isShown);
    for (const [upload, row] of rows) {
      if (shown.includes(upload)) continue;
      // Focus must not fall to the top of the page when a row goes.
      if (row.element.contains(document.activeElement)) byID("main").focus();
      row.remove();
      rows.delete(upload);
    }
    shown.forEach((upload, index) => {
      if (!rows.has(upload)) rows.set(upload, new Row(upload, queue));
      const row = rows.get(upload);
      row.show();
      if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
    });
  }
}

class Row {
  constructor(upload, queue) {
    this.upload = upload;
    const name = upload.file.name;
    this.thumb = make("span", { className: "upload-thumb" }, [icon("photo")]);
    this.bar = sayAttribute(make("progress", { max: 1, value: 0 }), "aria-label", "upload.progress", { name });
    this.words = make("span");
    this.state = make("div", { className: "upload-state" }, [this.words]);
    this.retry = sayAttribute(iconButton("retry", () => queue.retry(upload)), "aria-label", "uploads.retry", { name });
    this.cancel = iconButton("close", () => (upload.isOver ? queue.dismiss(upload) : queue.cancel(upload)));
    this.element = make("li", { className: "upload" }, [
      this.thumb, make("div", { className: "upload-name", textContent: name, title: name }), this.state,
      make("div", { className: "upload-buttons" }, [this.retry, this.cancel]),
    ]);
  }

  show() {
    const { file, state, sent, error, isInterrupted } = this.upload;
    if (state === this.shownState && state !== "sending") return;
    const name = file.name;
    if (state !== this.shownState) {
      this.shownState = state;
      this.element.dataset.state = state;
      this.retry.hidden = state !== "failed";
      sayAttribute(this.cancel, "aria-label", state === "failed" ? "uploads.dismiss" : "uploads.cancel", { name });
      this.showThumb(state);
      this.state.replaceChildren(...(state === "sending" || state === "saving" ? [this.bar, this.words] : [this.words]));
    }
    if (state === "sending") {
      this.bar.value = sent / file.size;
      const share = Math.floor((sent / file.size) * 100) / 100;
      if (isInterrupted) say(this.words, "upload.interrupted", { percent: () => percent(share) });
      else say(this.words, "upload.sending", { percent: () => percent(share), size: () => bytes(file.size) });
    } else if (state === "saving") {
      this.bar.removeAttribute("value");
      say(this.words, "upload.saving");
    } else if (state === "failed") {
      say(this.words, "as.given", { text: () => error.explain().text });
      const more = say(make("small", { lang: "en" }), "as.given", { text: () => error.explain().more });
      this.state.append(more);
    } else {
      say(this.words, "upload.queued", { size: () => bytes(file.size) });
    }
  }

  showThumb(state) {
    if (state === "failed") {
      this.thumb.replaceChildren(icon("alert"));
    } else if (state === "sending" && !this.preview) {
      // Only files on their way are decoded: two hundred waiting photos would fill the memory of a phone.
      this.preview = localPreview(this.upload.file);
      if (!this.preview) return;
      const image = make("img", { src: this.preview, alt: "" });
      image.addEventListener("error", () => this.thumb.replaceChildren(icon("photo")), { once: true });
      this.thumb.replaceChildren(image);
    }
  }

  remove() {
    releasePreview(this.preview);
    this.element.remove();
  }
}
