// The photos of an ad: one beside the other to be swiped, with small ones below; a click shows one large.
import { icon, make } from "../dom.js";
import { sayAttribute, tell } from "../language.js";
import { announce, toastText } from "../notices.js";
import { confirm } from "../confirm.js";
import { noPhoto, photoFrame, player, showPhoto } from "./photo.js";
import { ask, explain } from "./server.js";
import { button } from "./parts.js";

const large = "(max-width: 60rem) 100vw, 50rem";

export class AdGallery {
  #slides = new Map();
  #at = 0;

  /** @param {(id: string) => void} options.removed A photo was deleted for good. */
  constructor(add, { isOwn, removed }) {
    Object.assign(this, { isOwn, removed });
    this.track = make("ul", { className: "slides", tabIndex: 0 });
    sayAttribute(this.track, "aria-label", "gallery.label");
    this.small = make("ul", { className: "thumbs" });
    this.counter = make("span", { className: "badge counter" });
    this.back = this.#arrow("left", -1);
    this.forth = this.#arrow("right", 1);
    this.remove = button("photo.delete", () => this.#delete(), { kind: "small danger", symbol: "trash" });
    this.stage = make("div", { className: "stage" }, [this.track, this.back, this.forth, this.counter]);
    this.element = make("div", { className: "ad-gallery" }, [this.stage, this.small, ...(isOwn ? [make("div", { className: "row end" }, [this.remove])] : [])]);
    this.track.addEventListener("scroll", () => this.#mark(Math.round(this.track.scrollLeft / Math.max(1, this.track.clientWidth))), { passive: true });
    this.track.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.#go(this.#at + step);
    });
    this.show(add);
  }

  show(add) {
    this.add = add;
    const slides = add.media.map((media, index) => this.#slide(media, index));
    for (const id of this.#slides.keys()) if (!add.media.some((media) => media.id === id)) this.#slides.delete(id);
    this.track.replaceChildren(...(slides.length > 0 ? slides : [make("li", {}, [noPhoto()])]));
    this.small.replaceChildren(...add.media.map((media, index) => {
      const thumb = make("button", { type: "button" }, [photoFrame(media, "72px")]);
      sayAttribute(thumb, "aria-label", "gallery.go", { count: index + 1 });
      thumb.addEventListener("click", () => this.#go(index));
      return make("li", {}, [thumb]);
    }));
    this.small.hidden = this.back.hidden = this.forth.hidden = this.counter.hidden = add.media.length < 2;
    this.remove.hidden = add.media.length === 0;
    this.#mark(Math.min(this.#at, Math.max(0, add.media.length - 1)));
  }

  /** A slide is drawn again only where its photo has become something else. */
  #slide(media, index) {
    const { url, status } = media.playback ?? {};
    const looks = JSON.stringify([media.status, media.placeholder, media.renditions?.length, index === 0, url, status]);
    const known = this.#slides.get(media.id);
    // What plays already goes on.
    if (known?.looks === looks || known?.element.querySelector("video")?.currentTime > 0) return known.element;
    const options = { lazy: index > 0, alt: this.add.title };
    const video = player(media, large, options);
    const inside = video ?? make("button", { type: "button", className: "enlarge" }, [photoFrame(media, large, options)]);
    if (!video) {
      sayAttribute(inside, "aria-label", "gallery.enlarge", { count: index + 1 });
      inside.addEventListener("click", () => this.#enlarge(media.id));
    }
    const element = make("li", {}, [inside]);
    this.#slides.set(media.id, { element, looks });
    return element;
  }

  #arrow(symbol, step) {
    const arrow = make("button", { type: "button", className: `arrow ${symbol}` }, [icon(symbol)]);
    arrow.addEventListener("click", () => this.#go(this.#at + step));
    return sayAttribute(arrow, "aria-label", step < 0 ? "gallery.back" : "gallery.forth");
  }

  #go(index) {
    const to = Math.max(0, Math.min(this.add.media.length - 1, index));
    this.track.scrollTo({ left: to * this.track.clientWidth, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    this.#mark(to);
    announce("gallery.at", { number: to + 1, of: this.add.media.length });
  }

  #mark(index) {
    this.#at = index;
    tell(this.counter, `${index + 1} / ${this.add.media.length}`);
    [...this.small.querySelectorAll("button")].forEach((thumb, place) => thumb.setAttribute("aria-current", String(place === index)));
    this.back.disabled = index === 0;
    this.forth.disabled = index >= this.add.media.length - 1;
  }

  #enlarge(id) {
    const media = this.add.media.find((item) => item.id === id);
    if (!media) return;
    const frame = make("div", { className: "frame" });
    frame.style.setProperty("--ratio", media.width > 0 ? media.width / media.height : 1);
    showPhoto(frame, media, "100vw", { lazy: false, alt: this.add.title });
    const close = sayAttribute(make("button", { type: "button", className: "button square close" }, [icon("close")]), "aria-label", "close");
    const dialog = make("dialog", { className: "large" }, [frame, close]);
    sayAttribute(dialog, "aria-label", "gallery.label");
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  async #delete() {
    const media = this.add.media[this.#at];
    const agreed = await confirm({ heading: "photo.delete.heading", explain: "photo.delete.explain", yes: "photo.delete" });
    if (!media || !agreed) return;
    try {
      await ask("DELETE", `/api/media/${media.id}/`);
      announce("photo.deleted");
      this.removed(media.id);
    } catch (error) {
      toastText(explain(error));
    }
  }
}
