// What happens on the server while a view is shown: by the event stream for who is signed in, else by asking now and then.
import { me } from "./me.js";

const askEvery = 3000;
const longestWait = 30_000;

/**
 * Follows topics (separated by commas) until the function that it returns is called.
 * @param {string} topic @param {string[]} types
 * @param {(type: string, id: string, data: object) => void} heard
 * @param {() => void} missed Something may have happened unheard: the list has to be asked again.
 */
export function follow(topic, types, heard, missed) {
  let stream = null;
  let timer = 0;
  let failures = 0;
  let last = null;

  function open() {
    const address = new URL("/api/events/", location.href);
    address.searchParams.set("topic", topic);
    if (last) address.searchParams.set("last_event_id", last);
    stream = new EventSource(address);
    stream.addEventListener("open", () => { failures = 0; missed(); });
    stream.addEventListener("error", () => {
      failures += 1;
      // CLOSED: the server answered with something that is no stream, and the browser gives up.
      if (stream?.readyState !== EventSource.CLOSED) return;
      missed();
      timer = setTimeout(open, Math.min(longestWait, askEvery * failures));
    });
    for (const type of types) {
      stream.addEventListener(type, (event) => {
        last = event.lastEventId || last;
        const { subject, data } = JSON.parse(event.data);
        heard(type, subject, data);
      });
    }
  }

  if (me.user) open();
  else timer = setInterval(() => { if (!document.hidden) missed(); }, askEvery);
  return () => {
    stream?.close();
    stream = null;
    // One of the two: both kinds of timers share their numbers (WHATWG HTML section 8.7).
    clearTimeout(timer);
  };
}

const mediaTypes = ["media.ready", "media.failed", "media.updated", "media.deleted"];
/**
 * @param {(id: string, record: object|null) => void} changed The record as it is now, or null where it is gone.
 * @param {{ topic: string, types: string[], heard: (id: string) => void }} [also] Another topic, in the same stream: browsers open six
 *   connections to a host, and a stream takes one for as long as it is open.
 */
export const followMedia = (changed, missed, also = { topic: null, types: [], heard() {} }) =>
  follow(["media.events", also.topic].filter(Boolean).join(","), [...mediaTypes, ...also.types], (type, id, record) => {
    if (mediaTypes.includes(type)) changed(id, type === "media.deleted" ? null : record);
    else also.heard(id);
  }, missed);
