// What is on sale: search, filters, and the ads, endless.
import { icon, make } from "../dom.js";
import { say, sayAttribute } from "../language.js";
import { announce } from "../notices.js";
import { AddCard } from "./add-card.js";
import { categories, categoryName, categoryPath } from "./categories.js";
import { Filters } from "./filters.js";
import { followMedia } from "./follow.js";
import { empty, failed, heading, link, Pages, waiting } from "./parts.js";
import { go, hashOf, note, page, titled } from "./router.js";
import { get, nextPath, withQuery } from "./server.js";

const pageSize = 24;
const symbols = {
  livestock: "cow", pets: "paw", genetics: "dna", feed: "wheat", veterinary: "cross", crops: "sprout", machinery: "tractor", land: "land",
  services: "hands", other: "more",
};

export function feedView(_, query) {
  const feed = new Feed(query);
  return {
    element: feed.element, isKept: true, title: titled("feed.title"), update: (next) => feed.ask(next),
    shown: () => feed.watch(), left: () => feed.unwatch(),
  };
}

class Feed {
  #cards = new Map();
  #stop = null;
  #typing = 0;

  constructor(query) {
    this.search = make("input", { type: "search", enterKeyHint: "search", autocomplete: "off", maxLength: 200 });
    sayAttribute(sayAttribute(this.search, "placeholder", "feed.search"), "aria-label", "feed.search");
    const form = make("form", { className: "search", role: "search" }, [icon("search"), this.search]);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#searchNow(); this.search.blur(); });
    this.search.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#searchNow(), 350);
    });
    this.filters = new Filters((values) => this.#change(values));
    this.chips = make("ul", { className: "chips" });
    this.below = make("ul", { className: "chips below", hidden: true });
    this.count = make("p", { className: "count" });
    this.count.setAttribute("role", "status");
    this.list = make("ul", { className: "cards" });
    this.pages = new Pages(this.list, (path) => this.#read(path), () => this.watch());
    this.rest = make("div");
    this.element = page("feed", [
      make("header", { className: "hero" }, [heading("feed.heading"), make("div", { className: "search-row" }, [form, this.filters.button])]),
      this.filters.panel, this.chips, this.below, make("div", { className: "results" }, [this.count, this.filters.order]),
      this.list, this.rest, this.pages.place,
    ]);
    this.ask(query);
  }

  /** Shows what the address asks for. */
  async ask(query) {
    this.values = Object.fromEntries(query);
    if (document.activeElement !== this.search) this.search.value = this.values.search ?? "";
    this.filters.show(this.values);
    this.#showChips();
    if (this.list.children.length === 0) this.rest.replaceChildren(waiting("cards", 8));
    this.element.setAttribute("aria-busy", "true");
    try {
      await this.pages.begin(withQuery("/api/adds/", { in_stock: "", ...this.values, page_size: pageSize }));
    } catch (error) {
      if (!("status" in error)) throw error;
      this.list.replaceChildren();
      this.count.textContent = "";
      this.rest.replaceChildren(failed(error, () => this.ask(query)));
    } finally {
      this.element.removeAttribute("aria-busy");
    }
  }

  async #read(path) {
    const { results, count, next } = await get(path);
    if (!path.includes("page=")) {
      this.#cards.clear();
      say(this.count, "feed.count", { count });
      announce("feed.count", { count });
      const isAsking = Object.keys(this.values).some((name) => name !== "ordering");
      this.rest.replaceChildren(...(count > 0 ? [] : isAsking
        ? [empty("feed.noMatch", "search", [link("feed.clear", "#/")])]
        : [empty("feed.empty", "sprout", [link("nav.sell", "#/new", { kind: "button primary", symbol: "plus" })])]));
    }
    const cards = results.map((add) => new AddCard(add));
    for (const card of cards) this.#cards.set(card.add.id, card);
    return { items: cards.map(({ element }) => element), next: nextPath(next) };
  }

  #searchNow() {
    clearTimeout(this.#typing);
    const values = { ...this.values, search: this.search.value.trim() };
    if (values.search === (this.values.search ?? "")) return;
    if (!values.search) delete values.search;
    // Each letter is no step of its own to go back to.
    note("/", values);
    this.ask(new URLSearchParams(values));
  }

  #change(values) { go("/", { ...this.values, ...values }); }

  async #showChips() {
    const tree = await categories().catch(() => []);
    const chosen = this.values.category ? categoryPath(this.values.category) : [];
    const chip = (slug, symbol, isOn, values) => {
      const element = make("a", { className: "chip", href: hashOf("/", { ...this.values, category: values }) }, [
        ...(symbol ? [icon(symbol)] : []),
        slug ? say(make("span"), "as.given", { text: () => categoryName(slug) }) : say(make("span"), "feed.all"),
      ]);
      if (isOn) element.setAttribute("aria-current", "true");
      return make("li", {}, [element]);
    };
    this.chips.replaceChildren(
      chip(null, "grid", chosen.length === 0, ""),
      ...tree.map(({ slug }) => chip(slug, symbols[slug] ?? "more", chosen[0] === slug, slug)));
    const children = tree.find(({ slug }) => slug === chosen[0])?.children ?? [];
    this.below.hidden = children.length === 0;
    this.below.replaceChildren(...children.map(({ slug }) => chip(slug, null, chosen.includes(slug), chosen.includes(slug) ? chosen[0] : slug)));
  }

  /** While photos of cards are being prepared, what becomes of them is followed. */
  watch() {
    const waitingFor = () => [...this.#cards.values()].filter((card) => card.isWaiting);
    if (this.#stop || waitingFor().length === 0) return;
    const settle = () => { if (waitingFor().length === 0) this.unwatch(); };
    this.#stop = followMedia((id, record) => {
      for (const card of waitingFor()) if (card.add.media[0].id === id) record ? card.changed(record) : this.#again(card);
      settle();
    }, async () => {
      await Promise.all(waitingFor().slice(0, 6).map((card) => this.#again(card)));
      settle();
    });
  }

  async #again(card) {
    const add = await get(`/api/adds/${card.add.id}/`).catch(() => null);
    if (add && add.media[0]?.status !== card.add.media[0]?.status) card.show(add);
  }

  unwatch() {
    this.#stop?.();
    this.#stop = null;
  }
}
