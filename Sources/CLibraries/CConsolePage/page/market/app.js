// The marketplace's page: who is signed in, which view is shown, where files go.
import { limits } from "../api.js";
import { startConfirm } from "../confirm.js";
import { byID } from "../dom.js";
import { startIntake } from "../intake.js";
import { addMessages, startLanguage } from "../language.js";
import { toast } from "../notices.js";
import { accountIntake, accountView } from "./account.js";
import { adView } from "./ad.js";
import { editorIntake, editorIsUploading, editorView } from "./editor.js";
import { feedView } from "./feed.js";
import { me } from "./me.js";
import { english } from "./messages-en.js";
import { spanish } from "./messages-es.js";
import { mineView } from "./mine.js";
import { orderView } from "./order.js";
import { ordersView } from "./orders.js";
import { failed, nothingView } from "./parts.js";
import { hashOf, here, page, refresh, retitle, startRouter } from "./router.js";
import { savedView } from "./saved.js";
import { sellerView } from "./seller.js";
import { get } from "./server.js";
import { newPasswordView, resetView, signInView, signUpView, verifyView } from "./sign-in.js";

addMessages({ en: english, es: spanish });
startLanguage();
startConfirm();

/** A view for those who are signed in; others sign in first, and go on there. */
const mine = (open) => (parts, query) => (me.user ? open(parts, query) : signInView(parts, new URLSearchParams({ next: here() })));

const id = "([0-9a-fA-F-]{36})";
const routes = [
  [/^\/$/, feedView], [new RegExp(`^/ad/${id}$`), adView], [new RegExp(`^/ad/${id}/edit$`), mine(editorView)], [/^\/new$/, mine(editorView)],
  [/^\/mine$/, mine(mineView)], [/^\/orders$/, mine(ordersView)], [new RegExp(`^/orders/${id}$`), mine(orderView)], [/^\/saved$/, mine(savedView)],
  [/^\/account$/, mine(accountView)], [/^\/seller\/([^/]+)$/, sellerView], [/^\/sign-in$/, signInView], [/^\/sign-up$/, signUpView],
  [/^\/reset$/, resetView], [/^\/new-password$/, newPasswordView], [/^\/verify$/, mine(verifyView)],
];

/** Links of letters: #reset=… and #verify=… */
function takeLetter() {
  const letter = /^#(reset|verify)=([\w%.~-]+)$/.exec(location.hash);
  if (!letter) return;
  history.replaceState(history.state, "", hashOf(letter[1] === "reset" ? "/new-password" : "/verify", { token: letter[2] }));
}
takeLetter();
// One may be opened where the page is already; the router comes after this.
addEventListener("hashchange", takeLetter);

startIntake(() => (document.querySelector("dialog[open]") ? null : editorIntake() ?? accountIntake()));

addEventListener("beforeunload", (event) => { if (editorIsUploading()) event.preventDefault(); });
for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", retitle);

function showWho() {
  for (const element of document.querySelectorAll("[data-for]")) element.hidden = (element.dataset.for === "guest") === Boolean(me.user);
}

get("/api/info/").then((info) => {
  limits.formBytes = info.limits?.upload_bytes ?? null;
  limits.uploadBytes = info.limits?.resumable_upload_bytes ?? limits.formBytes;
}, () => null);

async function start() {
  try {
    await me.load();
  } catch (error) {
    byID("view").replaceChildren(page("feed", [failed(error, start)]));
    return;
  }
  showWho();
  startRouter(routes, nothingView);
  me.addEventListener("change", ({ detail: { isLost } }) => {
    showWho();
    if (!isLost) return;
    toast("signIn.lost");
    refresh();
  });
}
start();

byID("brand").addEventListener("click", () => { if (here() === "/") scrollTo(0, 0); });
byID("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byID("main").focus();
});
