// One's own ads in every state.
import { make } from "../dom.js";
import { AddCard } from "./add-card.js";
import { segments } from "./fields.js";
import { ownerTools } from "./owner-tools.js";
import { empty, failed, heading, link, Pages, waiting } from "./parts.js";
import { go, page, titled } from "./router.js";
import { get, nextPath, withQuery } from "./server.js";
import { me } from "./me.js";

const states = ["published", "draft", "paused", "sold", "expired"];

export function mineView(_, query) {
  const state = states.includes(query.get("state")) ? query.get("state") : "published";
  const list = make("ul", { className: "cards mine" });
  const rest = make("div");
  const pages = new Pages(list, async (path) => {
    const { results, count, next } = await get(path);
    if (!path.includes("page=")) {
      rest.replaceChildren(...(count > 0 ? [] : [empty(`mine.${state === "published" ? "none" : "noneHere"}`, "sprout", [
        link("nav.sell", "#/new", { kind: "button primary", symbol: "plus" }),
      ])]));
    }
    return { items: results.map(row), next: nextPath(next) };
  });

  function row(add) {
    const card = new AddCard(add, { isOwn: true });
    const tools = (known) => ownerTools(known, (changed) => {
      if (changed === null || changed.state !== state) return card.element.remove();
      card.show(changed);
      card.element.append(tools(changed));
    });
    card.element.append(tools(add));
    return card.element;
  }

  async function load() {
    rest.replaceChildren(waiting("cards", 4));
    const path = state === "published"
      ? withQuery("/api/adds/", { seller: me.id, ordering: "-created" }) : withQuery("/api/adds/", { state, ordering: "-created" });
    try { await pages.begin(path); } catch (error) {
      if (!("status" in error)) throw error;
      rest.replaceChildren(failed(error, load));
    }
  }
  load();
  const tabs = segments("mine-state", "mine.states", states.map((code) => [code, `state.add.${code}`]), state, (code) => go("/mine", { state: code }));
  const top = make("header", { className: "page-head" }, [heading("mine.heading"), link("nav.sell", "#/new", { kind: "button primary", symbol: "plus" })]);
  return { element: page("mine-page", [top, make("div", { className: "scrolls" }, [tabs]), list, rest, pages.place]), title: titled("mine.heading") };
}
