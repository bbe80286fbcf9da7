// Why a photo could not be prepared, for people.
import { isEnglish, isPhrase, phrase } from "./language.js";

/** The reason in the spoken language, and the server's own (English) words where they add to it. */
export function reasonOf(record) {
  const { code, message } = record.error ?? {};
  if (isEnglish() && message) return { text: message, more: "" };
  return { text: phrase(isPhrase(`failed.${code}`) ? `failed.${code}` : "failed.other"), more: isEnglish() ? "" : message ?? "" };
}
