// Why a photo could not be prepared, for people.
import { isPhrase, phrase, spokenLanguage } from "./language.js";

/** The reason in the spoken language, and the server's own sentence where it was asked for in this language (`record.told`): it says more. */
export function reasonOf(record) {
  const { code, message } = record.error ?? {};
  const more = record.told === spokenLanguage() ? message ?? "" : "";
  return { text: phrase(isPhrase(`failed.${code}`) ? `failed.${code}` : "failed.other"), more };
}
