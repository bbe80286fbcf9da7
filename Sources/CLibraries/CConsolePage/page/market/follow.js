// What happens on the server while a view is shown: by the event stream for who is signed in, else by asking now and then.
import { Stream } from "../stream.js";
import { me } from "./me.js";

const askEvery = 3000;

/**
 * Follows topics (separated by commas) until the function that it returns is called.
 * @param {string} topic @param {string[]} types
 * @param {(type: string, id: string, data: object) => void} heard
 * @param {() => void} missed Something may have happened unheard: the list has to be asked again.
 */
export function follow(topic, types, heard, missed) {
  if (!me.user) {
    const timer = setInterval(() => { if (!document.hidden) missed(); }, askEvery);
    return () => clearInterval(timer);
  }
  const stream = new Stream(topic, types, { heard, missed });
  stream.start();
  return () => stream.stop();
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
