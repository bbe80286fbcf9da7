// The gallery: the list as the server answers it, kept current by events.
import { APIError, call, mediaPath } from "./api.js";
import { Card, nameOf } from "./card.js";
import { byID } from "./dom.js";
import { reasonOf } from "./failure.js";
import { say } from "./language.js";
import { announce } from "./notices.js";
import { forgetPreview, keepPreview } from "./picture.js";
import { startRoving } from "./roving.js";

const pageSize = 40;
/** Photos still in the making that are asked for one by one when events were missed. */
const askedSingly = 20;

/** Events: `change` with `detail` = id when a photo's record changed or went. */
export class Gallery extends EventTarget {
  /** id → Card, in no order; the order is the document's. */
  #cards = new Map();
  /** Photos that were seen to be deleted: a list answered before that must not bring them back. */
  #gone = new Set();
  /** What was heard since the list was last asked for: its answer may be older. id → record */
  #heardMeanwhile = new Map();
  #count = 0;
  #next = null;
  #asking = null;
  #loaded = false;
  /** A first page is on its way, and whether to ask again after it. */
  #loading = false;
  #again = false;
  #list = byID("gallery");
  #keepStop = startRoving(this.#list);
  #open;

  /** @param {(id: string) => void} open Shows one photo. */
  constructor(open) {
    super();
    this.#open = open;
    let typing;
    byID("search").addEventListener("submit", (event) => { event.preventDefault(); this.load(); });
    byID("search-text").addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.load(), 250);
    });
    byID("status-filter").addEventListener("change", () => this.load());
    byID("more").addEventListener("click", () => this.#more());
    byID("empty-action").addEventListener("click", () => (this.#isFiltered ? this.#showAll() : byID("choose").click()));
  }

  get #search() { return byID("search-text").value.trim(); }
  get #status() { return byID("status-filter").querySelector(":checked").value; }
  get #isFiltered() { return this.#search !== "" || this.#status !== ""; }

  /** Whether a photo that just came would stand in the list; what matches a search only the server knows. */
  #belongs(record) { return this.#search === "" && (this.#status === "" || this.#status === record.status); }

  record(id) { return this.#cards.get(id)?.record; }
  get ids() { return [...this.#list.children].map((element) => element.dataset.id); }

  /** The photo before or after `id`, or undefined at either end. */
  neighbour(id, step) {
    const ids = this.ids;
    return ids.includes(id) ? ids[ids.indexOf(id) + step] : undefined;
  }

  /** Focus on the photo, or on the first where it is not there. */
  focus(id) {
    const card = this.#cards.get(id) ?? this.#cards.get(this.ids[0]);
    (card?.button ?? byID("main")).focus();
  }

  /** Asks for the first page and shows it alone. */
  async load() {
    this.#loading = true;
    const page = await this.#ask(this.#address());
    if (page === undefined) return;
    this.#loading = false;
    if (page === null) return;
    this.#loaded = true;
    const wanted = new Set(page.results.map(({ id }) => id));
    for (const id of this.ids) if (!wanted.has(id) && !this.#heardMeanwhile.has(id)) this.#drop(id);
    this.#place(page.results);
    this.#next = page.next;
    this.#summarize(page.count);
    if (this.#again) await this.refresh();
  }

  /** Asks for the first page again and merges it into what is shown. */
  async refresh() {
    this.#again = this.#loading;
    if (this.#loading) return;
    if (!this.#loaded) return this.load();
    const unfinished = this.ids.filter((id) => this.record(id).status === "processing");
    const page = await this.#ask(this.#address(), { quiet: true });
    if (!page) return;
    const listed = new Set(page.results.map(({ id }) => id));
    const last = page.results.at(-1)?.created ?? "";
    // What is newer than the page's end and not on it is gone; what is older is on later pages.
    const isGone = (id) => !listed.has(id) && !this.#heardMeanwhile.has(id) && (page.next === null || this.record(id).created > last);
    for (const id of this.ids) if (isGone(id)) this.#drop(id);
    this.#place(page.results);
    if (this.ids.length <= page.results.length) this.#next = page.next;
    this.#summarize(page.count);
    for (const id of unfinished.filter((id) => !listed.has(id)).slice(0, askedSingly)) await this.fetch(id);
  }

  /** Asks for one photo; undefined where it is not there. */
  async fetch(id) {
    try {
      const record = await call("GET", mediaPath(id));
      this.put(record);
      return record;
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      if (error.status === 404) this.remove(id);
      return undefined;
    }
  }

  /** A file of this page was stored: its own bytes serve as preview. */
  stored(record, file) {
    this.#heardMeanwhile.set(record.id, record);
    const known = this.record(record.id);
    if ((known ?? record).status === "processing") keepPreview(record.id, file);
    if (known) this.#cards.get(record.id).refresh();
    else this.#arrive(record);
  }

  /** What the event stream told. */
  heard({ type, id, record }) {
    if (type === "media.deleted") return this.remove(id);
    this.#heardMeanwhile.set(id, record);
    const known = this.record(id);
    // An event may come after a newer answer.
    if (known && known.updated > record.updated) return;
    if (known) this.put(record);
    else if (type === "media.created") this.#arrive(record);
    if (known?.status !== "processing") return;
    const name = nameOf(record);
    if (record.status === "ready") announce("card.ready", { name });
    if (record.status === "failed") announce("card.failed", { name, reason: reasonOf(record).text });
  }

  /** Shows a record's new state, where the photo is in the list. */
  put(record) {
    const card = this.#cards.get(record.id);
    if (!card) return;
    if (record.status !== "processing" && record.status !== "ready") forgetPreview(record.id);
    card.show(record);
    this.dispatchEvent(new CustomEvent("change", { detail: record.id }));
  }

  remove(id) {
    this.#gone.add(id);
    if (!this.#cards.has(id)) return;
    this.#drop(id);
    this.#summarize(this.#count - 1);
    this.dispatchEvent(new CustomEvent("change", { detail: id }));
  }

  /** Empties the list at sign-out. */
  clear() {
    this.#asking?.abort();
    for (const id of this.ids) this.#drop(id);
    this.#loaded = false;
    this.#loading = false;
    this.#next = null;
  }

  #arrive(record) {
    if (this.#gone.has(record.id) || this.#cards.has(record.id) || !this.#belongs(record)) return;
    this.#place([record]);
    this.#summarize(this.#count + 1);
  }

  #drop(id) {
    const card = this.#cards.get(id);
    const held = card.element.contains(document.activeElement);
    const next = card.element.nextElementSibling ?? card.element.previousElementSibling;
    card.element.remove();
    this.#cards.delete(id);
    forgetPreview(id);
    this.#keepStop();
    if (held) (next?.querySelector("button") ?? byID("main")).focus();
  }

  /** Newest first, as the server orders them: UUIDv7 begins with the time, so equal times are ordered too. */
  #place(records) {
    for (const record of records) {
      if (this.#gone.has(record.id)) continue;
      if (this.#cards.has(record.id)) {
        if (this.record(record.id).updated < record.updated) this.put(record);
        continue;
      }
      const card = new Card(record, this.#open);
      this.#cards.set(record.id, card);
      const after = [...this.#list.children].find((element) => isOlder(this.record(element.dataset.id), record));
      this.#list.insertBefore(card.element, after ?? null);
    }
    for (const record of records) {
      const heard = this.#heardMeanwhile.get(record.id);
      if (heard && this.record(record.id)?.updated < heard.updated) this.put(heard);
    }
    this.#keepStop();
  }

  #address() {
    const address = new URL("/api/media/", location.href);
    address.searchParams.set("page_size", String(pageSize));
    if (this.#search) address.searchParams.set("search", this.#search);
    if (this.#status) address.searchParams.set("status", this.#status);
    return address.pathname + address.search;
  }

  async #more() {
    const had = this.ids.length;
    const next = new URL(this.#next, location.href);
    const page = await this.#ask(next.pathname + next.search);
    if (!page) return;
    this.#place(page.results);
    this.#next = page.next;
    this.#summarize(page.count);
    announce("gallery.shown", { count: this.ids.length - had });
    this.#cards.get(this.ids[had])?.button.focus();
  }

  #showAll() {
    byID("search-text").value = "";
    byID("status-filter").querySelector("input").checked = true;
    this.load();
  }

  /** A page of the list; undefined where a later question overtook this one, null where it failed (which is then said). */
  async #ask(address, { quiet = false } = {}) {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#heardMeanwhile.clear();
    try {
      const page = await call("GET", address, { signal: asking.signal });
      byID("gallery-problem").hidden = true;
      return page;
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      if (!(error instanceof APIError)) throw error;
      if (!quiet && error.status !== 401) {
        say(byID("gallery-problem"), "as.given", { text: () => error.explain().text });
        byID("gallery-problem").hidden = false;
      }
      return null;
    }
  }

  /** The word for what is counted: photos, videos, or both. What is on later pages is not known. */
  #counted() {
    const kinds = new Set(this.ids.map((id) => this.record(id).kind));
    if (!kinds.has("video")) return "gallery.count";
    return kinds.size === 1 && this.#next === null ? "gallery.countVideos" : "gallery.countBoth";
  }

  #summarize(count) {
    this.#count = Math.max(count, this.ids.length);
    say(byID("gallery-count"), this.#counted(), { count: this.#count });
    byID("more").hidden = this.#next === null;
    const none = this.ids.length === 0;
    byID("gallery-empty").hidden = !none;
    if (!none) return;
    byID("gallery-empty").querySelector("svg").toggleAttribute("hidden", this.#isFiltered);
    say(byID("empty-heading"), this.#isFiltered ? "empty.noMatch" : "empty.heading");
    say(byID("empty-explain"), this.#isFiltered ? "empty.noMatchExplain" : "empty.explain");
    say(byID("empty-action"), this.#isFiltered ? "empty.clear" : "choose");
  }
}

const isOlder = (one, other) => one.created < other.created || (one.created === other.created && one.id < other.id);
