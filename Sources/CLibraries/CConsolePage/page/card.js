// One photo in the gallery.
import { ownPath } from "./api.js";
import { icon, make } from "./dom.js";
import { clock, say, tell } from "./language.js";
import { fillFrame, mayMove, motionOf, ratioOf } from "./picture.js";
import { reasonOf } from "./failure.js";

// The widest that gallery.css lets a card of this shape grow: --row × 1.6 × its ratio. (`auto` would ask for the largest
// rendition when a card is taken away.)
const sizesFor = (ratio) => `(max-width: 40rem) ${(11.6 * ratio).toFixed(1)}rem, ${(20.8 * ratio).toFixed(1)}rem`;
const shapeOf = (record) => (record.status === "failed" ? 1 : ratioOf(record, 0.62, 2.4));

/** What people call the photo. */
export const nameOf = (record) => record.title || record.filename;

export class Card {
  constructor(record, open) {
    this.frame = make("span", { className: "frame" });
    this.caption = make("span", { className: "caption" });
    this.button = make("button", { type: "button", className: "card-open", tabIndex: -1 }, [this.frame, this.caption]);
    this.button.addEventListener("click", () => open(this.record.id));
    for (const event of ["pointerenter", "pointerleave", "focus", "blur"]) this.button.addEventListener(event, () => this.move());
    this.element = make("li", { className: "card" }, [this.button]);
    this.show(record);
  }

  /** Shows the record; the picture is left alone where only words changed, so that nothing flickers. */
  show(record) {
    const before = this.record;
    this.record = record;
    this.element.dataset.id = record.id;
    this.element.dataset.status = record.status;
    this.element.style.setProperty("--ratio", shapeOf(record).toFixed(4));
    const looksOther = before?.status !== record.status || before?.placeholder !== record.placeholder;
    if (looksOther) fillFrame(this.frame, record, sizesFor(shapeOf(record)));
    const image = this.frame.querySelector("picture img");
    if (image) image.alt = record.alt;
    if (nameOf(record)) tell(this.caption, nameOf(record));
    else say(this.caption, "untitled");
    this.showBadges(record);
  }

  /** Draws the frame again: the file's own preview has become known. */
  refresh() {
    fillFrame(this.frame, this.record, sizesFor(shapeOf(this.record)));
    this.showBadges(this.record);
  }

  /** Plays a video's short animation over its poster while somebody points at the card or has the focus on it. */
  move() {
    const playing = this.frame.querySelector(".motion");
    const motion = this.record.status === "ready" && mayMove() ? motionOf(this.record) : null;
    if (!motion || !this.button.matches(":hover, :focus-visible")) return playing?.remove();
    if (playing) return;
    const image = make("img", { className: "motion", alt: "", src: ownPath(motion.url) });
    image.addEventListener("load", () => image.classList.add("loaded"));
    // The poster stays.
    image.addEventListener("error", () => image.remove());
    this.frame.append(image);
  }

  showBadges(record) {
    this.frame.querySelectorAll(".badge, .reason").forEach((badge) => badge.remove());
    if (record.status === "processing") {
      this.frame.append(make("span", { className: "badge" }, [make("span", { className: "dot" }), say(make("span"), "status.processing")]));
    } else if (record.status === "failed") {
      this.frame.append(say(make("span", { className: "reason" }), "as.given", { text: () => reasonOf(record).text }));
    }
    if (record.kind === "video" && record.status !== "failed") {
      const words = say(make("span", { className: "visually-hidden" }), "kind.video");
      const length = record.duration ? clock(record.duration) : "";
      this.frame.append(make("span", { className: "badge length" }, [icon("play"), words, length]));
    }
    if (record.visibility === "private") {
      const words = say(make("span", { className: "visually-hidden" }), "status.private");
      this.frame.append(make("span", { className: "badge corner" }, [icon("lock"), words]));
    }
  }
}
