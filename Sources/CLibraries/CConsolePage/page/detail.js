// One photo, large, with all that is known of it. Its address is #/photo/ID, so that "back" closes it on a phone.
import { APIError, call, mediaPath, ownPath } from "./api.js";
import { nameOf } from "./card.js";
import { confirm } from "./confirm.js";
import { byID, make, takesKeys } from "./dom.js";
import { Edit } from "./edit.js";
import { reasonOf } from "./failure.js";
import { bytes, clock, formatName, moment, number, percent, phrase, say, spokenLanguage, tell } from "./language.js";
import { toast, toastText } from "./notices.js";
import { fillFrame, playerOf, ratioOf, unplayableBadge } from "./picture.js";
import { showRenditions } from "./renditions.js";
import { photoAsked } from "./views.js";

const sizes = "(max-width: 56rem) 100vw, 50rem";
const prefix = "#/photo/";

/** How far the video for browsers is. */
function playbackOf(playback) {
  if (playback.status === "processing") return say(make("span"), "playback.processing", { percent: () => percent(playback.progress) });
  if (playback.status === "failed") return say(make("span"), "playback.failed");
  const silent = () => (playback.error ? ` · ${phrase("playback.silent")}` : "");
  const text = () => `${number(playback.width)} × ${number(playback.height)} · ${bytes(playback.size)}${silent()}`;
  return say(make("span"), "as.given", { text });
}

export class Detail {
  #dialog = byID("detail");
  #gallery;
  #record = null;
  #edit;
  /** Whether the history's entry for this dialog is ours to go back from. */
  #pushed = false;
  /** Between asking the history to go back and its answer. */
  #leaving = false;
  /** Where focus goes on closing; the photo shown, unless that is gone. */
  #returnTo = null;
  /** The photo that is being deleted here: its event may come before the answer. */
  #deleting = null;

