// The server's list of media under a search and a filter, newest first, asked for piece by piece.
//
// A piece is asked for by the time of the photo that it goes on from, not by its number: what comes or goes meanwhile moves no boundary.
import { call } from "./api.js";

const path = "/api/media/";
const pageSize = 40;
/** The most that the server gives at once. */
export const largestPage = 100;

/** As the server orders them: UUIDv7 begins with the time, so equal times are ordered too. */
export const isOlder = (one, other) => one.created < other.created || (one.created === other.created && one.id < other.id);

/** @typedef {{ results: object[], count: number, isLast: boolean }} Piece `count`: of what was asked for, with the pieces behind this one. */

export class Listing {
  #search;
  #status;

  /** @param {{ search: string, status: string }} filter Empty for all. */
  constructor({ search, status }) {
    this.#search = search;
    this.#status = status;
  }

  /** What matches a search only the server knows. */
  get isSearched() { return this.#search !== ""; }
  get isFiltered() { return this.isSearched || this.#status !== ""; }

  /** Whether the record passes the filter; the search aside. */
  admits({ status }) { return this.#status === "" || this.#status === status; }

  /** The newest. @returns {Promise<Piece>} */
  async first(signal) { return pieceOf(await this.#page(this.#address({ page_size: pageSize }), signal)); }

  /** What is as old as `last` (itself among it, unless it is gone) or older. @returns {Promise<Piece>} */
  async from(last, signal, size = pageSize) {
    const before = new Date(Date.parse(last.created) + 1).toISOString();
    let page = await this.#page(this.#address({ created_before: before, page_size: size }), signal);
    const piece = pieceOf(page);
    // More may have been stored in one millisecond than one page holds.
    while (!piece.isLast && piece.results.every(({ created }) => created === last.created)) {
      const { pathname, search } = new URL(page.next, location.href);
      page = await this.#page(pathname + search, signal);
      piece.results.push(...page.results);
      piece.isLast = page.next === null;
    }
    return piece;
  }

  /** Whether the photo stands in the list. */
  async holds({ id, created }, signal) {
    const before = new Date(Date.parse(created) + 1).toISOString();
    const address = this.#address({ created_after: created, created_before: before, page_size: largestPage });
    return (await this.#page(address, signal)).results.some((record) => record.id === id);
  }

  #page(address, signal) { return call("GET", address, { signal }); }

  #address(values) {
    const query = new URLSearchParams(values);
    if (this.#search) query.set("search", this.#search);
    if (this.#status) query.set("status", this.#status);
    return `${path}?${query}`;
  }
}

const pieceOf = ({ results, count, next }) => ({ results: [...results], count, isLast: next === null });
