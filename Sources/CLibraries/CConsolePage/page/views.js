// Which view of the page is shown: the photos, the storage (addresses that begin with #/storage), or that the address leads nowhere. What
// the storage view is made of comes when it is first opened.
import { byID } from "./dom.js";
import { toast } from "./notices.js";

/** The id of the photo that the address asks for; null for none. */
export const photoAsked = () => /^#\/photo\/([\w-]+)$/.exec(location.hash)?.[1] ?? null;
const isStorage = () => location.hash === "#storage" || /^#\/storage(\/|$)/.test(location.hash);

let storage = null;
/** While what the storage is made of is on its way: two changes of the address must not make two of it. */
let loading = null;
let isSignedIn = false;

/** Where files go that are dropped or pasted now; null where they are not welcome. See `startIntake`. */
export const storageIntake = () => (isStorage() ? storage?.intake ?? null : null);
export const showsPhotos = () => ["", "#", "#/"].includes(location.hash) || photoAsked() !== null;
/** Whether an upload into the storage is under way. */
export const storageIsBusy = () => storage?.isBusy ?? false;

export function startViews() {
  addEventListener("hashchange", show);
  addEventListener("popstate", show);
}

/** The server has a storage console. */
export function offerStorage() { byID("views").dataset.offered = ""; nameViews(); }

/** @param {boolean} signedIn Nothing of the storage is shown, or asked for, before that. */
export function signedInViews(signedIn) {
  isSignedIn = signedIn;
  nameViews();
  if (!signedIn) storage?.close();
  show();
}

function nameViews() {
  byID("views").hidden = !isSignedIn || !("offered" in byID("views").dataset);
}

async function show() {
  const wantsStorage = isStorage();
  const shown = { photos: showsPhotos(), storage: wantsStorage, nothing: !showsPhotos() && !wantsStorage };
  for (const [id, isShown] of Object.entries(shown)) byID(id).hidden = !isShown;
  byID("choose").hidden = !shown.photos;
  for (const link of byID("views").querySelectorAll("a")) {
    if (shown[link.dataset.view]) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!wantsStorage || !isSignedIn) return;
  try {
    loading ??= import("./storage/storage.js");
    const { Storage } = await loading;
    storage ??= new Storage(byID("storage"));
  } catch {
    loading = null;
    return toast("error.unreachable");
  }
  if (isStorage() && isSignedIn) storage.open(location.hash);
}
