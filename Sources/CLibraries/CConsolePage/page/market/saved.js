// What one keeps an eye on: favourites and saved searches.
import { icon, iconButton, make } from "../dom.js";
import { phrase, say, sayAttribute, tell } from "../language.js";
import { toastText } from "../notices.js";
import { AddCard } from "./add-card.js";
import { categories, categoryName } from "./categories.js";
import { empty, failed, heading, link, Pages, waiting } from "./parts.js";
import { go, hashOf, page, titled } from "./router.js";
import { ask, explain, get, nextPath } from "./server.js";
import { money } from "./words.js";

export function savedView() {
  const list = make("ul", { className: "cards" });
  const rest = make("div");
  const searches = make("section", { className: "searches", hidden: true });
  const pages = new Pages(list, async (path) => {
    const { results, count, next } = await get(path);
    if (!path.includes("page=")) rest.replaceChildren(...(count > 0 ? [] : [empty("saved.none", "heart", [link("nav.home", "#/", { kind: "button primary" })])]));
    return { items: results.map((add) => new AddCard(add).element), next: nextPath(next) };
  });
  async function load() {
    rest.replaceChildren(waiting("cards", 4));
    try { await pages.begin("/api/favourites/"); } catch (error) {
      if (!("status" in error)) throw error;
      rest.replaceChildren(failed(error, load));
    }
  }
  load();
  loadSearches(searches);
  return { element: page("saved", [heading("saved.heading"), searches, list, rest, pages.place]), title: titled("saved.heading"), isKept: true };
}

async function loadSearches(place) {
  const [answer] = await Promise.all([get("/api/saved-searches/?page_size=50").catch(() => null), categories().catch(() => null)]);
  if (!answer || answer.results.length === 0) return;
  place.hidden = false;
  const list = make("ul", { className: "search-list" }, answer.results.map((search) => {
    const words = make("span", {}, [tell(make("strong"), search.name), say(make("span", { className: "hint" }), "as.given", { text: () => {
      const words = describe(search.query);
      return words === search.name ? "" : words;
    } })]);
    const open = make("a", { className: "order-row", href: hashOf("/", search.query) }, [icon("search"), words]);
    if (search.new > 0) open.append(say(make("span", { className: "state paid" }), "searches.new", { count: search.new }));
    open.addEventListener("click", (event) => {
      event.preventDefault();
      ask("POST", `/api/saved-searches/${search.id}/seen/`).catch(() => null);
      go("/", search.query);
    });
    const trash = sayAttribute(iconButton("trash", async () => {
      try {
        await ask("DELETE", `/api/saved-searches/${search.id}/`);
        item.remove();
        place.hidden = list.children.length === 0;
      } catch (error) { toastText(explain(error)); }
    }), "aria-label", "searches.remove", { name: search.name });
    const item = make("li", {}, [open, trash]);
    return item;
  }));
  place.replaceChildren(say(make("h2"), "searches.heading"), list);
}

/** What a search asks for, in words. */
function describe(query) {
  return [
    query.search && `“${query.search}”`, query.category && categoryName(query.category), query.condition && phrase(`condition.${query.condition}`),
    query.min_price && `≥ ${money(query.min_price, query.currency)}`, query.max_price && `≤ ${money(query.max_price, query.currency)}`,
    query.near && `${query.within ?? 100} km`, query.has_photo && phrase("filters.photo"), query.in_stock && phrase("filters.stock"),
  ].filter(Boolean).join(" · ");
}
