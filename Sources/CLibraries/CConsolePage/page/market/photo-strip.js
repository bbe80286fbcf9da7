// The photos of an ad that is being written: they upload while the form is filled in, and are put in order by drag or by keys.
import { icon, iconButton, make } from "../dom.js";
import { percent, phrase, say, sayAttribute } from "../language.js";
import { announce } from "../notices.js";
import { keepPreview, localPreview, releasePreview } from "../picture.js";
import { UploadQueue } from "../upload-queue.js";
import { followMedia } from "./follow.js";
import { showPhoto } from "./photo.js";
import { explain, get } from "./server.js";

/** As many as an ad takes. */
const mostPhotos = 30;

/** Events: `change` when photos came, went, moved or arrived. */
export class PhotoStrip extends EventTarget {
  #tiles = [];
  #queue = new UploadQueue();
  #stop = null;

  /** @param {object[]} media What the ad has already. */
  constructor(media) {
    super();
    this.list = make("ol", { className: "strip" });
    const choose = make("button", { type: "button", className: "drop", id: "choose-photos" }, [
      icon("camera"), say(make("strong"), "photos.add"), say(make("span"), "photos.how"),
    ]);
    choose.addEventListener("click", () => document.getElementById("files").click());
    this.status = make("p", { className: "hint", role: "status" });
    this.problem = make("p", { className: "problem", hidden: true, role: "alert" });
    this.element = make("div", { className: "photos-field" }, [choose, this.list, this.status, this.problem]);
    this.#queue.addEventListener("change", () => this.#progress());
    this.#queue.addEventListener("stored", ({ detail: { file, record } }) => this.#stored(file, record));
    for (const item of media) this.#tiles.push(new Tile(this, { media: item }));
    this.#draw();
  }

