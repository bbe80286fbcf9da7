// Which view of the page is shown: the photos, the storage (addresses that begin with #/storage), or that the address leads nowhere. What
// the storage view is made of comes when it is first opened.
import { byID } from "./dom.js";
import { say } from "./language.js";
import { toast } from "./notices.js";

/** The id of the photo that the address asks for; null for none. */
export const photoAsked = () => /^#\/photo\/([\w-]+)$/.exec(location.hash)?.[1] ?? null;
const isStorage = () => location.hash === "#storage" || /^#\/storage(\/|$)/.test(location.hash);

let storage = null;
/** While what the storage is made of is on its way: two changes of the address must not make two of it. */
let loading = null;
let isSignedIn = false;
/** Whether the server has a storage console; null while that is not known. */
let isOffered = null;

/** Where files go that are dropped or pasted now; null where they are not welcome. See `startIntake`. */
export const storageIntake = () => (isStorage() ? storage?.intake ?? null : null);
export const showsPhotos = () => ["", "#", "#/"].includes(location.hash) || photoAsked() !== null;
/** Whether an upload into the storage is under way. */
export const storageIsBusy = () => storage?.isBusy ?? false;

export function startViews() {
  addEventListener("hashchange", show);
  addEventListener("popstate", show);
}

/** @param {boolean} isThere Whether the server has a storage console. */
export function offerStorage(isThere) {
  isOffered = isThere;
  nameViews();
  show();
}

/** @param {boolean} signedIn Nothing of the storage is shown, or asked for, before that. */
export function signedInViews(signedIn) {
  isSignedIn = signedIn;
  nameViews();
  if (!signedIn) storage?.close();
  show();
}

function nameViews() {
  byID("views").hidden = !isSignedIn || !isOffered;
}

async function show() {
  const wantsStorage = isStorage() && isOffered !== false;
  const shown = { photos: showsPhotos(), storage: wantsStorage, nothing: !showsPhotos() && !wantsStorage };
  say(byID("nothing").querySelector("h2"), isStorage() ? "storage.off" : "nothing.heading");
  say(byID("nothing").querySelector("p"), isStorage() ? "storage.offExplain" : "nothing.explain");
  for (const [id, isShown] of Object.entries(shown)) byID(id).hidden = !isShown;
  byID("choose").hidden = !shown.photos;
  for (const link of byID("views").querySelectorAll("a")) {
    if (shown[link.dataset.view]) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!wantsStorage || !isSignedIn || isOffered === null) return;
  try {
    loading ??= import("./storage/storage.js");
    const { Storage } = await loading;
    storage ??= new Storage(byID("storage"));
  } catch {
    loading = null;
    return toast("error.unreachable");
  }
  if (isStorage() && isSignedIn && isOffered) storage.open(location.hash);
}
