// Follows the server's events. When the stream is down it comes back by itself, and meanwhile the list is asked again.
import { byID } from "./dom.js";
import { say } from "./language.js";

const types = ["media.created", "media.ready", "media.failed", "media.progress", "media.updated", "media.deleted"];
const pollEvery = 4000;
const longestWait = 20000;

/** Events: `media` with `detail` = { type, id, record }, and `stale` when the list may have changed unseen. */
export class Live extends EventTarget {
  #stream = null;
  #lastID = null;
  #failures = 0;
  #retry = 0;
  #poll = 0;

  start() {
    const address = new URL("/api/events/", location.href);
    address.searchParams.set("topic", "media.events");
    // A stream opened anew by hand has no Last-Event-ID header of its own.
    if (this.#lastID) address.searchParams.set("last_event_id", this.#lastID);
    const stream = new EventSource(address);
    this.#stream = stream;
    stream.addEventListener("open", () => {
      this.#failures = 0;
      clearInterval(this.#poll);
      this.#poll = 0;
      this.#tell(null);
      // Something may have happened between the list's answer and the stream's beginning.
      this.dispatchEvent(new Event("stale"));
    });
    stream.addEventListener("error", () => {
      this.#failures += 1;
      this.#startPolling();
      this.#tell(this.#failures > 1 || stream.readyState === EventSource.CLOSED ? "live.polling" : "live.lost");
      // CLOSED: the server answered with something that is no stream, and the browser gives up.
      if (stream.readyState !== EventSource.CLOSED || this.#stream !== stream) return;
      this.#retry = setTimeout(() => this.start(), Math.min(longestWait, 1000 * 2 ** Math.min(this.#failures, 5)));
    });
    for (const type of types) {
      stream.addEventListener(type, (event) => {
        this.#lastID = event.lastEventId || this.#lastID;
        const { subject, data } = JSON.parse(event.data);
        this.dispatchEvent(new CustomEvent("media", { detail: { type, id: subject, record: data } }));
      });
    }
  }

  stop() {
    this.#stream?.close();
    this.#stream = null;
    clearTimeout(this.#retry);
    clearInterval(this.#poll);
    this.#poll = 0;
    this.#tell(null);
  }

  #startPolling() {
    if (!this.#poll) this.#poll = setInterval(() => this.dispatchEvent(new Event("stale")), pollEvery);
  }

  #tell(key) {
    byID("connection").hidden = key === null;
    if (key) say(byID("connection"), key);
  }
}
