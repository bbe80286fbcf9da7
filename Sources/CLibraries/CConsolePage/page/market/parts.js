// Pieces that several views are made of.
import { icon, make } from "../dom.js";
import { say, sayAttribute, tell } from "../language.js";
import { hashOf, here, page, titled } from "./router.js";
import { explain } from "./server.js";

export const heading = (key, values) => say(make("h1"), key, values);

export function button(key, onClick, { kind = "", symbol = null, values } = {}) {
  const element = make("button", { type: "button", className: `button ${kind}`.trim() }, [
    ...(symbol ? [icon(symbol)] : []), say(make("span"), key, values),
  ]);
  element.addEventListener("click", onClick);
  return element;
}

export function link(key, href, { kind = "button", symbol = null, values } = {}) {
  return make("a", { href, className: kind }, [...(symbol ? [icon(symbol)] : []), say(make("span"), key, values)]);
}

/** Words for a place with nothing in it, and what to do about it. */
export function empty(key, symbol, actions = []) {
  return make("div", { className: "empty" }, [
    make("span", { className: "empty-icon" }, [icon(symbol)]), say(make("h2"), `${key}.heading`), say(make("p"), `${key}.explain`),
    ...(actions.length > 0 ? [make("div", { className: "row" }, actions)] : []),
  ]);
}

/** Where an error says that nobody is signed in, the way to that, and back here; for others nothing. */
export const waysToSignIn = (error) => (error.code === "not_authenticated"
  ? [link("signIn.do", hashOf("/sign-in", { next: here() }), { kind: "button", symbol: "person" })] : []);

/** What an address shows that leads nowhere. */
export const nothingView = () => ({
  title: titled("nothing.heading"), element: page("nothing", [empty("nothing", "search", [link("nav.home", "#/")])]),
});

/** What went wrong where something should be, with a way to try again. */
export function failed(error, again) {
  const words = say(make("p"), "as.given", { text: () => explain(error) });
  const box = make("div", { className: "empty" }, [make("span", { className: "empty-icon" }, [icon("alert")]), words]);
  box.setAttribute("role", "alert");
  const ways = waysToSignIn(error);
  if (ways.length > 0) box.append(...ways);
  else if (error.status !== 404) box.append(button("again", again, { symbol: "retry" }));
  else box.append(link("nav.home", "#/", { kind: "button" }));
  return box;
}

/** Grey shapes where something will be in a moment. */
export function waiting(className, count) {
  const element = make("div", { className: `waiting ${className}` }, Array.from({ length: count }, () => make("span")));
  element.setAttribute("role", "status");
  element.append(say(make("span", { className: "visually-hidden" }), "loading"));
  return element;
}

/** Fills `place` with what `load` makes, with grey shapes until then, and a way to try again where it failed. */
export async function fill(place, load, shapes = waiting("lines", 4)) {
  place.replaceChildren(shapes);
  try {
    place.replaceChildren(...[await load()].flat());
  } catch (error) {
    if (!("status" in error)) throw error;
    place.replaceChildren(failed(error, () => fill(place, load, shapes)));
  }
}

/** A person's letters where there is no photo. */
export function initials(name) {
  const words = (name || "?").trim().split(/\s+/);
  const letters = words.length > 1 ? words[0][0] + words.at(-1)[0] : [...words[0]].slice(0, 2).join("");
  const element = make("span", { className: "portrait", textContent: letters.toUpperCase() });
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** What others see of a user: { id, display_name, username }. Somebody who is gone has no name. */
export const personName = (user, element = make("span")) =>
  (user.display_name || user.username ? tell(element, user.display_name || user.username) : say(element, "user.gone"));

/** What stands beside the name of a specialist whose licence staff have verified; for others nothing. */
export const verifiedMark = (user) => (user.is_verified
  ? [make("span", { className: "verified" }, [icon("check"), say(make("span"), "seller.verified")])] : []);

/** A state with its colour: `state.add.paused`. */
export const stateBadge = (kind, state) => say(make("span", { className: `state ${state}` }), `state.${kind}.${state}`);

/** A dialog of the page that is taken away when it is closed. Esc and a click beside it close it, and so does a way that leads elsewhere. */
export function openDialog(className, labelKey, children) {
  const close = sayAttribute(make("button", { type: "button", className: "button quiet square close" }, [icon("close")]), "aria-label", "close");
  const title = say(make("h2"), labelKey);
  title.id = "dialog-heading";
  const dialog = make("dialog", { className: `sheet ${className}` }, [make("header", {}, [title, close]), ...children]);
  dialog.setAttribute("aria-labelledby", title.id);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  const leave = () => dialog.close();
  addEventListener("hashchange", leave);
  dialog.addEventListener("close", () => {
    removeEventListener("hashchange", leave);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A list that comes by pages: more when its end is near, and by a button. `read` gives { items, next } for a path. */
export class Pages {
  #next = null;
  #run = 0;
  #isLoading = false;

  constructor(list, read, shown) {
    this.list = list;
    this.read = read;
    this.shown = shown;
    this.more = button("feed.more", () => this.#advance(), {});
    this.place = make("div", { className: "more", hidden: true }, [this.more]);
    new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) this.#advance(); }, { rootMargin: "600px" })
      .observe(this.place);
  }

  /** Begins anew at `path`. Throws APIError. */
  async begin(path) {
    this.#run += 1;
    const run = this.#run;
    const page = await this.read(path);
    // Another list was asked for meanwhile.
    if (run !== this.#run) return;
    this.list.replaceChildren(...page.items);
    this.#take(page);
  }

  async #advance() {
    if (!this.#next || this.#isLoading) return;
    this.#isLoading = true;
    const run = this.#run;
    try {
      const page = await this.read(this.#next);
      if (run !== this.#run) return;
      this.list.append(...page.items);
      this.#take(page);
    } catch {
      // The button stays for another try; scrolling on does not ask again and again.
      this.place.hidden = false;
    } finally {
      this.#isLoading = false;
    }
  }

  #take(page) {
    this.#next = page.next;
    this.place.hidden = !page.next;
    this.shown?.(page);
  }
}
