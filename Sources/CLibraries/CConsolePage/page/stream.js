// The server's events as long as the page is seen. One that is not seen lets its stream go, and catches up when it is seen again: a browser
// opens six connections to a host, and eight windows must not need eight. When the stream is down it comes back by itself.
import { call, session } from "./api.js";
import { Seat } from "./stream-seat.js";

const askEvery = 4000;
const longestWait = 20_000;
/** After so many milliseconds unseen, to ask for lists anew costs less than to be told all that has happened. */
const resumedWithin = 600_000;

export class Stream {
  #topic;
  #types;
  #told;
  #seat = new Seat();
  #source = null;
  #lastID = null;
  #failures = 0;
  #retry = 0;
  #poll = 0;
  #isStarted = false;
  #isAwake = false;
  /** Grows with each sleep: what was begun before it does not go on after it. */
  #day = 0;
  #restingSince = null;
  /** Whether the page has missed nothing since it was loaded. */
  #isFirst = true;

  /**
   * @param {string} topic One, or several separated by commas. @param {string[]} types
   * @param {{ heard: (type: string, id: string, data: object) => void, missed: (missed: { isWhole: boolean }) => void,
   *   state?: (state: null | "lost" | "polling") => void }} told
   *   `missed`: something may have happened unheard; `isWhole` where that may have been anything, long ago.
   */
  constructor(topic, types, told) {
    this.#topic = topic;
    this.#types = types;
    this.#told = { state: () => null, ...told };
  }

  start() {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#isFirst = true;
    // A page may be loaded unseen.
    this.#restingSince = document.hidden ? Date.now() : null;
    document.addEventListener("visibilitychange", this.#look);
    addEventListener("pagehide", this.#rest);
    addEventListener("pageshow", this.#look);
    this.#look();
  }

  stop() {
    this.#isStarted = false;
    document.removeEventListener("visibilitychange", this.#look);
    removeEventListener("pagehide", this.#rest);
    removeEventListener("pageshow", this.#look);
    this.#rest();
    this.#lastID = null;
  }

  #look = () => { if (document.hidden) this.#rest(); else this.#wake(); };

  #wake() {
    if (this.#isAwake) return;
    this.#isAwake = true;
    if (this.#restingSince !== null) {
      this.#isFirst = false;
      if (Date.now() - this.#restingSince > resumedWithin) this.#lastID = null;
    }
    this.#seat.take();
    this.#open();
  }

  #rest = () => {
    if (!this.#isAwake) return;
    this.#isAwake = false;
    this.#day += 1;
    this.#restingSince = Date.now();
    this.#seat.leave();
    this.#source?.close();
    this.#source = null;
    this.#failures = 0;
    clearTimeout(this.#retry);
    this.#stopPolling();
  };

  async #open() {
    const day = this.#day;
    const isFree = await this.#seat.isFree();
    if (day !== this.#day) return;
    if (!isFree) {
      this.#isFirst = false;
      this.#stopPolling();
      this.#told.missed({ isWhole: true });
      noticeSignOut();
      this.#retry = setTimeout(() => this.#open(), askEvery);
      return;
    }
    const address = new URL("/api/events/", location.href);
    address.searchParams.set("topic", this.#topic);
    // A stream opened anew by hand has no Last-Event-ID header of its own.
    if (this.#lastID) address.searchParams.set("last_event_id", this.#lastID);
    const source = new EventSource(address);
    this.#source = source;
    source.addEventListener("open", () => {
      this.#failures = 0;
      this.#stopPolling();
      // Also the first time: something may have happened between a list's answer and the stream's beginning.
      this.#told.missed({ isWhole: !this.#isFirst });
      this.#isFirst = false;
    });
    source.addEventListener("error", () => this.#failed(source));
    for (const type of this.#types) {
      source.addEventListener(type, (event) => {
        this.#lastID = event.lastEventId || this.#lastID;
        const { subject, data } = JSON.parse(event.data);
        this.#told.heard(type, subject, data);
      });
    }
  }

  #stopPolling() {
    clearInterval(this.#poll);
    this.#poll = 0;
    this.#told.state(null);
  }

  #failed(source) {
    if (this.#source !== source) return;
    this.#failures += 1;
    if (!this.#poll) this.#poll = setInterval(() => this.#told.missed({ isWhole: false }), askEvery);
    // CLOSED: the server answered with something that is no stream, and the browser gives up.
    const isClosed = source.readyState === EventSource.CLOSED;
    this.#told.state(this.#failures > 1 || isClosed ? "polling" : "lost");
    if (!isClosed) return;
    noticeSignOut();
    this.#retry = setTimeout(() => this.#open(), Math.min(longestWait, 1000 * 2 ** Math.min(this.#failures, 5)));
  }
}

/** Signed out elsewhere: a list that everybody may ask for does not say so. */
async function noticeSignOut() {
  const state = await call("GET", "/api/session/").catch(() => null);
  if (state?.signed_in === false) session.dispatchEvent(new Event("lost"));
}
