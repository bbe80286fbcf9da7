// The REST API: requests, and errors as a person can read them.
import { bytes, isEnglish, isPhrase, phrase } from "./language.js";

/** Sent with every request that changes something: a foreign site cannot add it, so the cookie alone is not enough. */
export const changeHeaders = { "X-Requested-With": "agrovet" };

/** What the server allows; filled from /api/info/. */
export const limits = {
  /** Bytes of the largest file. */
  uploadBytes: null,
  /** Bytes of a request with a form. */
  formBytes: null,
};

/** Told when the server no longer knows the session. */
export const session = new EventTarget();

/** An error that the server or the way to it gave. */
export class APIError extends Error {
  /** @param {number} status HTTP status; 0 where no answer came. @param {object|null} body The error in DRF's form.
   *  @param {string|null} code The header X-Error-Code: validation errors have no place for a code in their body. */
  constructor(status, body, code = null) {
    super(`HTTP ${status}`);
    this.status = status;
    this.code = body?.code ?? code ?? codes[status] ?? null;
    /** Messages by field, of a validation error. */
    this.fields = Object.fromEntries(Object.entries(body ?? {}).filter(([, lines]) => Array.isArray(lines)));
    const fields = Object.values(this.fields).flat();
    /** The server's own sentences, in English. */
    this.detail = body?.detail ?? fields.filter((line) => typeof line === "string").join(" ");
  }

  /** The sentence to show, and the server's own where it adds something to a translated one. */
  explain() {
    if (this.status === 0) return { text: phrase("error.unreachable"), more: "" };
    if (this.code === "content_too_large" && limits.uploadBytes) {
      return { text: phrase("error.content_too_large", { size: bytes(limits.uploadBytes) }), more: "" };
    }
    if (this.code === "content_too_large") return { text: phrase("error.content_too_large_unknown"), more: "" };
    if (this.code && isPhrase(`error.${this.code}`)) return { text: phrase(`error.${this.code}`), more: "" };
    if (this.code && isPhrase(`failed.${this.code}`)) return { text: phrase(`failed.${this.code}`), more: "" };
    if (!this.detail) return { text: phrase("error.server", { status: String(this.status) }), more: "" };
    return isEnglish() ? { text: this.detail, more: "" } : { text: phrase("error.refused"), more: this.detail };
  }
}

// Answers of proxies on the way carry no code.
const codes = {
  401: "not_authenticated", 403: "permission_denied", 404: "not_found", 413: "refused_on_the_way", 429: "throttled",
  503: "unavailable", 507: "insufficient_storage",
};

export function parsed(text) {
  try { return JSON.parse(text); } catch { return null; }
}

/** The JSON that the server answers, or null for an empty answer. `answered` is told the headers. Throws APIError. */
export async function call(method, path, { body, signal, headers: more = {}, answered } = {}) {
  const headers = { Accept: "application/json", ...more };
  if (method !== "GET") Object.assign(headers, changeHeaders);
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response, text;
  try {
    response = await fetch(path, {
      method, headers, signal, credentials: "same-origin", cache: "no-store", body: body && JSON.stringify(body),
    });
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new APIError(0, null);
  }
  if (response.ok) {
    answered?.(response.headers);
    return parsed(text);
  }
  if (response.status === 401 && path !== "/api/session/") session.dispatchEvent(new Event("lost"));
  throw new APIError(response.status, parsed(text), response.headers.get("X-Error-Code"));
}

export const mediaPath = (id) => `/api/media/${encodeURIComponent(id)}/`;

/** The part of an address that this very server answers, whatever host the record names (a CDN, another port). */
export function ownPath(url) {
  const address = new URL(url, location.href);
  const start = Math.max(0, address.pathname.indexOf("/media/"));
  return address.pathname.slice(start) + address.search;
}

/** The whole address, for copying. */
export const wholeAddress = (url) => new URL(url, location.href).href;
