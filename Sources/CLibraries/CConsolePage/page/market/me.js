// Who is signed in.
import { session } from "../api.js";
import { spokenLanguage } from "../language.js";
import { ask, get } from "./server.js";

/** Event: `change`, with `detail.isLost` where the server no longer knows the session. */
class Me extends EventTarget {
  /** The account as /api/auth/me/ has it; null for a guest. */
  user = null;

  constructor() {
    super();
    session.addEventListener("lost", () => { if (this.user) this.#set(null, true); });
  }

  get id() { return this.user?.id ?? null; }
  get isStaff() { return this.user?.roles.includes("Staff") ?? false; }

  async load() {
    const state = await get("/api/session/");
    this.#set(state.signed_in ? state.user : null);
  }

  /** @param {{ username: string, password: string, otp?: string }} credentials Throws APIError. */
  async signIn(credentials) {
    const { data } = await ask("POST", "/api/session/", { body: credentials });
    this.#set(data.user);
  }

  /** Makes an account and signs in. Throws APIError. */
  async register(account) {
    const { data } = await ask("POST", "/api/auth/register/", { body: { ...account, language: spokenLanguage() } });
    // Registering opened a session of tokens, which the page has no use for: it lives by its cookie.
    await ask("POST", "/api/auth/logout/", { body: { refresh: data.refresh } }).catch(() => null);
    await this.signIn({ username: account.username, password: account.password });
  }

  async signOut() {
    await ask("DELETE", "/api/session/");
    this.#set(null);
  }

  /** The account was changed, or is gone. */
  changed(user) { this.#set(user); }

  #set(user, isLost = false) {
    const before = this.user;
    this.user = user;
    if (before?.id !== user?.id || before?.version !== user?.version) this.dispatchEvent(new CustomEvent("change", { detail: { isLost } }));
  }
}

export const me = new Me();
