// What the gallery's search and filter ask for, and what is said of what they found.
import { byID } from "./dom.js";
import { say } from "./language.js";

/** Event: `change` when something else is asked for. */
export class GalleryFilter extends EventTarget {
  #text = byID("search-text");
  #statuses = byID("status-filter");

  constructor() {
    super();
    let typing;
    const change = () => {
      clearTimeout(typing);
      this.dispatchEvent(new Event("change"));
    };
    byID("search").addEventListener("submit", (event) => { event.preventDefault(); change(); });
    this.#text.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(change, 250);
    });
    this.#statuses.addEventListener("change", change);
    byID("empty-action").addEventListener("click", () => {
      if (this.search === "" && this.status === "") return byID("choose").click();
      this.#text.value = "";
      this.#statuses.querySelector("input").checked = true;
      change();
    });
  }

  get search() { return this.#text.value.trim(); }
  get status() { return this.#statuses.querySelector(":checked").value; }
}

/** The word for what is counted: photos, videos, or both. What is further down is not known. */
function counted(records, isWhole) {
  const kinds = new Set(records.map(({ kind }) => kind));
  if (!kinds.has("video")) return "gallery.count";
  return kinds.size === 1 && isWhole ? "gallery.countVideos" : "gallery.countBoth";
}

/** @param {{ records: object[], count: number, isWhole: boolean, isFiltered: boolean }} shown */
export function showSummary({ records, count, isWhole, isFiltered }) {
  say(byID("gallery-count"), counted(records, isWhole), { count });
  byID("more").hidden = isWhole;
  byID("gallery-empty").hidden = records.length > 0;
  if (records.length > 0) return;
  byID("gallery-empty").querySelector("svg").toggleAttribute("hidden", isFiltered);
  say(byID("empty-heading"), isFiltered ? "empty.noMatch" : "empty.heading");
  say(byID("empty-explain"), isFiltered ? "empty.noMatchExplain" : "empty.explain");
  say(byID("empty-action"), isFiltered ? "empty.clear" : "choose");
}
