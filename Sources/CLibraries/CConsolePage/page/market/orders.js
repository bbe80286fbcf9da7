// What one has bought and sold.
import { icon, make } from "../dom.js";
import { phrase, say, tell } from "../language.js";
import { segments } from "./fields.js";
import { me } from "./me.js";
import { empty, failed, heading, link, Pages, personName, stateBadge, waiting } from "./parts.js";
import { go, hashOf, page, titled } from "./router.js";
import { get, nextPath, withQuery } from "./server.js";
import { ago, amountOf, money } from "./words.js";

const states = ["pending", "paid", "shipped", "delivered", "cancelled", "refunded"];

export function ordersView(_, query) {
  const role = query.get("role") === "seller" ? "seller" : "buyer";
  const state = states.includes(query.get("state")) ? query.get("state") : "";
  const list = make("ul", { className: "orders" });
  const rest = make("div");
  const pages = new Pages(list, async (path) => {
    const { results, next } = await get(path);
    if (!path.includes("cursor=")) {
      rest.replaceChildren(...(results.length > 0 ? [] : [empty(`orders.none.${role}`, "box", [
        role === "buyer" ? link("nav.home", "#/", { kind: "button primary" }) : link("nav.sell", "#/new", { kind: "button primary", symbol: "plus" }),
      ])]));
    }
    return { items: results.map(row), next: nextPath(next) };
  });
  async function load() {
    rest.replaceChildren(waiting("lines", 4));
    try { await pages.begin(withQuery("/api/orders/", { role, state, page_size: 20 })); } catch (error) {
      if (!("status" in error)) throw error;
      rest.replaceChildren(failed(error, load));
    }
  }
  load();
  const tabs = segments("order-role", "orders.role", [["buyer", "orders.bought"], ["seller", "orders.sold"]], role, (code) => go("/orders", { role: code }));
  const chips = make("ul", { className: "chips" }, ["", ...states].map((code) => {
    const chip = make("a", { className: "chip", href: hashOf("/orders", { role, state: code }) }, [say(make("span"), code ? `state.order.${code}` : "feed.all")]);
    if (code === state) chip.setAttribute("aria-current", "true");
    return make("li", {}, [chip]);
  }));
  return { element: page("orders-page", [heading("orders.heading"), tabs, chips, list, rest, pages.place]), title: titled("orders.heading") };
}

function row(order) {
  const isBuyer = order.buyer.id === me.id;
  const other = isBuyer ? order.seller : order.buyer;
  const [line] = order.lines;
  const what = say(make("span", { className: "hint" }), "as.given", {
    text: () => `${line ? amountOf(line.quantity, line.unit) : ""} · ${ago(order.created)}`,
  });
  return make("li", {}, [make("a", { className: "order-row", href: `#/orders/${order.id}` }, [
    make("span", { className: "order-words" }, [
      tell(make("strong"), order.title), what,
      make("span", { className: "hint" }, [say(make("span"), isBuyer ? "orders.from" : "orders.to"), " ", personName(other)]),
    ]),
    make("span", { className: "order-sum" }, [say(make("strong"), "as.given", { text: () => money(order.total, order.currency) }), stateBadge("order", order.state)]),
    icon("right"),
  ])]);
}

/** What of an order's history happened by whom. */
export function actorName(step, order) {
  if (step.actor === me.id) return phrase("order.you");
  if (step.actor === order.buyer.id) return order.buyer.display_name || phrase("user.gone");
  if (step.actor === order.seller.id) return order.seller.display_name || phrase("user.gone");
  return phrase(step.actor === "payment" || step.actor === "system" ? `order.by.${step.actor}` : "order.by.staff");
}
