// Price, unit and stock of an ad: of one thing, or of several variants.
import { iconButton, make } from "../dom.js";
import { phrase, say, sayAttribute } from "../language.js";
import { Field, input, select } from "./fields.js";
import { button } from "./parts.js";
import { isDivided, money, typedNumber, units, writtenNumber } from "./words.js";

const mostVariants = 50;

export class Variants {
  /** @param {object[]} known The ad's. @param {() => string} currency */
  constructor(form, known, currency) {
    Object.assign(this, { form, currency, rows: [] });
    this.list = make("div", { className: "variant-rows" });
    this.more = button("edit.addVariant", () => { this.#add(null).name.control.focus(); }, { kind: "quiet", symbol: "plus" });
    this.element = make("div", {}, [this.list, this.more]);
    for (const variant of known.length > 0 ? known : [null]) this.#add(variant);
  }

  #add(known) {
    const row = { id: known?.id ?? null };
    const unit = select(units.map((code) => [code, `unit.name.${code}`]), known?.unit ?? this.rows.at(-1)?.unit.value ?? "head");
    row.name = new Field("name", "edit.variantName", input({ maxLength: 120, value: known?.name ?? "" }));
    row.price = new Field("price", "edit.price", input({ inputMode: "decimal", autocomplete: "off", maxLength: 20, value: known ? writtenNumber(known.price) : "" }));
    row.unit = new Field("unit", "edit.unit", unit);
    row.stock = new Field("stock", "edit.stock", input({ inputMode: "decimal", autocomplete: "off", maxLength: 16, value: known ? writtenNumber(known.stock) : "1" }));
    row.said = make("p", { className: "hint said" });
    row.said.setAttribute("aria-live", "polite");
    row.price.element.append(row.said);
    row.price.control.addEventListener("input", () => this.showPrices());
    row.remove = sayAttribute(iconButton("trash", () => this.#remove(row)), "aria-label", "edit.removeVariant");
    row.element = make("div", { className: "variant-row" }, [row.name.element, row.price.element, row.unit.element, row.stock.element, row.remove]);
    this.rows.push(row);
    this.list.append(row.element);
    this.#show();
    return row;
  }

  #remove(row) {
    this.rows = this.rows.filter((other) => other !== row);
    row.element.remove();
    this.#show();
    this.more.focus();
  }

  #show() {
    const areSeveral = this.rows.length > 1;
    for (const row of this.rows) {
      row.name.element.hidden = row.remove.hidden = !areSeveral;
      row.element.classList.toggle("several", areSeveral);
    }
    this.more.hidden = this.rows.length >= mostVariants;
    for (const name of [...this.form.fields.keys()].filter((name) => name.startsWith("variants."))) this.form.fields.delete(name);
    this.rows.forEach((row, index) => {
      for (const name of ["name", "price", "unit", "stock"]) this.form.fields.set(`variants.${index}.${name}`, row[name]);
    });
    this.showPrices();
  }

  /** How each typed price is understood: whether a dot separates thousands depends on where one lives. */
  showPrices() {
    for (const { price, said } of this.rows) {
      const number = typedNumber(price.value);
      say(said, "as.given", { text: () => (number ? money(number, this.currency()) : "") });
    }
  }

  /** As the API takes them, or null where something is wrong, which is shown. */
  read() {
    let first = null;
    const refuse = (field, key) => {
      field.refuse(phrase(key));
      first ??= field;
    };
    const variants = this.rows.map(({ id, name, price, unit, stock }) => {
      const [amount, count] = [typedNumber(price.value), typedNumber(stock.value)];
      if (amount === null) refuse(price, price.value ? "form.number" : "form.required");
      if (count === null) refuse(stock, stock.value ? "form.number" : "form.required");
      else if (!isDivided(unit.value) && count.includes(".")) refuse(stock, "form.whole");
      if (this.rows.length > 1 && !name.value) refuse(name, "form.required");
      return { ...(id ? { id } : {}), name: this.rows.length > 1 ? name.value : "", price: amount, unit: unit.value, stock: count };
    });
    first?.control.focus();
    return first ? null : variants;
  }
}
