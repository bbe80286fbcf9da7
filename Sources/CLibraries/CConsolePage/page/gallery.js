// The gallery: the list as the server answers it, kept current by events.
import { APIError, call, mediaPath } from "./api.js";
import { nameOf } from "./card.js";
import { CardList } from "./card-list.js";
import { byID } from "./dom.js";
import { reasonOf } from "./failure.js";
import { GalleryFilter, showSummary } from "./gallery-filter.js";
import { isOlder, largestPage, Listing } from "./listing.js";
import { News } from "./news.js";
import { announce } from "./notices.js";
import { forgetPreview, keepPreview } from "./picture.js";
import { Questions } from "./questions.js";

/** Photos that are asked for one by one when events were missed, or leave open whether they belong here. */
const askedSingly = 20;
/** How long after an event that leaves something open the list is asked again, in milliseconds. */
const soon = 1000;
/** Pieces of the list that are asked for at most to see whether what is shown is still there. */
const wholePieces = 10;

/** Events: `change` with `detail` = { id, record } when a photo changed (null: it is gone), `counted` when photos came or went. */
export class Gallery extends EventTarget {
  #cards;
  /** What the list shows; null before the first question. @type {Listing|null} */
  #listing = null;
  /** All of the list that is not older than this photo is shown; null where all is. */
  #end = null;
  /** The newest when the server was last asked: from there to the end nothing is missing. */
  #top = null;
  #count = 0;
  #isLoaded = false;
  #news = new News();
  /** Whether photos came or went since the server was asked: its answer may or may not count them. */
  #isCountOpen = false;
  /** Photos of which only the server knows whether they match the search. id → record */
  #unsure = new Map();
  #questions = new Questions();
  #renewing = null;
  #isWholeWanted = false;
  #timer = 0;
  #filter = new GalleryFilter();

