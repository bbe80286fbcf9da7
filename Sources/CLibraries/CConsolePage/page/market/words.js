// Money, quantities, times and names as the spoken language writes them.
import { phrase, spokenLanguage, spokenLocale } from "../language.js";

// As many as the API writes: a language may do without cents that a price has.
const places = (amount) => {
  const count = Math.max(2, amount.split(".")[1]?.length ?? 0);
  return { minimumFractionDigits: count, maximumFractionDigits: count };
};

/** An amount of the API ("12.50") with its currency. No binary fraction stands between: Intl takes the text as it is. */
export function money(amount, currency) {
  const whole = /^\d+(\.0+)?$/.test(amount);
  try {
    return new Intl.NumberFormat(spokenLocale(), {
      style: "currency", currency, ...(whole ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : places(amount)),
    }).format(amount);
  } catch {
    return `${amount} ${currency}`;
  }
}

export const quantity = (text) => new Intl.NumberFormat(spokenLocale(), { maximumFractionDigits: 3 }).format(text);

/** "12 head", "2.5 kg". */
export const amountOf = (text, unit) => phrase(`unit.${unit}`, { count: Number(text), amount: () => quantity(text) });
/** A number that is no amount, such as an average. */
export const decimal = (number) => new Intl.NumberFormat(spokenLocale(), { maximumFractionDigits: 1 }).format(number);
export const perUnit = (unit) => phrase(`per.${unit}`);

/** Units that are sold by parts of one; the others are counted. */
const divided = new Set(["kg", "t", "litre", "metre", "hectare", "hour"]);
export const isDivided = (unit) => divided.has(unit);
export const units = ["head", "piece", "kg", "t", "litre", "dose", "bag", "bale", "metre", "hectare", "hour", "service"];

export function kilometres(distance) {
  return new Intl.NumberFormat(spokenLocale(), {
    style: "unit", unit: "kilometer", maximumFractionDigits: distance < 10 ? 1 : 0,
  }).format(distance);
}

export const day = (iso) => new Intl.DateTimeFormat(spokenLocale(), { dateStyle: "medium" }).format(new Date(iso));
export const month = (iso) => new Intl.DateTimeFormat(spokenLocale(), { month: "long", year: "numeric" }).format(new Date(iso));

const steps = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3600], ["minute", 60]];
/** "3 days ago". */
export function ago(iso) {
  const seconds = (Date.now() - new Date(iso)) / 1000;
  const format = new Intl.RelativeTimeFormat(spokenLocale(), { numeric: "auto", style: "long" });
  const [unit, size] = steps.find(([, size]) => seconds >= size) ?? ["second", Infinity];
  return size === Infinity ? phrase("time.now") : format.format(-Math.floor(seconds / size), unit);
}

/** A number as people type it ("1.500.000", "12,50") as the API takes it ("1500000", "12.50"); null where it is none. */
export function typedNumber(text) {
  const typed = text.replace(/[\s\u00a0\u202f'$€]/g, "");
  if (!/^\d[\d.,]*$/.test(typed)) return null;
  const marks = typed.replace(/\d/g, "");
  if (marks === "") return typed;
  const last = marks.at(-1);
  const isMixed = new Set(marks).size > 1;
  const behind = typed.length - typed.lastIndexOf(last) - 1;
  const group = new Intl.NumberFormat(spokenLocale()).formatToParts(1_000_000).find(({ type }) => type === "group")?.value;
  // Two marks of one kind separate thousands; so does one before three digits where the language writes thousands by it.
  const separatesThousands = !isMixed && (marks.length > 1 || (behind === 3 && last === group));
  const plain = separatesThousands
    ? typed.replaceAll(last, "") : typed.slice(0, -behind - 1).replace(/[.,]/g, "") + (behind > 0 ? `.${typed.slice(-behind)}` : "");
  return /^\d+(\.\d+)?$/.test(plain) ? plain : null;
}

/** The other way round, without separators of thousands. */
export function writtenNumber(text) {
  return new Intl.NumberFormat(spokenLocale(), { useGrouping: false, maximumFractionDigits: 3 }).format(text);
}

/** The total of a price and a quantity, as the server rounds it, in text. */
export function totalOf(price, amount) {
  const [whole, part = ""] = price.split(".");
  const [count, rest = ""] = amount.split(".");
  const thousandths = BigInt(count + rest.padEnd(3, "0").slice(0, 3));
  const units = (BigInt(whole + part) * thousandths + 500n) / 1000n;
  if (part === "") return units.toString();
  const digits = units.toString().padStart(part.length + 1, "0");
  return `${digits.slice(0, -part.length)}.${digits.slice(-part.length)}`;
}

const common = ["COP", "USD", "EUR", "MXN", "ARS", "BOB", "BRL", "CLP", "CRC", "DOP", "GTQ", "HNL", "NIO", "PAB", "PEN", "PYG", "UYU", "VES", "GBP", "CAD"];
const byCountry = {
  CO: "COP", MX: "MXN", AR: "ARS", BO: "BOB", BR: "BRL", CL: "CLP", CR: "CRC", DO: "DOP", GT: "GTQ", HN: "HNL", NI: "NIO", PA: "PAB", PE: "PEN",
  PY: "PYG", UY: "UYU", VE: "VES", ES: "EUR", DE: "EUR", FR: "EUR", IT: "EUR", PT: "EUR", GB: "GBP", CA: "CAD", EC: "USD", SV: "USD", US: "USD",
};
const country = () => { try { return new Intl.Locale(spokenLocale()).region ?? ""; } catch { return ""; } };
/** Where the browser's language is from, ISO 3166-1, or "". */
export const ownCountry = country;
const keptCurrency = "agrovet.currency";
export const keepCurrency = (code) => localStorage.setItem(keptCurrency, code);
export const ownCurrency = () => localStorage.getItem(keptCurrency) ?? byCountry[country()] ?? "USD";
export const currencies = (also) => [...new Set([ownCurrency(), also, ...common].filter(Boolean))];
export const currencyName = (code) => `${code} · ${new Intl.DisplayNames(spokenLocale(), { type: "currency" }).of(code)}`;

/** A name that the API has in both languages. */
export const nameIn = (names) => names[spokenLanguage()] || names.en;
