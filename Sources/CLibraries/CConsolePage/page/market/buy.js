// Buying: which variant, how much, and a purchase that happens once however often its request has to be sent.
import { icon, make } from "../dom.js";
import { say, sayAttribute, tell } from "../language.js";
import { Field, Form, input, select, textarea } from "./fields.js";
import { openDialog } from "./parts.js";
import { ask, freshKey, isPassing } from "./server.js";
import { amountOf, isDivided, money, perUnit, totalOf, typedNumber, writtenNumber } from "./words.js";

/** Tries while the network or the server is away, before the person is asked. */
const tries = 5;
const firstWait = 800;

/** The key of a purchase whose answer was never seen, so that trying again – also after a reload – is the same purchase. */
class PendingPurchase {
  constructor(add) { this.place = `agrovet.purchase.${add.id}`; }

  keyFor(body) {
    const text = JSON.stringify(body);
    const kept = JSON.parse(sessionStorage.getItem(this.place) ?? "null");
    if (kept?.text === text) return kept.key;
    const key = freshKey();
    sessionStorage.setItem(this.place, JSON.stringify({ text, key }));
    return key;
  }

  settled() { sessionStorage.removeItem(this.place); }
}

/** Asks, and buys. Resolves the order; null where nothing was bought. */
export function buy(add) {
  return new Promise((resolve) => {
    let order = null;
    const onSale = add.variants.filter(({ stock }) => Number(stock) > 0);
    const nameOf = (variant) => `${variant.name || add.title} · ${money(variant.price, add.currency)} ${perUnit(variant.unit)}`;
    const variant = new Field("variant", "buy.variant", select(onSale.map((one) => [one.id, () => nameOf(one)])));
    variant.element.hidden = onSale.length < 2;
    const chosen = () => onSale.find(({ id }) => id === variant.value) ?? onSale[0];

    const amount = new Field("quantity", "buy.quantity", input({ inputMode: "decimal", autocomplete: "off", value: "1", maxLength: 16 }));
    const stepBy = (step) => {
      const next = Math.max(1, Math.min(Number(chosen().stock), (Number(typedNumber(amount.value)) || 0) + step));
      amount.value = writtenNumber(String(next));
      showTotal();
    };
    const stepper = (symbol, step, label) => {
      const button = make("button", { type: "button", className: "button square" }, [icon(symbol)]);
      button.addEventListener("click", () => stepBy(step));
      return sayAttribute(button, "aria-label", label);
    };
    const steps = make("div", { className: "stepper" });
    amount.control.replaceWith(steps);
    steps.append(stepper("minus", -1, "buy.less"), amount.control, stepper("plus", 1, "buy.more"));
    const left = make("p", { className: "hint" });
    amount.element.append(left);
    const total = make("p", { className: "total" });
    total.setAttribute("aria-live", "polite");
    const message = new Field("note", "buy.note", textarea({ rows: 2, maxLength: 1000 }), { isOptional: true });
    const progress = make("p", { className: "hint", role: "status" });

    function showTotal() {
      const number = typedNumber(amount.value);
      say(left, "stock.left", { amount: () => amountOf(chosen().stock, chosen().unit) });
      total.replaceChildren(say(make("span"), "buy.total"), say(make("strong"), "as.given", {
        text: () => (number ? money(totalOf(chosen().price, number), add.currency) : "–"),
      }));
    }
    amount.control.addEventListener("input", showTotal);
    variant.control.addEventListener("change", showTotal);

    const form = new Form([variant, amount, message, total, progress], "buy.confirm", async () => {
      const number = typedNumber(amount.value);
      if (!number || Number(number) <= 0 || (!isDivided(chosen().unit) && number.includes("."))) return refuse("form.number");
      if (Number(number) > Number(chosen().stock)) return refuse("buy.tooMuch");
      order = await purchase(add, { variant: chosen().id, quantity: number, ...(message.value ? { note: message.value } : {}) }, progress);
      dialog.close();
    });
    const refuse = (key) => {
      say(amount.problem, key);
      amount.problem.hidden = false;
      amount.control.setAttribute("aria-invalid", "true");
      amount.control.focus();
    };
    const explain = say(make("p", { className: "hint" }), "buy.explain");
    const dialog = openDialog("buy", "buy.heading", [
      make("div", { className: "sheet-body" }, [tell(make("p", { className: "buy-title" }), add.title), form.element, explain]),
    ]);
    dialog.addEventListener("close", () => resolve(order));
    showTotal();
    amount.control.select();
  });
}

/** Throws APIError. The answer to a repetition is the first one's: nothing is bought twice. */
async function purchase(add, body, progress) {
  const pending = new PendingPurchase(add);
  const key = pending.keyFor(body);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { data } = await ask("POST", `/api/adds/${add.id}/purchase/`, { body, headers: { "Idempotency-Key": key } });
      pending.settled();
      return data;
    } catch (error) {
      if (!isPassing(error)) {
        if ("status" in error) pending.settled();
        throw error;
      }
      if (attempt === tries) throw error;
      say(progress, "buy.again");
      await new Promise((resolve) => setTimeout(resolve, firstWait * 2 ** (attempt - 1) * (0.75 + Math.random() / 2)));
    }
  }
}