  /** @param {(id: string) => void} open Shows one photo. */
  constructor(open) {
    super();
    this.#cards = new CardList(open);
    this.#filter.addEventListener("change", () => this.load());
    byID("more").addEventListener("click", () => this.#showMore());
  }

  record(id) { return this.#cards.record(id); }
  focus(id) { this.#cards.focus(id); }

  /** Whether all that is as new as the photo is shown. */
  #reaches(record) { return this.#end === null || !isOlder(record, this.#end); }

  /** The id of the photo before (-1) or after (1) this one, which may itself be filtered out; undefined where none is shown. */
  neighbour(record, step) {
    if (!this.#reaches(record)) return undefined;
    const { records } = this.#cards;
    return (step > 0 ? records.find((other) => isOlder(other, record)) : records.findLast((other) => isOlder(record, other)))?.id;
  }

  /** Whether there are photos behind this one that are not shown yet. */
  goesOnBehind(record) { return this.#end !== null && this.#reaches(record); }

  /** Asks what the search and the filter want, and shows the newest of it alone. */
  load() {
    const listing = new Listing(this.#filter);
    this.#listing = listing;
    this.#isLoaded = false;
    this.#end = null;
    this.#top = null;
    this.#questions.abort();
    return this.#questions.inTurn(async () => {
      if (listing === this.#listing) await this.#renew(listing, { isNew: true });
    });
  }

  /** Asks for the newest again and merges it into what is shown; `isWhole`: for all that is shown. */
  refresh({ isWhole = false } = {}) {
    this.#isWholeWanted ||= isWhole;
    this.#renewing ??= this.#questions.inTurn(async () => {
      const options = { isNew: !this.#isLoaded, isQuiet: this.#isLoaded, isWhole: this.#isWholeWanted };
      this.#renewing = null;
      this.#isWholeWanted = false;
      if (this.#listing) await this.#renew(this.#listing, options);
    });
    return this.#renewing;
  }

  /** Shows the photos behind those that are shown. @returns {Promise<boolean>} Whether the server answered. */
  more() {
    return this.#questions.inTurn(async () => {
      const [listing, end] = [this.#listing, this.#end];
      if (!end) return true;
      const piece = await this.#ask((signal) => listing.from(end, signal));
      if (!piece || listing !== this.#listing) return false;
      const newer = this.#cards.records.filter(({ created }) => created > end.created).length;
      this.#place(piece.results);
      this.#end = piece.isLast ? null : piece.results.at(-1);
      this.#summarize(newer + piece.count);
      this.#settle();
      return true;
    });
  }

  async #renew(listing, { isNew, isQuiet = false, isWhole = false }) {
    const unfinished = this.#cards.records.filter(({ status }) => status === "processing");
    const first = await this.#ask((signal) => listing.first(signal), isQuiet);
    if (!first || listing !== this.#listing) return;
    this.#isLoaded = true;
    const last = first.results.at(-1) ?? null;
    // Where the newest of before is not reached, what stands between is not known.
    const joins = this.#top !== null && last !== null && !isOlder(this.#top, last);
    const keeps = !isNew && last !== null && (joins || (isWhole && this.#top !== null));
    this.#take(first.results, (record) => first.isLast || !keeps || !isOlder(record, last));
    this.#top = first.results[0] ?? null;
    if (first.isLast) this.#end = null;
    else if (!keeps) this.#end = last;
    else if (isWhole || (this.#end === null && first.count !== this.#cards.ids.length)) await this.#verify(listing, last);
    if (listing !== this.#listing) return;
    this.#summarize(first.count);
    const listed = new Set(first.results.map(({ id }) => id));
    for (const { id } of unfinished.filter(({ id }) => !listed.has(id)).slice(0, askedSingly)) await this.#fetch(id);
    await this.#ascertain(listing);
    this.#settle();
  }

  /** Asks for all that is shown behind `last`. */
  async #verify(listing, last) {
    const isBehind = (record) => isOlder(record, last);
    for (let count = 0; count < wholePieces && this.#cards.records.some(isBehind); count += 1) {
      const begin = last;
      const piece = await this.#ask((signal) => listing.from(begin, signal, largestPage), true);
      if (listing !== this.#listing) return;
      if (!piece) break;
      last = piece.results.at(-1) ?? last;
      this.#take(piece.results, (record) => record.created <= begin.created && (piece.isLast || !isOlder(record, last)));
      this.#end = piece.isLast ? null : last;
      if (piece.isLast) return;
    }
    // What could not be asked for may be gone, or have others before it: it is shown when it is asked for.
    for (const { id } of this.#cards.records.filter(isBehind)) this.#cards.drop(id);
    this.#end = last;
  }

  /** Shows a piece of the list; of those that it `covers` and does not have, only what has come since it was asked for stays. */
  #take(results, covers) {
    const listed = new Set(results.map(({ id }) => id));
    const stays = (id) => this.#news.isSinceAsked(id) && !this.#listing.isSearched && this.#listing.admits(this.record(id));
    const goes = (record) => covers(record) && !listed.has(record.id) && !stays(record.id);
    for (const { id } of this.#cards.records.filter(goes)) this.#cards.drop(id);
    this.#place(results);
  }

  /** Asks of photos whether they match the search, as far as the list's beginning did not say so. */
  async #ascertain(listing) {
    const open = [...this.#unsure.values()].filter((record) => !this.#cards.has(record.id) && this.#reaches(record)).slice(0, askedSingly);
    this.#unsure.clear();
    for (const record of open) {
      const isThere = await this.#ask((signal) => listing.holds(record, signal), true);
      if (listing !== this.#listing) return;
      if (isThere) this.#place([record]);
    }
    if (open.length > 0) this.#summarize(this.#count);
  }

  #settle() {
    if (this.#isCountOpen && this.#end !== null) this.#refreshSoon();
  }

  #refreshSoon() {
    this.#timer ||= setTimeout(() => { this.#timer = 0; this.refresh(); }, soon);
  }

  async #fetch(id) {
    try {
      this.put(await call("GET", mediaPath(id)));
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      if (error.status === 404) this.remove(id);
    }
  }

  /** A file of this page was stored: its own bytes serve as preview. */
  stored(record, file) {
    const newest = this.#news.take(record);
    if (newest.status === "processing") keepPreview(record.id, file);
    if (this.#cards.has(record.id)) this.#cards.redraw(record.id);
    else this.#consider(newest, true);
  }

  /** What the event stream told. */
  heard({ type, id, record }) {
    if (type === "media.deleted") return this.remove(id);
    const before = this.record(id) ?? this.#news.record(id);
    // An event may come after a newer answer.
    if (this.#news.take(record) !== record || this.record(id)?.updated > record.updated) return;
    const isShown = this.#cards.has(id);
    this.put(record);
    if (!isShown && type !== "media.progress") this.#consider(record, type === "media.created");
    if (before?.status !== "processing") return;
    const name = nameOf(record);
    if (record.status === "ready") announce("card.ready", { name });
    if (record.status === "failed") announce("card.failed", { name, reason: reasonOf(record).text });
  }

  /** Shows a record's new state, where the photo is in the list. One that is older than what is shown is none. */
  put(record) {
    if (this.record(record.id)?.updated > record.updated) return;
    if (record.status !== "processing" && record.status !== "ready") forgetPreview(record.id);
    if (this.#cards.has(record.id)) {
      if (this.#listing.admits(record)) this.#cards.show(record);
      else this.#leave(record.id);
    }
    this.dispatchEvent(new CustomEvent("change", { detail: { id: record.id, record } }));
  }

  remove(id) {
    if (this.#news.isGone(id)) return;
    this.#news.goes(id);
    forgetPreview(id);
    if (this.#cards.has(id)) this.#leave(id);
    // Whether it stood further down only the server knows.
    else if (this.#end !== null) this.#refreshSoon();
    this.dispatchEvent(new CustomEvent("change", { detail: { id, record: null } }));
  }

  /** Empties the list at sign-out. */
  clear() {
    this.#questions.abort();
    clearTimeout(this.#timer);
    this.#timer = 0;
    for (const id of this.#cards.ids) {
      this.#cards.drop(id);
      forgetPreview(id);
    }
    this.#listing = null;
    this.#end = null;
    this.#top = null;
    this.#count = 0;
    this.#isLoaded = false;
    this.#news.forget();
    this.#unsure.clear();
  }

  /** A photo that is not shown has come, or has changed so that it may belong here now. */
  #consider(record, isNew = false) {
    const listing = this.#listing;
    if (!listing || this.#news.isGone(record.id)) return;
    const isIn = listing.admits(record);
    if (isIn && !listing.isSearched && this.#reaches(record)) {
      this.#place([record]);
      this.#isCountOpen = true;
      return this.#summarize(this.#count + 1);
    }
    if (isIn && listing.isSearched) this.#unsure.set(record.id, record);
    // What is further down, or has left it, counts; what has just come and does not fit never did.
    if (listing.isFiltered && !(isNew && !isIn) && (listing.isSearched || this.#end !== null)) this.#refreshSoon();
  }

  #leave(id) {
    this.#cards.drop(id);
    this.#isCountOpen = true;
    this.#summarize(this.#count - 1);
  }

  #place(records) {
    for (const listed of records) {
      const record = this.#news.newest(listed);
      const { id } = record;
      if (this.#news.isGone(id) || !this.#listing.admits(record)) continue;
      if (!this.#cards.has(id)) this.#cards.show(record);
      else if (this.record(id).updated < record.updated) this.put(record);
    }
  }

  async #showMore() {
    const [known, end] = [new Set(this.#cards.ids), this.#end];
    await this.more();
    const come = this.#cards.records.filter((record) => !known.has(record.id) && end && isOlder(record, end));
    if (come.length === 0) return;
    announce("gallery.shown", { count: come.length });
    this.focus(come[0].id);
  }

  #ask(question, isQuiet = false) {
    this.#news.asked();
    this.#isCountOpen = false;
    return this.#questions.ask(question, { isQuiet });
  }

  #summarize(count) {
    const { records } = this.#cards;
    const isWhole = this.#end === null;
    this.#count = isWhole ? records.length : Math.max(count, records.length);
    showSummary({ records, count: this.#count, isWhole, isFiltered: this.#listing?.isFiltered ?? false });
    this.dispatchEvent(new Event("counted"));
  }
}
