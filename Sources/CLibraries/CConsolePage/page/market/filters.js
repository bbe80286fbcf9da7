// Filters and order of the feed, and the way to keep a search.
import { icon, make } from "../dom.js";
import { phrase, say, sayAttribute } from "../language.js";
import { toast, toastText } from "../notices.js";
import { categoryName } from "./categories.js";
import { Field, input, select, tick } from "./fields.js";
import { me } from "./me.js";
import { button } from "./parts.js";
import { go, here } from "./router.js";
import { ask, explain } from "./server.js";
import { currencies, currencyName, keepCurrency, ownCurrency, typedNumber, writtenNumber } from "./words.js";

// What is first where nothing is chosen depends on what is asked for: the nearest, the best match, or the newest.
const orders = [
  ["", "order.newest"], ["relevance", "order.best"], ["-published", "order.newest"], ["price", "order.cheapest"], ["-price", "order.dearest"],
  ["distance", "order.nearest"],
];
const distances = ["10", "25", "50", "100", "250", "500"];
const filterNames = ["min_price", "max_price", "condition", "near", "has_photo", "in_stock", "verified"];

export class Filters {
  /** @param {(values: object) => void} changed What is "" is asked for no more. */
  constructor(changed) {
    this.changed = changed;
    this.values = {};
    this.badge = make("span", { className: "number", hidden: true });
    this.button = make("button", { type: "button", className: "button filter-button" }, [icon("settings"), say(make("span"), "filters"), this.badge]);
    this.button.setAttribute("aria-expanded", "false");
    this.button.addEventListener("click", () => this.open(this.panel.hidden));

    this.order = sayAttribute(select(orders, "", { className: "order" }), "aria-label", "order.label");
    this.order.addEventListener("change", () => this.#reorder());

    const currency = select(currencies().map((code) => [code, () => currencyName(code)]), ownCurrency());
    this.currency = new Field("currency", "filters.currency", currency);
    const amount = () => input({ inputMode: "decimal", autocomplete: "off", maxLength: 20 });
    this.least = new Field("min_price", "filters.least", amount());
    this.most = new Field("max_price", "filters.most", amount());
    this.condition = new Field("condition", "add.condition", select(
      [["", "filters.any"], ...["new", "used", "refurbished", "live"].map((code) => [code, `condition.${code}`])], ""));
    this.within = new Field("within", "filters.within", select(distances.map((code) => [code, () => `${code} km`]), "100"));
    this.near = button("filters.near", () => this.#nearMe(), { symbol: "pin" });
    this.photo = tick("filters.photo", false);
    this.stock = tick("filters.stock", false);
    this.verified = tick("filters.verified", false);
    this.panel = make("form", { className: "filters", id: "filters", hidden: true, noValidate: true }, [
      make("div", { className: "filter-fields" }, [
        this.currency.element, this.least.element, this.most.element, this.condition.element, this.within.element,
        make("div", { className: "field" }, [say(make("span", { className: "label" }), "filters.place"), this.near]),
      ]),
      make("div", { className: "row" }, [this.photo.element, this.stock.element, this.verified.element]),
      make("div", { className: "row" }, [
        make("button", { type: "submit", className: "button primary" }, [say(make("span"), "filters.apply")]),
        button("filters.clear", () => changed(Object.fromEntries([...filterNames, "within", "currency"].map((name) => [name, ""]))), { kind: "quiet" }),
        button("searches.keep", () => this.#keep(), { kind: "quiet", symbol: "bell" }),
      ]),
    ]);
    this.button.setAttribute("aria-controls", this.panel.id);
    this.panel.addEventListener("submit", (event) => { event.preventDefault(); this.#apply(); });
  }

  open(isOpen) {
    this.panel.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
  }

  /** Shows what the address asks for. */
  show(values) {
    this.values = values;
    const [first, best, newest] = this.order.options;
    say(first, values.search ? "order.best" : "order.newest");
    first.hidden = Boolean(values.near);
    best.hidden = !values.near || !values.search;
    newest.hidden = !values.near && !values.search;
    this.order.value = values.ordering ?? (values.near ? "distance" : "");
    this.order.querySelector("[value=distance]").disabled = !values.near && !navigator.geolocation;
    if (values.currency) this.currency.value = values.currency;
    this.least.value = values.min_price ? writtenNumber(values.min_price) : "";
    this.most.value = values.max_price ? writtenNumber(values.max_price) : "";
    this.condition.value = values.condition ?? "";
    this.within.value = values.within ?? "100";
    this.photo.box.checked = values.has_photo === "true";
    this.stock.box.checked = values.in_stock === "true";
    this.verified.box.checked = values.verified === "true";
    this.near.setAttribute("aria-pressed", String(Boolean(values.near)));
    const count = filterNames.filter((name) => values[name]).length;
    this.badge.hidden = count === 0;
    this.badge.textContent = count;
  }

  #apply() {
    const amounts = [this.least, this.most].map((field) => {
      const number = field.value ? typedNumber(field.value) : "";
      if (number === null) field.refuse(phrase("form.number"));
      return number;
    });
    if (amounts.includes(null)) return;
    const [least, most] = amounts;
    if (least || most) keepCurrency(this.currency.value);
    this.changed({
      min_price: least, max_price: most, currency: least || most ? this.currency.value : "", condition: this.condition.value,
      within: this.values.near ? this.within.value : "", has_photo: this.photo.box.checked ? "true" : "",
      in_stock: this.stock.box.checked ? "true" : "", verified: this.verified.box.checked ? "true" : "",
    });
    if (matchMedia("(max-width: 40rem)").matches) this.open(false);
  }

  #reorder() {
    if (this.order.value === "distance" && !this.values.near) return this.#nearMe();
    this.changed({ ordering: this.order.value });
  }

  #nearMe() {
    if (this.values.near) return this.changed({ near: "", within: "", ordering: "" });
    if (!navigator.geolocation) return toast("place.unavailable");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      // A search needs no more than a kilometre, and the address is kept in the history.
      this.changed({ near: `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`, within: this.within.value, ordering: "" });
    }, () => {
      this.show(this.values);
      toast("place.refused");
    }, { timeout: 10_000, maximumAge: 600_000 });
  }

  async #keep() {
    if (!me.user) return go("/sign-in", { next: here() });
    const { ordering, ...query } = this.values;
    const name = [query.search, query.category && categoryName(query.category)].filter(Boolean).join(" · ");
    try {
      await ask("POST", "/api/saved-searches/", { body: { name: name || new Date().toLocaleDateString(), query: typed(query) } });
      toast("searches.kept");
    } catch (error) {
      toastText(explain(error));
    }
  }
}

/** A query of an address as JSON has it. */
function typed(query) {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name,
    ["has_photo", "in_stock", "verified"].includes(name) ? value === "true" : name === "within" ? Number(value) : value]));
}
