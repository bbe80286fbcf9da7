// Which view the address asks for: #/ad/0198…, #/?search=heifer. Going back finds a view as it was left.
import { byID, make } from "../dom.js";
import { phrase } from "../language.js";

/** Views that are kept when they are left, to come back to: the way back from an ad to a long list has to be short. */
const keptViews = 3;

/** @typedef {{ element: HTMLElement, title: () => string, update?: (query: URLSearchParams) => void, shown?: () => void,
 *   left?: () => void, isKept?: boolean, mayLeave?: () => Promise<boolean> }} View */

let routes = [];
let elsewhere = null;
let current = null;
/** Newest last: { hash, language, view, scroll }. */
let kept = [];
let place = 0;
let isReturning = false;

export const hashOf = (path, values = {}) => {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ""));
  return `#${path}${query.size > 0 ? `?${query}` : ""}`;
};
export const go = (path, values) => { location.hash = hashOf(path, values); };
/** Puts what a view shows into the address; the view has it already. */
export function note(path, values) {
  history.replaceState(history.state, "", hashOf(path, values));
  if (current) current.hash = location.hash;
}
export const here = () => location.hash.replace(/^#/, "") || "/";

/**
 * @param {[RegExp, (parts: string[], query: URLSearchParams) => View][]} table The first that fits is taken.
 * @param {() => View} nothing What is shown where none fits.
 */
export function startRouter(table, nothing) {
  routes = table;
  elsewhere = nothing;
  history.scrollRestoration = "manual";
  place = history.state?.place ?? 0;
  addEventListener("hashchange", follow);
  follow();
}

/** Shows what the address asks for, anew: who is signed in has changed. */
export function refresh() {
  kept = [];
  if (current) leave({ keep: false });
  follow();
}

/** What stands in a path's places, its pattern, and what opens it. */
function routeOf(path) {
  for (const [pattern, open] of routes) {
    const match = pattern.exec(path);
    if (!match) continue;
    try {
      return [match.slice(1).map(decodeURIComponent), pattern, open];
    } catch (error) {
      // What is no text names nothing.
      if (!(error instanceof URIError)) throw error;
    }
  }
  return [[], null, elsewhere];
}

let asking = false;
async function follow() {
  if (asking) return;
  if (current?.view.mayLeave && current.hash !== location.hash) {
    const wanted = location.hash;
    asking = true;
    history.replaceState(history.state, "", current.hash);
    const may = await current.view.mayLeave();
    asking = false;
    if (!may) return;
    current.view.mayLeave = null;
    history.replaceState(history.state, "", wanted);
  }
  isReturning = history.state?.place !== undefined && history.state.place < place;
  if (history.state?.place === undefined) history.replaceState({ place: place + 1 }, "", location.hash || "#/");
  place = history.state.place;

  const [path, search = ""] = here().split("?");
  const query = new URLSearchParams(search);
  const [parts, pattern, open] = routeOf(path);
  if (current?.pattern === pattern && current.path === path && current.view.update) {
    current.hash = location.hash;
    return current.view.update(query);
  }
  if (current) leave({ keep: true });
  const language = document.documentElement.lang;
  const back = isReturning ? kept.find((entry) => entry.hash === location.hash && entry.language === language) : null;
  const view = back?.view ?? open(parts, query);
  kept = kept.filter((entry) => entry !== back);
  current = { view, pattern, path, hash: location.hash };
  byID("view").replaceChildren(view.element);
  retitle();
  view.shown?.();
  scrollTo(0, back?.scroll ?? 0);
  for (const link of document.querySelectorAll("nav [data-path]")) {
    if (link.dataset.path === `/${path.split("/")[1]}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  // A new page is read from its beginning; the first one leaves the focus where the browser has it.
  if (started) byID("main").focus({ preventScroll: true });
  started = true;
}
let started = false;

function leave({ keep }) {
  const { view, hash } = current;
  view.left?.();
  if (keep && view.isKept) kept = [...kept.slice(1 - keptViews), { hash, view, scroll: scrollY, language: document.documentElement.lang }];
  current = null;
}

/** The title says where one is; called again where it becomes known later. */
export function retitle() {
  const title = current?.view.title();
  document.title = title ? `${title} · Agrovet` : "Agrovet";
}

/** A heading and what stands below it. */
export function page(className, children) {
  return make("section", { className: `page ${className}` }, children);
}

export const titled = (key, values) => () => phrase(key, values);
