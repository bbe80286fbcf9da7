// Puts the page's parts together.
import { call } from "./api.js";
import { startConfirm } from "./confirm.js";
import { Detail } from "./detail.js";
import { byID } from "./dom.js";
import { Gallery } from "./gallery.js";
import { showLimits, startIntake } from "./intake.js";
import { startLanguage, tell } from "./language.js";
import { Live } from "./live.js";
import { startSession } from "./session.js";
import { startUploadList } from "./upload-list.js";
import { UploadQueue } from "./upload-queue.js";
import { offerStorage, showsPhotos, signedInViews, startViews, storageIntake, storageIsBusy } from "./views.js";

// The links of letters to users: what they are for is done in the marketplace's page.
if (/^#(reset|verify)=/.test(location.hash)) location.replace(`/market/${location.hash}`);

startLanguage();
startConfirm();

const queue = new UploadQueue();
const gallery = new Gallery((id) => detail.open(id));
const detail = new Detail(gallery);
const live = new Live();

startUploadList(queue);
startViews();
const photoIntake = { take: (files) => queue.add(files.map(({ file }) => file)), prompt: "intake.drop" };
startIntake(() => {
  if (byID("workspace").hidden || document.querySelector("dialog[open]") !== null) return null;
  return showsPhotos() ? photoIntake : storageIntake();
});
queue.addEventListener("stored", ({ detail: { file, record } }) => gallery.stored(record, file));
live.addEventListener("media", (event) => gallery.heard(event.detail));
live.addEventListener("stale", ({ detail: missed }) => {
  gallery.refresh(missed);
  if (missed.isWhole) detail.refresh();
});
addEventListener("beforeunload", (event) => { if (queue.isRunning || storageIsBusy()) event.preventDefault(); });

startSession({
  open() {
    gallery.load().then(() => detail.follow());
    live.start();
    signedInViews(true);
  },
  close() {
    signedInViews(false);
    live.stop();
    // The next session may go on with what is under way.
    queue.cancelAll({ keep: true });
    queue.clear();
    detail.close();
    gallery.clear();
  },
});

// The address says what is shown: to go past the bar is no other place.
byID("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byID("main").focus();
});

call("GET", "/api/info/").then((info) => {
  showLimits(info);
  offerStorage(Boolean(info.storage));
  if (info.version) tell(byID("version"), ` ${info.version}`);
}, () => offerStorage(true));