  /** Ids in order; photos that are still on their way are not among them. */
  get ids() { return this.#tiles.map(({ media }) => media?.id).filter(Boolean); }
  get isUploading() { return this.#tiles.some((tile) => tile.upload && !tile.upload.isOver); }
  get hasFailed() { return this.#tiles.some((tile) => tile.upload?.state === "failed"); }

  /** @param {{ file: File }[]} files */
  take(files) {
    const room = mostPhotos - this.#tiles.length;
    if (files.length > room) say(this.problem, "photos.tooMany", { count: mostPhotos });
    this.problem.hidden = files.length <= room;
    const taken = files.slice(0, Math.max(0, room)).map(({ file }) => file);
    const tiles = taken.map((file) => new Tile(this, { file }));
    this.#tiles.push(...tiles);
    this.#queue.add(taken);
    for (const tile of tiles) tile.upload = this.#queue.uploads.find((upload) => upload.file === tile.file);
    this.#draw();
    this.#progress();
  }

  /** Resolves when every photo that can arrive has arrived. */
  async settled() {
    while (this.isUploading) await new Promise((resolve) => this.addEventListener("change", resolve, { once: true }));
  }

  remove(tile) {
    const at = this.#tiles.indexOf(tile);
    if (tile.upload && !tile.upload.isOver) this.#queue.cancel(tile.upload);
    this.#tiles = this.#tiles.filter((other) => other !== tile);
    tile.forget();
    this.#draw();
    (this.#tiles[at] ?? this.#tiles[at - 1])?.handle.focus();
    announce("photos.removed");
  }

  retry(tile) { this.#queue.retry(tile.upload); }

  /** Puts a tile where another is. */
  move(tile, to, { isSaid = false } = {}) {
    const from = this.#tiles.indexOf(tile);
    if (to < 0 || to >= this.#tiles.length || to === from) return;
    this.#tiles.splice(to, 0, ...this.#tiles.splice(from, 1));
    this.#draw();
    if (isSaid) announce("photos.moved", { number: to + 1, of: this.#tiles.length });
  }

  placeOf(tile) { return this.#tiles.indexOf(tile); }
  tileOf(element) { return this.#tiles.find((tile) => tile.element === element); }

  #stored(file, record) {
    const tile = this.#tiles.find((one) => one.file === file && !one.media);
    // It was taken away while its last bytes were on their way.
    if (!tile) return;
    tile.media = record;
    tile.file = null;
    keepPreview(record.id, file);
    tile.show();
    this.#watch();
  }

  #draw() {
    this.list.hidden = this.#tiles.length === 0;
    const focused = document.activeElement;
    this.#tiles.forEach((tile, index) => {
      tile.show();
      tile.number(index, this.#tiles.length);
      if (this.list.children[index] !== tile.element) this.list.insertBefore(tile.element, this.list.children[index] ?? null);
    });
    while (this.list.children.length > this.#tiles.length) this.list.lastChild.remove();
    if (focused && this.list.contains(focused)) focused.focus();
    this.dispatchEvent(new Event("change"));
  }

  #progress() {
    for (const tile of this.#tiles) if (tile.upload && !tile.media) tile.show();
    const uploads = this.#tiles.map(({ upload }) => upload).filter(Boolean);
    const done = uploads.filter(({ state }) => state === "stored").length;
    const failures = uploads.filter(({ state }) => state === "failed").length;
    if (uploads.length === 0) this.status.textContent = "";
    else if (this.isUploading) say(this.status, "photos.running", { done, count: uploads.length });
    else if (failures > 0) say(this.status, "photos.failed", { count: failures });
    else say(this.status, "photos.done", { count: done });
    this.dispatchEvent(new Event("change"));
  }

  #watch() {
    if (this.#stop) return;
    this.#stop = followMedia((id, record) => {
      const tile = this.#tiles.find(({ media }) => media?.id === id);
      if (!tile) return;
      if (record === null) return this.remove(tile);
      tile.media = record;
      tile.show();
    }, () => this.#again());
  }

  /** Asks for what is still being prepared: that it is done may have been told while nobody listened. */
  async #again() {
    for (const tile of this.#tiles.filter(({ media }) => media?.status === "processing")) {
      const record = await get(`/api/media/${tile.media.id}/`).catch(() => null);
      if (!record || tile.media?.id !== record.id) continue;
      tile.media = record;
      tile.show();
    }
  }

  /** The view is left: what is on its way is given up. */
  close({ isDone }) {
    this.#stop?.();
    if (!isDone) this.#queue.cancelAll();
    for (const tile of this.#tiles) tile.forget();
  }
}

class Tile {
  constructor(strip, { media = null, file = null }) {
    Object.assign(this, { strip, media, file, upload: null });
    this.frame = make("span", { className: "frame" });
    this.bar = make("progress", { max: 1, value: 0 });
    sayAttribute(this.bar, "aria-label", "upload.progress", { name: file?.name ?? "" });
    this.words = make("span", { className: "tile-words" });
    this.handle = make("button", { type: "button", className: "tile-handle" }, [this.frame]);
    this.again = sayAttribute(iconButton("retry", () => strip.retry(this)), "aria-label", "again");
    this.trash = sayAttribute(iconButton("close", () => strip.remove(this)), "aria-label", "photos.remove");
    this.trash.classList.add("tile-remove");
    this.first = say(make("span", { className: "badge first" }), "photos.first");
    this.element = make("li", { className: "tile", draggable: true }, [this.handle, this.first, this.trash, this.words, this.bar, this.again]);
    this.#drag();
    this.handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (event.key === "Delete") return strip.remove(this);
      if (!step) return;
      event.preventDefault();
      strip.move(this, strip.placeOf(this) + step, { isSaid: true });
      this.handle.focus();
    });
  }

  number(index, count) {
    this.first.hidden = index > 0;
    sayAttribute(this.handle, "aria-label", "photos.handle", { number: index + 1, of: count });
  }

  show() {
    const state = this.media ? this.media.status : (this.upload?.state ?? "queued");
    if (this.state !== state) {
      this.state = state;
      this.element.dataset.state = state;
      if (this.media) showPhoto(this.frame, this.media, "10rem", { lazy: false });
      else if (!this.preview) this.#showPreview();
    }
    const isMoving = !this.media && ["queued", "sending", "saving"].includes(state);
    this.bar.hidden = !isMoving;
    this.again.hidden = this.media !== null || state !== "failed";
    if (isMoving && state === "sending") this.bar.value = this.upload.sent / Math.max(1, this.file.size);
    else if (state === "saving") this.bar.removeAttribute("value");
    this.words.hidden = !isMoving && state !== "failed";
    if (state === "failed" && !this.media) say(this.words, "as.given", { text: () => explain(this.upload.error) });
    else if (state === "failed") say(this.words, "photo.failed");
    else if (state === "sending") {
      const share = Math.floor((this.upload.sent / Math.max(1, this.file.size)) * 100) / 100;
      say(this.words, "as.given", { text: () => (this.upload?.isInterrupted ? phrase("photos.interrupted") : percent(share)) });
    } else if (isMoving) say(this.words, state === "saving" ? "upload.saving" : "photos.queued");
  }

  #showPreview() {
    this.preview = localPreview(this.file);
    if (!this.preview) return this.frame.replaceChildren(icon("photo"));
    const image = make("img", { src: this.preview, alt: "" });
    image.addEventListener("error", () => this.frame.replaceChildren(icon("photo")), { once: true });
    this.frame.replaceChildren(image);
  }

  forget() {
    releasePreview(this.preview);
    this.preview = null;
  }

  #drag() {
    const { strip, element } = this;
    element.addEventListener("dragstart", (event) => {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "photo");
      strip.dragged = this;
      element.classList.add("dragged");
    });
    element.addEventListener("dragend", () => {
      strip.dragged = null;
      element.classList.remove("dragged");
    });
    element.addEventListener("dragover", (event) => {
      if (!strip.dragged) return;
      event.preventDefault();
      if (strip.dragged !== this) strip.move(strip.dragged, strip.placeOf(this));
    });
    element.addEventListener("drop", (event) => { if (strip.dragged) event.preventDefault(); });
  }
}
