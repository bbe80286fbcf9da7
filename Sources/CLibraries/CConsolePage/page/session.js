// Signing in (by the one-time code in the address, or the API token) and out.
import { APIError, call, session } from "./api.js";
import { byID } from "./dom.js";
import { say } from "./language.js";

/** Calls `open` each time the page is signed in, and `close` each time it is no longer. */
export async function startSession({ open, close }) {
  const form = byID("sign-in-form");
  const token = byID("token");
  const problem = byID("sign-in-error");
  let signedIn = false;

  function show(state, reason) {
    const changed = state !== signedIn;
    signedIn = state;
    byID("sign-in").hidden = state;
    byID("workspace").hidden = !state;
    byID("bar-actions").hidden = !state;
    problem.hidden = state || !reason;
    if (reason) say(problem, reason);
    if (changed && state) open();
    if (changed && !state) close();
    if (!state) token.focus();
  }

  function invalid(key) {
    say(problem, key);
    problem.hidden = false;
    token.setAttribute("aria-invalid", "true");
    token.focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = token.value.trim();
    if (!value) return invalid("signIn.missing");
    try {
      await call("POST", "/api/session/", { body: { token: value } });
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      return invalid(error.status === 0 ? "error.unreachable" : error.status < 500 ? "signIn.wrong" : "error.server_error");
    }
    token.removeAttribute("aria-invalid");
    form.reset();
    show(true);
    byID("main").focus();
  });

  byID("sign-out").addEventListener("click", async () => {
    await call("DELETE", "/api/session/").catch(() => null);
    show(false);
  });
  session.addEventListener("lost", () => { if (signedIn) show(false, "signIn.lost"); });

  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  let reason;
  if (code) {
    // The code is worth a session: it must not stay in the address or the history.
    history.replaceState(null, "", location.pathname + location.search);
    const state = await call("POST", "/api/session/", { body: { code } }).catch(() => null);
    if (state?.signed_in) return show(true);
    reason = "signIn.codeUsed";
  }
  const state = await call("GET", "/api/session/").catch(() => null);
  show(state?.signed_in === true, state === null ? "error.unreachable" : reason);
}
