// One file on its way into a bucket: a small one whole, a large one in parts, each of which is tried again where the network breaks.
// No element of the page is touched here.
import { APIError, call, changeHeaders, parsed } from "../api.js";
import { bucketPath, query } from "./paths.js";

/** Files of more bytes go in parts. */
const wholeBytes = 16 * 1024 * 1024;
const smallestPart = 16 * 1024 * 1024;
/** Parts of an upload, at most; S3 allows 10,000. */
const mostParts = 9000;
/** Tries of one part or of a small file, and the longest wait between two. */
const attempts = 8;
const [firstWait, longestWait] = [500, 15_000];

const passes = (error) =>
  error instanceof APIError && (error.status === 0 || error.status === 429 || (error.status >= 500 && error.status !== 507));

export class Transfer {
  #file;
  #bucket;
  #key;
  #onProgress;
  #request = null;
  #upload = null;
  #isOver = false;
  #wake = null;

  /** @param {(sent: number) => void} onProgress Bytes that left so far. */
  constructor(file, bucket, key, onProgress) {
    this.#file = file;
    this.#bucket = bucket;
    this.#key = key;
    this.#onProgress = onProgress;
  }

  /** The object that the file became; null where it was aborted. Throws APIError. */
  async run() {
    try {
      return this.#file.size > wholeBytes ? await this.#sendInParts() : await this.#sendWhole();
    } catch (error) {
      if (this.#isOver) return null;
      this.#giveUp();
      throw error;
    }
  }

  abort() {
    this.#isOver = true;
    this.#request?.abort();
    this.#wake?.();
    this.#giveUp();
  }

  #sendWhole() {
    return this.#put(query(this.#bucket, "content/", { key: this.#key }), this.#file, 0);
  }

  async #sendInParts() {
    const { name, size, type } = this.#file;
    const body = { key: this.#key, content_type: type || typeOf(name) };
    this.#upload = (await call("POST", bucketPath(this.#bucket, "uploads/"), { body })).id;
    const partSize = Math.max(smallestPart, Math.ceil(size / mostParts));
    for (let start = 0, number = 1; start < size; start += partSize, number += 1) {
      if (this.#isOver) return null;
      await this.#put(this.#uploadPath(`${number}/`), this.#file.slice(start, start + partSize), start);
    }
    if (this.#isOver) return null;
    const object = await this.#complete();
    this.#upload = null;
    return object;
  }

  /** The answer may be lost on its way though the object is there: then the upload is not known any more, and the object is asked for. */
  async #complete() {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call("POST", this.#uploadPath("complete/"));
      } catch (error) {
        if (attempt > 1 && error.code === "no_such_upload") {
          const object = await call("GET", query(this.#bucket, "object/", { key: this.#key }));
          if (object.size === this.#file.size) return object;
        }
        if (this.#isOver || attempt === attempts || !passes(error)) throw error;
        await this.#wait(attempt);
      }
    }
  }

  #uploadPath(rest = "") { return query(this.#bucket, `uploads/${encodeURIComponent(this.#upload)}/${rest}`, { key: this.#key }); }

  /** The parts that came take room until they are given up. */
  #giveUp() {
    if (!this.#upload) return;
    call("DELETE", this.#uploadPath()).catch(() => null);
    this.#upload = null;
  }

  async #put(path, bytes, start) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#exchange(path, bytes, start);
      } catch (error) {
        if (this.#isOver || attempt === attempts || !passes(error)) throw error;
        await this.#wait(attempt);
        if (this.#isOver) throw error;
      }
    }
  }

  // XMLHttpRequest, because fetch still tells nothing about bytes on their way up.
  #exchange(path, bytes, start) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      this.#request = request;
      request.open("PUT", path);
      const type = bytes.type || typeOf(this.#file.name);
      const headers = { Accept: "application/json", "Content-Type": type, ...changeHeaders };
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", (event) => this.#onProgress(start + Math.min(event.loaded, bytes.size)));
      request.addEventListener("loadend", () => {
        if (this.#request === request) this.#request = null;
        const answer = parsed(request.responseText);
        if (request.status >= 200 && request.status < 300) resolve(answer);
        else reject(new APIError(request.status, answer, request.getResponseHeader("X-Error-Code")));
      });
      request.send(bytes);
    });
  }

  /** Longer each time, and not at the same moment for all. */
  #wait(attempt) {
    const milliseconds = Math.min(longestWait, firstWait * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => { clearTimeout(timer); resolve(); };
    });
  }
}

/** Browsers know few types by name; these are what farms and clinics exchange. */
function typeOf(name) {
  const known = { csv: "text/csv", json: "application/json", md: "text/markdown", txt: "text/plain", xml: "application/xml", avif: "image/avif", heic: "image/heic", webp: "image/webp" };
  return known[name.split(".").at(-1).toLowerCase()] ?? "application/octet-stream";
}
