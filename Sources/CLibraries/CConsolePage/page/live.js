// Follows what happens to media, and says so where that is interrupted.
import { byID } from "./dom.js";
import { say } from "./language.js";
import { Stream } from "./stream.js";

const types = ["media.created", "media.ready", "media.failed", "media.progress", "media.updated", "media.deleted"];

/** Events: `media` with `detail` = { type, id, record }, and `stale` when the list may have changed unseen, with `detail` = { isWhole }. */
export class Live extends EventTarget {
  #stream = new Stream("media.events", types, {
    heard: (type, id, record) => this.dispatchEvent(new CustomEvent("media", { detail: { type, id, record } })),
    missed: (detail) => this.dispatchEvent(new CustomEvent("stale", { detail })),
    state: (state) => {
      byID("connection").hidden = state === null;
      if (state) say(byID("connection"), `live.${state}`);
    },
  });

  start() { this.#stream.start(); }
  stop() { this.#stream.stop(); }
}
