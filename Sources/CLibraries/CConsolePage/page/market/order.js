// One order: what was bought, where it stands, and what may be done with it.
import { icon, make } from "../dom.js";
import { moment, say, tell } from "../language.js";
import { toast, toastText } from "../notices.js";
import { Field, Form, textarea } from "./fields.js";
import { me } from "./me.js";
import { actorName } from "./orders.js";
import { button, failed, link, openDialog, personName, stateBadge, verifiedMark, waiting } from "./parts.js";
import { portraitOf } from "./profile.js";
import { page, titled } from "./router.js";
import { ask, explain } from "./server.js";
import { amountOf, money, perUnit } from "./words.js";

/** As the server's state machine has it: what buyer and seller may make of an order. */
const moves = {
  pending: { buyer: ["cancel"], seller: ["pay", "cancel"] },
  paid: { buyer: [], seller: ["ship", "refund"] },
  shipped: { buyer: ["deliver"], seller: ["deliver", "refund"] },
  delivered: { buyer: [], seller: ["refund"] },
  cancelled: { buyer: [], seller: [] },
  refunded: { buyer: [], seller: [] },
};
const way = ["pending", "paid", "shipped", "delivered"];
const asksFirst = new Set(["cancel", "refund"]);

export function orderView([id], query) {
  const view = new OrderView(id, query.has("new"));
  return { element: view.element, title: titled("order.title") };
}

class OrderView {
  constructor(id, isNew) {
    Object.assign(this, { id, isNew });
    this.element = page("order", [waiting("lines", 5)]);
    this.load();
  }

  async load() {
    try {
      const { data, etag } = await ask("GET", `/api/orders/${this.id}/`);
      this.show(data, etag);
    } catch (error) {
      if (!("status" in error)) throw error;
      this.element.replaceChildren(failed(error, () => this.load()));
    }
  }

  show(order, etag) {
    Object.assign(this, { order, etag });
    const isBuyer = order.buyer.id === me.id;
    const other = isBuyer ? order.seller : order.buyer;
    const thanks = make("div", { className: "thanks", role: "status" }, [
      icon("check"), make("div", {}, [say(make("strong"), "order.thanks"), say(make("p"), order.payment.url ? "order.thanks.pay" : "order.thanks.offline")]),
    ]);
    const lines = make("ul", { className: "lines" }, order.lines.map((line) => make("li", {}, [
      make("span", {}, [tell(make("strong"), line.name || order.title), say(make("span", { className: "hint" }), "as.given", {
        text: () => `${amountOf(line.quantity, line.unit)} × ${money(line.price, order.currency)} ${perUnit(line.unit)}`,
      })]),
      say(make("strong"), "as.given", { text: () => money(line.total, order.currency) }),
    ])));
    const sum = make("p", { className: "total" }, [say(make("span"), "buy.total"), say(make("strong"), "as.given", { text: () => money(order.total, order.currency) })]);
    const people = make("div", { className: "person" }, [portraitOf(other), make("div", {}, [
      make("p", { className: "hint" }, [say(make("span"), isBuyer ? "orders.from" : "orders.to"), " ",
        isBuyer ? personName(other, make("a", { href: `#/seller/${encodeURIComponent(other.id)}` })) : personName(other)]),
      ...verifiedMark(other),
    ])]);
    const note = order.note ? [make("blockquote", {}, [tell(make("p"), order.note)])] : [];
    this.element.replaceChildren(
      link("orders.heading", "#/orders" + (isBuyer ? "" : "?role=seller"), { kind: "back", symbol: "left" }),
      ...(this.isNew && order.state === "pending" && isBuyer ? [thanks] : []),
      make("header", { className: "page-head" }, [tell(make("h1"), order.title), stateBadge("order", order.state)]),
      people, this.#way(order), make("div", { className: "panel" }, [lines, sum, ...note]),
      this.#actions(order, isBuyer ? "buyer" : "seller"), this.#history(order),
      link("order.ad", `#/ad/${order.add}`, { kind: "link" }));
  }

  /** How far it has come. */
  #way(order) {
    const at = way.indexOf(order.state);
    if (at < 0) return say(make("p", { className: "hint" }), `order.explain.${order.state}`);
    return make("ol", { className: "way" }, way.map((state, index) => {
      const step = make("li", { className: index <= at ? "done" : "" }, [say(make("span"), `state.order.${state}`)]);
      if (index === at) step.setAttribute("aria-current", "step");
      return step;
    }));
  }

  #actions(order, role) {
    // Where money goes through a provider, what it says counts.
    const isOffline = order.payment.provider === "offline";
    const allowed = moves[order.state][role].filter((verb) => isOffline || !["pay", "refund"].includes(verb));
    const row = make("div", { className: "row actions" }, allowed.map((verb) => button(`order.${verb}.${role}`, () => this.#move(verb, role), {
      kind: asksFirst.has(verb) ? "danger" : "primary",
    })));
    if (role === "buyer" && order.payment.url) {
      row.prepend(make("a", { className: "button primary", href: order.payment.url, rel: "noopener noreferrer" }, [say(make("span"), "order.payNow")]));
    }
    return row;
  }

  async #move(verb, role) {
    const run = async (note) => {
      const { data, etag } = await ask("POST", `/api/orders/${this.id}/${verb}/`, {
        headers: this.etag ? { "If-Match": this.etag } : {}, ...(note ? { body: { note } } : {}),
      });
      this.show(data, etag);
      toast(`order.${verb}.done`);
    };
    if (!asksFirst.has(verb)) {
      return run().catch((error) => {
        toastText(explain(error));
        // Somebody else may have moved it meanwhile.
        this.load();
      });
    }
    const note = new Field("note", "order.note", textarea({ rows: 3, maxLength: 1000 }), { isOptional: true });
    const form = new Form([say(make("p"), `order.${verb}.explain`), note], `order.${verb}.${role}`, async () => {
      await run(note.value);
      dialog.close();
    });
    const dialog = openDialog("move", `order.${verb}.heading`, [make("div", { className: "sheet-body" }, [form.element])]);
  }

  #history(order) {
    return make("section", { className: "history" }, [say(make("h2"), "order.history"), make("ol", {}, order.history.map((step) => make("li", {}, [
      stateBadge("order", step.state), say(make("span", { className: "hint" }), "as.given", { text: () => `${moment(step.at)} · ${actorName(step, order)}` }),
      ...(step.note ? [tell(make("p"), step.note)] : []),
    ])))]);
  }
}
