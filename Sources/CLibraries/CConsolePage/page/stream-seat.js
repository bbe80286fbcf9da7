// Which of a browser's windows have an event stream of their own: the first few that are seen. Windows ask each other.

const channelName = "agrovet.streams";
/** Browsers open six HTTP/1.1 connections to a host, for all windows together; a stream takes one for as long as it is open. */
const seats = 2;
/** How long the others have to answer, in milliseconds. They are seen, so their timers and messages are not held back. */
const answerWithin = 150;

const isBefore = (one, other) => one.time < other.time || (one.time === other.time && one.id < other.id);

export class Seat {
  /** Since when this window is seen: who came first sits first. */
  #claim = null;
  #channel = null;
  #earlier = 0;

  /** The window wants a stream from now on. */
  take() {
    this.#claim = { time: Date.now(), id: Math.random() };
    // Where there is none, everybody sits.
    if (!globalThis.BroadcastChannel) return;
    this.#channel = new BroadcastChannel(channelName);
    this.#channel.addEventListener("message", ({ data }) => {
      if (data.asks && isBefore(this.#claim, data.asks)) this.#channel.postMessage({ answers: data.asks.id });
      if (data.answers === this.#claim.id) this.#earlier += 1;
    });
  }

  leave() {
    this.#channel?.close();
    this.#channel = null;
  }

  /** Whether there is a seat for this window. */
  async isFree() {
    if (!this.#channel) return true;
    this.#earlier = 0;
    this.#channel.postMessage({ asks: this.#claim });
    await new Promise((resolve) => { setTimeout(resolve, answerWithin); });
    return this.#earlier < seats;
  }
}