  constructor(gallery) {
    this.#gallery = gallery;
    this.#edit = new Edit((record) => {
      this.#gallery.put(record);
      // It may have been saved because the photo was left.
      if (this.#record?.id === record.id) this.#show(record);
    });
    gallery.addEventListener("change", ({ detail: { id, record } }) => this.#changed(id, record));
    gallery.addEventListener("counted", () => this.#showSteps());
    byID("detail-close").addEventListener("click", () => this.#leave());
    byID("previous").addEventListener("click", () => this.#step(-1));
    byID("next").addEventListener("click", () => this.#step(1));
    byID("delete").addEventListener("click", () => this.#delete());
    this.#dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.#leave(); });
    // Browsers close a dialog on a second Esc whatever the page says.
    this.#dialog.addEventListener("close", () => { if (this.#record) this.#leave(); });
    this.#dialog.addEventListener("click", (event) => { if (event.target === this.#dialog) this.#leave(); });
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("popstate", () => this.follow());
  }

  /** Does what the address says: opens its photo, or closes. */
  follow() {
    const id = photoAsked();
    if (id) this.#present(id);
    else this.close();
  }

  /** Opens a photo of the gallery. */
  open(id) {
    history.pushState({ photo: id }, "", prefix + encodeURIComponent(id));
    this.#pushed = true;
    this.#present(id);
  }

  /** Closes without touching the history; focus goes back to the photo in the gallery. */
  close() {
    if (!this.#dialog.open && this.#record === null) return;
    const id = this.#returnTo ?? this.#record?.id;
    this.#keepChanges();
    this.#edit.leave();
    this.#record = null;
    this.#returnTo = null;
    this.#pushed = false;
    this.#leaving = false;
    this.#dialog.close();
    this.#gallery.focus(id);
  }

  #leave() {
    if (this.#pushed) {
      // Going back takes a moment, and a second step back would leave the page.
      this.#pushed = false;
      this.#leaving = true;
      return history.back();
    }
    if (this.#leaving) return;
    history.replaceState(null, "", location.pathname + location.search);
    this.close();
  }

  #keepChanges() {
    this.#edit.save().then((error) => { if (error) toastText(error.explain().text); });
  }

  #present(id) {
    const known = this.#gallery.record(id);
    if (known) this.#show(known);
    // The list is as old as the page, and a private photo's signed addresses expire: ask for the record of now.
    return this.#ask(id);
  }

  async #ask(id) {
    let record;
    try {
      const told = spokenLanguage();
      record = { ...await call("GET", mediaPath(id), { headers: { "Accept-Language": told } }), told };
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      if (error.status === 404) this.#gallery.remove(id);
      if (this.#record?.id !== id && photoAsked() === id) {
        toastText(error.explain().text);
        this.#leave();
      }
      return;
    }
    // An event may have told more while the answer was on its way, and nothing tells it again.
    if (this.#record?.id === id && this.#record.updated > record.updated) return;
    if (photoAsked() === id) this.#show(record);
    this.#gallery.put(record);
  }

  #changed(id, record) {
    if (id !== this.#record?.id || !this.#dialog.open) return;
    if (record === null) {
      if (id === this.#deleting) return;
      toast(this.#record.kind === "video" ? "detail.goneVideo" : "detail.gone");
      return this.#leave();
    }
    // An event may come after a newer answer.
    if (record.updated < this.#record.updated) return;
    // Events carry addresses without signature, and reasons in English.
    const isSaidElsewhere = record.visibility === "private" || record.status === "failed";
    if (isSaidElsewhere && record.updated !== this.#record.updated) return this.#ask(id);
    this.#show(record);
  }

  async #step(by) {
    const from = this.#record;
    if (!from) return;
    if (by > 0 && this.#gallery.neighbour(from, by) === undefined && this.#gallery.goesOnBehind(from)) {
      if (!(await this.#gallery.more())) toast("error.unreachable");
      if (this.#record?.id !== from.id) return;
    }
    const id = this.#gallery.neighbour(from, by);
    if (id === undefined) return;
    this.#keepChanges();
    history.replaceState({ photo: id }, "", prefix + encodeURIComponent(id));
    this.#present(id);
  }

  /** Events may have been missed. */
  refresh() { if (this.#record) this.#ask(this.#record.id); }

  #showSteps() {
    if (!this.#record) return;
    byID("previous").disabled = this.#gallery.neighbour(this.#record, -1) === undefined;
    byID("next").disabled = this.#gallery.neighbour(this.#record, 1) === undefined && !this.#gallery.goesOnBehind(this.#record);
    // A button that has just been disabled loses the focus, and the arrow keys with it.
    if (this.#dialog.contains(document.activeElement) && document.activeElement.disabled) byID("detail-heading").focus();
  }

  #key(event) {
    if (takesKeys(event.target) || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") this.#step(-1);
    else if (event.key === "ArrowRight") this.#step(1);
    else return;
    event.preventDefault();
  }

  #show(record) {
    const before = this.#record;
    const another = before?.id !== record.id;
    this.#record = record;
    if (nameOf(record)) tell(byID("detail-heading"), nameOf(record));
    else say(byID("detail-heading"), "untitled");
    // What was written for browsers plays where the original did not; what plays already goes on.
    const comes = before?.playback?.url !== record.playback?.url || before?.playback?.status !== record.playback?.status;
    const plays = (byID("stage").querySelector("video")?.currentTime ?? 0) > 0;
    if (another || before.status !== record.status || before.placeholder !== record.placeholder || (comes && !plays)) this.#showPicture(record);
    const failure = byID("detail-failure");
    failure.hidden = record.status !== "failed";
    failure.replaceChildren(
      say(make("p"), "as.given", { text: () => reasonOf(record).text }),
      say(make("small"), "as.given", { text: () => reasonOf(record).more }));
    this.#edit.show(record);
    byID("renditions-heading").parentElement.hidden = record.status === "failed";
    byID("renditions-hint").hidden = record.visibility !== "private";
    const otherRenditions = another || before.status !== record.status
      || JSON.stringify(before.renditions) !== JSON.stringify(record.renditions);
    if (otherRenditions) showRenditions(record);
    this.#showFacts(record);
    const download = new URL(ownPath(record.url), location.href);
    download.searchParams.set("download", "1");
    byID("download").href = download.pathname + download.search;
    byID("download").download = record.filename;
    this.#showSteps();
    const opens = !this.#dialog.open;
    if (opens) this.#dialog.showModal();
    if (!another) return;
    if (opens || !this.#dialog.contains(document.activeElement)) byID("detail-heading").focus();
    byID("stage").parentElement.scrollTop = 0;
    this.#dialog.querySelector(".sheet").scrollTop = 0;
  }

  #showPicture(record) {
    const stage = byID("stage");
    const frame = make("div", { className: "frame" });
    stage.dataset.status = record.status;
    // A video plays whole, whatever its poster shows of it.
    const ratio = ratioOf(record.kind === "video" ? { ...record, renditions: [] } : record);
    stage.style.setProperty("--ratio", ratio.toFixed(4));
    const widest = Math.max(0, ...record.renditions.map(({ width }) => width));
    stage.style.setProperty("--natural", `${record.status === "failed" ? 320 : Math.max(160, widest)}px`);
    fillFrame(frame, record, sizes, { lazy: false });
    // A browser that cannot play the file shows its poster, and says what comes.
    const player = record.status === "ready" && record.kind === "video" ? playerOf(record, () => {
      if (player.isConnected) player.replaceWith(unplayableBadge(record));
    }) : null;
    if (player) frame.append(player);
    stage.replaceChildren(frame);
  }

  #showFacts(record) {
    const fact = (key, value, className = "") => [say(make("dt"), key), make("dd", { className }, [value])];
    const live = (text) => say(make("span"), "as.given", { text });
    byID("facts").replaceChildren(...[
      fact("fact.file", record.filename),
      fact("fact.type", formatName(record.content_type)),
      ...(record.width ? [fact("fact.pixels", live(() => `${number(record.width)} × ${number(record.height)}`))] : []),
      ...(record.duration ? [fact("fact.duration", clock(record.duration))] : []),
      ...(record.frame_rate ? [fact("fact.frame_rate", live(() => `${number(Math.round(record.frame_rate * 100) / 100)}/s`))] : []),
      ...(record.codecs ? [fact("fact.codecs", Object.values(record.codecs).filter(Boolean).join(", "))] : []),
      ...(record.playback ? [fact("fact.playback", playbackOf(record.playback))] : []),
      fact("fact.size", live(() => bytes(record.size))),
      fact("fact.created", live(() => moment(record.created))),
      fact("fact.owner", record.owner),
      ...(record.purpose ? [fact("fact.purpose", record.purpose)] : []),
      fact("fact.id", record.id, "code"),
      fact("fact.sha256", record.sha256, "code"),
    ].flat());
  }

  async #delete() {
    const record = this.#record;
    const { id, kind } = record;
    const name = nameOf(record);
    const yes = kind === "video" ? "delete.yesVideo" : "delete.yes";
    const agreed = await confirm({ heading: "delete.heading", explain: "delete.explain", yes, values: { name } });
    if (!agreed || this.#record?.id !== id) return;
    this.#deleting = id;
    try {
      await call("DELETE", mediaPath(id));
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      if (error.status !== 404) {
        byID("edit-problem").hidden = false;
        say(byID("edit-problem"), "as.given", { text: () => error.explain().text });
        this.#deleting = null;
        return;
      }
    }
    if (this.#record?.id !== id) return toast("delete.done", { name });
    this.#returnTo = this.#gallery.neighbour(record, 1) ?? this.#gallery.neighbour(record, -1) ?? null;
    // Changes of a photo that is gone are not sent after it.
    this.#edit.leave();
    this.#record = null;
    this.#gallery.remove(id);
    this.#leave();
    toast("delete.done", { name });
  }
}
