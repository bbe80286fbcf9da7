// Which language is spoken, and how sentences, numbers, sizes and dates are said in it.
import { messages } from "./messages.js";

const kept = "agrovet.language";
/** BCP 47 tag for Intl: the browser's own region (es-CO) where it speaks the chosen language. */
let locale = "en";
let language = "en";
let plurals = new Intl.PluralRules("en");
/** What each element says, so that it can be said again in another language: element → Map(attribute | "" → [key, values]). */
const said = new WeakMap();

/** Takes in the sentences of a part of the page that comes later: `{ en: {…}, es: {…} }`. */
export function addMessages(more) {
  for (const code of Object.keys(messages)) Object.assign(messages[code], more[code]);
}

function firstSupported() {
  const chosen = localStorage.getItem(kept);
  if (chosen in messages) return chosen;
  for (const tag of navigator.languages) {
    const code = tag.slice(0, 2).toLowerCase();
    if (code in messages) return code;
  }
  return "en";
}

function speak(code) {
  language = code;
  locale = navigator.languages.find((tag) => tag.toLowerCase().startsWith(code)) ?? code;
  plurals = new Intl.PluralRules(locale);
  document.documentElement.lang = code;
  for (const element of document.querySelectorAll("[data-said]")) {
    for (const [attribute, [key, values]] of said.get(element)) put(element, attribute, phrase(key, values));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === code));
  }
}

/** Speaks a language from now on, whatever the browser's is. */
export function speakAlways(code) {
  localStorage.setItem(kept, code);
  speak(code);
}

/** Reads the sentences named in the document's data-say attributes and speaks the browser's language. */
export function startLanguage() {
  const marked = (attribute) => document.querySelectorAll(`[${attribute}]`);
  for (const element of marked("data-say")) say(element, element.dataset.say);
  for (const element of marked("data-say-label")) sayAttribute(element, "aria-label", element.dataset.sayLabel);
  for (const element of marked("data-say-placeholder")) sayAttribute(element, "placeholder", element.dataset.sayPlaceholder);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      speakAlways(button.dataset.language);
    });
  }
  speak(firstSupported());
}

/** The sentence for `key`. A value that is a function is asked now, so that it follows the language. */
export function phrase(key, values = {}) {
  const entry = messages[language][key];
  if (entry === undefined) return key;
  const text = typeof entry === "string" ? entry : entry[plurals.select(values.count)] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = typeof values[name] === "function" ? values[name]() : values[name];
    return typeof value === "number" ? number(value) : value ?? "";
  });
}

export const isPhrase = (key) => key in messages.en;
export const isEnglish = () => language === "en";
/** The language that is spoken, and its BCP 47 tag for Intl. */
export const spokenLanguage = () => language;
export const spokenLocale = () => locale;

function put(element, attribute, text) {
  if (attribute) element.setAttribute(attribute, text);
  else element.textContent = text;
}

/** Sets an attribute to a sentence, and keeps it in the spoken language. */
export function sayAttribute(element, attribute, key, values) {
  if (!said.has(element)) said.set(element, new Map());
  said.get(element).set(attribute, [key, values]);
  element.dataset.said = "";
  put(element, attribute, phrase(key, values));
  return element;
}

/** Sets an element's text to a sentence, and keeps it in the spoken language. */
export const say = (element, key, values) => sayAttribute(element, "", key, values);

/** Sets an element's text to words that belong to no language: names, what people wrote. */
export function tell(element, text) {
  said.get(element)?.delete("");
  element.textContent = text;
  return element;
}

export const number = (value) => new Intl.NumberFormat(locale).format(value);
export const percent = (share) => new Intl.NumberFormat(locale, { style: "percent" }).format(share);
export const list = (words) => new Intl.ListFormat(locale, { style: "short", type: "unit" }).format(words);
export const moment = (iso) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

/** A format as people write it, from "webp" or "image/webp". */
export const formatName = (format) => formatNames[format] ?? format.replace(/^(image|video)\//, "").toUpperCase().replace("WEBP", "WebP");
const formatNames = {
  "video/quicktime": "QuickTime", "video/3gpp": "3GP", "video/webm": "WebM", "video/x-matroska": "Matroska", "video/x-msvideo": "AVI", "video/mp2t": "MPEG-TS",
};
/** A duration in seconds as players write it: 0:07, 12:30, 1:02:03. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, place) => (place === 0 ? `${part}` : `${part}`.padStart(2, "0"))).join(":");
}

/** A size in bytes, in steps of 1000, as drives and phones count. */
export function bytes(count) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = count < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** step;
  return new Intl.NumberFormat(locale, {
    style: "unit", unit: units[step], unitDisplay: step === 0 ? "long" : "short", maximumFractionDigits: step > 1 && value < 100 ? 1 : 0,
  }).format(value);
}
