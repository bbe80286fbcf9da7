// The queue of uploads: what waits, what is on its way, what came of it. No element of the page is touched here.
import { APIError, changeHeaders, limits, parsed, session } from "./api.js";
import { ResumableUpload } from "./resumable.js";

/** Uploads on their way at once. Browsers open six connections to a host; the event stream and the photos need some. */
const concurrency = 3;
/** Files of more bytes go in pieces, so that a broken network costs little of them. */
const wholeBytes = 8_000_000;
/** Room for a form's own lines around its file. */
const formRoom = 64 * 1024;

/** One file on its way. `state`: queued → sending → saving → stored | failed | cancelled. */
class Upload {
  state = "queued";
  /** Bytes of the file that left so far. */
  sent = 0;
  /** @type {APIError|null} */
  error = null;
  /** The network or the server is away, and the upload waits for it. */
  isInterrupted = false;
  /** @type {XMLHttpRequest|ResumableUpload|null} */
  request = null;
  constructor(file) { this.file = file; }
  get isOver() { return this.state === "stored" || this.state === "failed" || this.state === "cancelled"; }
  get isActive() { return this.state === "sending" || this.state === "saving"; }
}

/** Events: `change` after any change, `stored` with `detail` = { file, record }. */
export class UploadQueue extends EventTarget {
  /** In the order they were added; uploads that are stored or cancelled leave it when the next batch begins. */
  uploads = [];

  /** @param {Iterable<File>} files */
  add(files) {
    if (!this.isRunning) this.uploads = this.uploads.filter((upload) => upload.state === "failed");
    for (const file of files) {
      const upload = new Upload(file);
      if (file.size === 0) this.#end(upload, "failed", new APIError(400, { detail: "The file is empty.", code: "empty_file" }));
      else if (limits.uploadBytes && file.size > limits.uploadBytes) this.#end(upload, "failed", new APIError(413, { code: "content_too_large" }));
      this.uploads.push(upload);
    }
    this.#advance();
  }

  /** @param {boolean} [options.keep] The server keeps what it has, for the next time that the file is chosen. */
  cancel(upload, { keep = false } = {}) {
    if (upload.isOver) return;
    const request = upload.request;
    this.#end(upload, "cancelled");
    request?.abort({ keep });
    this.#advance();
  }

  retry(upload) {
    if (upload.state !== "failed") return;
    Object.assign(upload, { state: "queued", sent: 0, error: null });
    this.#advance();
  }

  cancelAll(options) { for (const upload of this.uploads) this.cancel(upload, options); }
  retryAll() { for (const upload of this.uploads) this.retry(upload); }

  dismiss(upload) {
    this.uploads = this.uploads.filter((other) => other !== upload);
    this.dispatchEvent(new Event("change"));
  }

  /** Forgets every upload that is over. */
  clear() {
    this.uploads = this.uploads.filter((upload) => !upload.isOver);
    this.dispatchEvent(new Event("change"));
  }

  get isRunning() { return this.uploads.some((upload) => !upload.isOver); }

  count(state) { return this.uploads.filter((upload) => upload.state === state).length; }

  /** Share of all bytes that left, 0…1. */
  get share() {
    const counted = this.uploads.filter((upload) => upload.state !== "failed" && upload.state !== "cancelled");
    const total = counted.reduce((sum, upload) => sum + upload.file.size, 0);
    const sent = counted.reduce((sum, upload) => sum + upload.sent, 0);
    return total === 0 ? 0 : sent / total;
  }

  #advance() {
    let free = concurrency - this.uploads.filter((upload) => upload.isActive).length;
    for (const upload of this.uploads) {
      if (free <= 0) break;
      if (upload.state !== "queued") continue;
      if (upload.file.size > Math.min(wholeBytes, (limits.formBytes ?? Infinity) - formRoom)) this.#sendInPieces(upload);
      else this.#send(upload);
      free -= 1;
    }
    this.dispatchEvent(new Event("change"));
  }

  #end(upload, state, error = null) {
    Object.assign(upload, { state, error, request: null, isInterrupted: false });
  }

  async #sendInPieces(upload) {
    const pieces = new ResumableUpload(upload.file);
    upload.request = pieces;
    upload.state = "sending";
    pieces.addEventListener("change", () => {
      if (upload.request !== pieces) return;
      const { sent, isInterrupted, isSaving } = pieces;
      Object.assign(upload, { sent, isInterrupted, state: isSaving ? "saving" : "sending" });
      this.dispatchEvent(new Event("change"));
    });
    try {
      const record = await pieces.run();
      if (upload.request === pieces && record) this.#stored(upload, record);
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      if (upload.request !== pieces) return;
      this.#end(upload, "failed", error);
      if (error.status === 401) session.dispatchEvent(new Event("lost"));
    }
    this.#advance();
  }

  #stored(upload, record) {
    this.#end(upload, "stored");
    upload.sent = upload.file.size;
    this.dispatchEvent(new CustomEvent("stored", { detail: { file: upload.file, record } }));
  }

  // XMLHttpRequest, because fetch still tells nothing about bytes on their way up.
  #send(upload) {
    const form = new FormData();
    form.append("file", upload.file, upload.file.name);
    const request = new XMLHttpRequest();
    upload.request = request;
    upload.state = "sending";
    const changed = () => this.dispatchEvent(new Event("change"));
    request.upload.addEventListener("progress", (event) => {
      // The form's own bytes count in the event: scale to the file.
      if (event.lengthComputable) upload.sent = Math.min(upload.file.size, (event.loaded / event.total) * upload.file.size);
      changed();
    });
    request.upload.addEventListener("load", () => {
      if (upload.state === "sending") Object.assign(upload, { state: "saving", sent: upload.file.size });
      changed();
    });
    request.addEventListener("loadend", () => {
      if (upload.request !== request) return;
      const answer = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300 && answer?.id) {
        this.#stored(upload, answer);
      } else {
        this.#end(upload, "failed", new APIError(request.status, answer, request.getResponseHeader("X-Error-Code")));
        if (request.status === 401) session.dispatchEvent(new Event("lost"));
      }
      this.#advance();
    });
    request.open("POST", "/api/media/");
    request.setRequestHeader("Accept", "application/json");
    for (const [name, value] of Object.entries(changeHeaders)) request.setRequestHeader(name, value);
    request.send(form);
  }
}
