// Which view of the page is shown: the photos, or the storage (addresses that begin with #/storage). What the storage view is made of
// comes when it is first opened.
import { byID } from "./dom.js";
import { toast } from "./notices.js";

const isStorage = () => location.hash === "#storage" || /^#\/storage(\/|$)/.test(location.hash);

let storage = null;
/** While what the storage is made of is on its way: two changes of the address must not make two of it. */
let loading = null;
let isSignedIn = false;

/** Where files go that are dropped or pasted now; null where they are not welcome. See `startIntake`. */
export const storageIntake = () => (isStorage() ? storage?.intake ?? null : null);
export const showsPhotos = () => !isStorage();
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
  byID("photos").hidden = wantsStorage;
  byID("storage").hidden = !wantsStorage;
  byID("choose").hidden = wantsStorage;
  for (const link of byID("views").querySelectorAll("a")) {
    if ((link.dataset.view === "storage") === wantsStorage) link.setAttribute("aria-current", "page");
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
