// One ad in a list.
import { icon, make } from "../dom.js";
import { say, sayAttribute, tell } from "../language.js";
import { favouriteButton } from "./favourite.js";
import { noPhoto, photoFrame } from "./photo.js";
import { hashOf } from "./router.js";
import { stateBadge } from "./parts.js";
import { ago, kilometres, money, perUnit } from "./words.js";

const sizes = "(max-width: 40rem) 50vw, (max-width: 64rem) 33vw, 20rem";

export class AddCard {
  /** @param {boolean} [options.isOwn] Among one's own ads: with its state, and without a heart. */
  constructor(add, { isOwn = false } = {}) {
    this.isOwn = isOwn;
    this.element = make("li", { className: "card" });
    this.show(add);
  }

  get isWaiting() { return this.add.media[0]?.status === "processing"; }

  show(add) {
    this.add = add;
    this.element.dataset.id = add.id;
    const [photo] = add.media;
    const frame = photo ? photoFrame(photo, sizes, { alt: add.title }) : noPhoto();
    if (add.state !== "published") frame.append(stateBadge("add", add.state));
    if (add.media.length > 1) {
      const more = make("span", { className: "badge corner count" }, [icon("photo"), `${add.media.length}`]);
      frame.append(sayAttribute(more, "aria-label", "card.photos", { count: add.media.length }));
    }
    const price = make("span", { className: "price" }, [
      say(make("strong"), "as.given", { text: () => priceFrom(add) }), " ", say(make("small"), "as.given", { text: () => perUnit(add.unit) }),
    ]);
    const where = say(make("span", { className: "where" }), "as.given", { text: () => [
      add.location.place || add.location.region, add.distance !== undefined ? kilometres(add.distance) : add.published ? ago(add.published) : "",
    ].filter(Boolean).join(" · ") });
    const name = tell(make("span", { className: "title" }), add.title);
    this.link = make("a", { className: "card-link", href: hashOf(`/ad/${add.id}`) }, [frame, price, name, where]);
    this.element.replaceChildren(this.link, ...(this.isOwn ? [] : [favouriteButton(add)]));
  }

  /** The photo has become something else. */
  changed(record) {
    this.show({ ...this.add, media: record
      ? this.add.media.map((media) => (media.id === record.id ? { ...media, ...record } : media)) : this.add.media });
  }
}

function priceFrom(add) {
  const several = new Set(add.variants.map(({ price }) => price)).size > 1;
  return several ? `${money(add.price, add.currency)} +` : money(add.price, add.currency);
}
