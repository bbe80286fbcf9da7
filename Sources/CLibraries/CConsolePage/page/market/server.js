// How the marketplace's page speaks with the API, and what it says where that fails.
import { APIError, call } from "../api.js";
import { isPhrase, phrase, spokenLanguage } from "../language.js";

/** The answer's JSON and ETag. The server says what is wrong in the language that the page speaks. Throws APIError. */
export async function ask(method, path, { body, signal, headers = {} } = {}) {
  let etag = null;
  const data = await call(method, path, {
    body, signal, headers: { "Accept-Language": spokenLanguage(), ...headers }, answered: (answer) => { etag = answer.get("ETag"); },
  });
  return { data, etag };
}

export const get = async (path, options) => (await ask("GET", path, options)).data;

/** A path with a query; what is empty is left out. */
export function withQuery(path, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ""));
  return query.size > 0 ? `${path}?${query}` : path;
}

/** The part of `next` and `previous` that this server answers, whatever host they name. */
export function nextPath(url) {
  if (!url) return null;
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
}

/** One sentence for people. */
export function explain(error) {
  if (!(error instanceof APIError)) return phrase("error.page");
  if (error.status === 0) return phrase("error.unreachable");
  if (error.code && isPhrase(`problem.${error.code}`)) return phrase(`problem.${error.code}`);
  const fields = Object.values(error.fields).flat().filter((line) => typeof line === "string");
  if (fields.length > 0) return fields.join(" ");
  return error.explain().text;
}

/** Whether the same request may succeed a moment later: no answer came, or none of the application itself. */
export const isPassing = (error) => error instanceof APIError && (error.status === 0 || error.status === 429 || error.status >= 500);

/** A key that no other request has. `crypto.randomUUID` is for secure origins only; a farm's server may be reached without TLS. */
export function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
