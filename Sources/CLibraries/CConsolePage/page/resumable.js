// One large file on its way up in pieces, by tus 1.0 (docs/UPLOADS.md): what the server has got survives a broken network,
// a restart of the server and a reload of the page. No element of the page is touched here.
import { APIError, call, changeHeaders, parsed } from "./api.js";

/** Bytes of one request: small enough to pass proxies, and to lose little where a connection breaks without a word. */
const pieceSize = 16 * 1024 * 1024;
/** Failures in a row, without one byte more on the server, before it is given up: about ten minutes. */
const attempts = 45;
/** Tries to have an upload removed that was given up; where all fail it expires. */
const terminations = 8;
const [firstWait, longestWait] = [500, 15_000];

const path = "/api/media/uploads/";
const kept = "agrovet.upload.";
/** Uploads that are remembered; the oldest go first. */
const remembered = 50;

/** What an answer says that another try may change. */
const passes = (error) =>
  error instanceof APIError
  && (error.status === 0 || [409, 423, 429, 460].includes(error.status) || (error.status >= 500 && error.status !== 507));

/** Where an upload of this very file was left off, also before the page was loaded. */
class Memory {
  constructor(file) { this.key = kept + [file.name, file.size, file.lastModified].join("|"); }

  get url() {
    const entry = parsed(localStorage.getItem(this.key) ?? "");
    // Only ever an address of this server's uploads.
    return typeof entry?.url === "string" && entry.url.startsWith(path) ? entry.url : null;
  }

  keep(url) {
    const time = (key) => parsed(localStorage.getItem(key) ?? "")?.time ?? 0;
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(kept)).sort((a, b) => time(a) - time(b));
    for (const key of keys.slice(0, Math.max(0, keys.length - remembered + 1))) localStorage.removeItem(key);
    // A full or forbidden storage costs the memory, not the upload.
    try { localStorage.setItem(this.key, JSON.stringify({ url, time: Date.now() })); } catch { /* see above */ }
  }

  forget() { localStorage.removeItem(this.key); }
}

/** Events: `change` whenever `sent`, `isInterrupted` or `isSaving` may have changed. */
export class ResumableUpload extends EventTarget {
  /** Bytes that left so far. */
  sent = 0;
  /** The server cannot be reached just now. */
  isInterrupted = false;
  /** All bytes have left. */
  isSaving = false;

  #file;
  #memory;
  #url;
  /** Bytes that the server has; null where it has to be asked. */
  #offset = null;
  /** The most that the server has had. */
  #furthest = 0;
  #media = null;
  #failures = 0;
  #isOver = false;
  #request = null;
  #wake = null;

  constructor(file) {
    super();
    this.#file = file;
    this.#memory = new Memory(file);
    this.#url = this.#memory.url;
  }

  /** The record that the file became; null where it was aborted. Throws APIError. */
  async run() {
    while (!this.#isOver) {
      try {
        const record = await this.#step();
        if (this.#isOver) break;
        this.#say({ isInterrupted: false });
        if (!record) continue;
        this.#memory.forget();
        return record;
      } catch (error) {
        if (this.#isOver) break;
        if (!passes(error)) {
          // The session may come back; what was refused stays refused.
          if (error.status !== 401) this.#memory.forget();
          throw error;
        }
        this.#failures += 1;
        if (this.#failures > attempts) throw error;
        this.#offset = null;
        this.#say({ isInterrupted: true, isSaving: false });
        await this.#pause();
      }
    }
    return null;
  }

  /** Ends it. What the server has is given up as well, unless it is to be gone on with later. */
  abort({ keep = false } = {}) {
    this.#isOver = true;
    this.#request?.abort();
    this.#wake?.();
    if (keep) return;
    this.#memory.forget();
    if (this.#url && !this.#media) this.#giveUp(this.#url);
  }

  /** The server may not have noticed yet that the piece under way has been broken off (423), or be out of reach. */
  async #giveUp(url) {
    for (let attempt = 0; attempt < terminations; attempt += 1) {
      try {
        await this.#exchange("DELETE", url);
        return;
      } catch (error) {
        if (!passes(error)) return;
        await new Promise((resolve) => { setTimeout(resolve, Math.min(longestWait, firstWait * 2 ** attempt)); });
      }
    }
  }

  async #step() {
    if (this.#media) return call("GET", this.#media);
    if (!this.#url) await this.#create();
    else if (this.#offset === null) await this.#ask();
    else await this.#sendPiece();
    return null;
  }

  async #create() {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.#file.name)));
    const request = await this.#exchange("POST", path, {
      "Upload-Length": this.#file.size, ...(name ? { "Upload-Metadata": `filename ${name}` } : {}),
    });
    this.#url = new URL(request.getResponseHeader("Location"), location.href).pathname;
    this.#memory.keep(this.#url);
    this.#offset = 0;
  }

  /** How far the server has come. */
  async #ask() {
    try {
      this.#heard(await this.#exchange("HEAD", this.#url));
    } catch (error) {
      if (error.status !== 404 && error.status !== 410) throw error;
      // It expired, or it is another person's: from the start.
      this.#memory.forget();
      this.#url = null;
      this.#say({ sent: 0 });
      return;
    }
    // Complete, and the server is just making a record of it.
    if (this.#offset === this.#file.size && !this.#media) throw new APIError(423, null);
    this.#say({ sent: this.#offset });
  }

  async #sendPiece() {
    const start = this.#offset;
    const piece = this.#file.slice(start, start + pieceSize);
    const request = await this.#exchange(
      "PATCH", this.#url, { "Upload-Offset": start, "Content-Type": "application/offset+octet-stream" }, piece,
      (loaded) => this.#say({ sent: start + Math.min(loaded, piece.size), isInterrupted: false }),
      () => { if (start + piece.size === this.#file.size) this.#say({ sent: this.#file.size, isSaving: true }); });
    this.#heard(request);
    this.#say({ sent: this.#offset });
  }

  #heard(request) {
    this.#offset = Number(request.getResponseHeader("Upload-Offset"));
    this.#media = request.getResponseHeader("Agrovet-Media");
    if (this.#offset > this.#furthest || this.#media) this.#failures = 0;
    this.#furthest = Math.max(this.#furthest, this.#offset);
  }

  // XMLHttpRequest, because fetch still tells nothing about bytes on their way up.
  #exchange(method, url, headers = {}, body = null, onProgress = null, onSent = null) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      const all = { Accept: "application/json", "Tus-Resumable": "1.0.0", ...changeHeaders, ...headers };
      for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
      if (onProgress) request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
      if (onSent) request.upload.addEventListener("load", onSent);
      request.addEventListener("loadend", () => {
        if (this.#request === request) this.#request = null;
        if (request.status >= 200 && request.status < 300) resolve(request);
        else reject(new APIError(request.status, parsed(request.responseText), request.getResponseHeader("X-Error-Code")));
      });
      if (method !== "DELETE") this.#request = request;
      request.send(body);
    });
  }

  /** Longer each time, not at the same moment for all, and no longer than until the network is back. */
  #pause() {
    const wait = Math.min(longestWait, firstWait * 2 ** (this.#failures - 1)) * (0.5 + Math.random() / 2);
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        removeEventListener("online", done);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(done, wait);
      addEventListener("online", done);
      this.#wake = done;
    });
  }

  #say(state) {
    Object.assign(this, state);
    if (!this.#isOver) this.dispatchEvent(new Event("change"));
  }
}
