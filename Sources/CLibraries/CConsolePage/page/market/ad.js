// One ad: photos, price, what is left, who sells it, and the way to buy it.
import { icon, make } from "../dom.js";
import { phrase, say, sayAttribute, tell } from "../language.js";
import { toast, toastText } from "../notices.js";
import { AdGallery } from "./ad-gallery.js";
import { buy } from "./buy.js";
import { categories, categoryName, categoryPath } from "./categories.js";
import { favouriteButton } from "./favourite.js";
import { followMedia } from "./follow.js";
import { me } from "./me.js";
import { ownerTools } from "./owner-tools.js";
import { button, failed, personName, stateBadge, verifiedMark, waiting } from "./parts.js";
import { portraitOf } from "./profile.js";
import { report } from "./report.js";
import { go, hashOf, here, page, retitle } from "./router.js";
import { explain, get } from "./server.js";
import { ago, amountOf, day, kilometres, money, perUnit } from "./words.js";

export function adView([id]) {
  const view = new AdView(id);
  return {
    element: view.element, title: () => view.add?.title ?? "", shown: () => view.watch(), left: () => view.unwatch(),
  };
}

class AdView {
  #stop = null;

  constructor(id) {
    this.id = id;
    this.add = null;
    this.element = page("ad", [waiting("ad", 3)]);
    this.load();
  }

  async load() {
    try {
      const [add] = await Promise.all([get(`/api/adds/${this.id}/`), categories().catch(() => [])]);
      this.add = add;
      this.#build();
      retitle();
    } catch (error) {
      if (!("status" in error)) throw error;
      this.add = null;
      this.element.replaceChildren(failed(error, () => this.load()));
    }
  }

  /** Asks again, and shows what has changed without building the page anew. */
  async again() {
    if (!this.add) return;
    const add = await get(`/api/adds/${this.id}/`).catch((error) => error);
    if (add.status === 404) return this.load();
    if (!add.id) return;
    this.add = add;
    this.gallery.show(add);
    this.#showFacts();
    this.#showSeller();
  }

  watch() {
    this.unwatch();
    this.#stop = followMedia((id, record) => this.#mediaChanged(id, record), (missed) => this.#missed(missed), {
      topic: "marketplace.events", types: ["add.sold", "add.updated", "add.deleted"], heard: (id) => { if (id === this.id) this.again(); },
    });
  }

  unwatch() {
    this.#stop?.();
    this.#stop = null;
  }

  #mediaChanged(id, record) {
    const { seller } = this.add ?? {};
    if (seller?.photo?.id === id) {
      const isGone = record === null || record.visibility === "private";
      this.add = { ...this.add, seller: { ...seller, photo: isGone ? null : { ...seller.photo, ...record } } };
      this.#showSeller();
    }
    if (!this.add?.media.some((media) => media.id === id)) return;
    this.add = { ...this.add, media: record === null || record.visibility === "private"
      ? this.add.media.filter((media) => media.id !== id) : this.add.media.map((media) => (media.id === id ? { ...media, ...record } : media)) };
    this.gallery.show(this.add);
  }

  /** A guest, or whose stream begins, asks again only while something is awaited; who was away asks whatever happened. */
  #missed({ isWhole = false } = {}) {
    if (isWhole) return this.again();
    const isAwaited = (item) => item?.status === "processing" || item?.playback?.status === "processing";
    if ([...(this.add?.media ?? []), this.add?.seller.photo].some(isAwaited)) this.again();
  }

  get isOwn() { return this.add.seller.id === me.id; }

  #build() {
    const { add } = this;
    this.gallery = new AdGallery(add, { isOwn: this.isOwn, removed: (id) => this.#mediaChanged(id, null) });
    this.price = make("p", { className: "price" });
    this.stock = make("p", { className: "stock" });
    this.buyButton = button("buy", () => this.#buy(), { kind: "primary wide" });
    this.facts = make("dl", { className: "facts" });
    this.variants = make("ul", { className: "variants" });
    this.place = make("p", { className: "where" });
    const crumbs = make("nav", { className: "crumbs" }, categoryPath(add.category).flatMap((slug, index) => [
      ...(index > 0 ? [make("span", { ariaHidden: "true" }, ["›"])] : []),
      say(make("a", { href: hashOf("/", { category: slug }) }), "as.given", { text: () => categoryName(slug) }),
    ]));
    sayAttribute(crumbs, "aria-label", "add.category");
    this.title = tell(make("h1"), add.title);
    this.state = make("span");
    const actions = make("div", { className: "row actions" }, [
      ...(this.isOwn ? [] : [favouriteButton(add)]), button("share", () => this.#share(), { kind: "quiet", symbol: "share" }),
      ...(this.isOwn ? [] : [button("report", () => this.#report(), { kind: "quiet", symbol: "flag" })]),
    ]);
    const main = make("div", { className: "ad-words" }, [crumbs, this.title, this.place, this.price, this.stock, this.variants]);
    const offer = make("div", { className: "offer" }, this.isOwn
      ? [ownerTools(add, (changed) => this.#changed(changed))] : [this.buyButton]);
    this.seller = make("a", { className: "seller", href: hashOf(`/seller/${encodeURIComponent(add.seller.id)}`) });
    main.append(offer, actions, this.seller);
    const about = make("div", { className: "ad-about" }, [
      say(make("h2"), "add.details"), tell(make("p", { className: "description" }), add.description || ""), this.facts,
    ]);
    this.element.replaceChildren(make("div", { className: "ad-columns" }, [
      make("div", { className: "ad-photos" }, [this.gallery.element, about]), make("aside", { className: "ad-side" }, [main]),
    ]));
    this.#showFacts();
    this.#showSeller();
  }

  #showFacts() {
    const { add } = this;
    const isSoldOut = Number(add.stock) === 0;
    tell(this.title, add.title);
    this.price.replaceChildren(
      say(make("strong"), "as.given", { text: () => `${add.variants.length > 1 ? `${phrase("price.from")} ` : ""}${money(add.price, add.currency)}` }), " ",
      say(make("span"), "as.given", { text: () => perUnit(add.unit) }));
    this.stock.classList.toggle("none", isSoldOut);
    this.stock.dataset.stock = add.stock;
    if (isSoldOut) say(this.stock, "stock.none");
    else if (add.variants.length === 1) say(this.stock, "stock.left", { amount: () => amountOf(add.stock, add.unit) });
    else say(this.stock, "stock.several", { count: add.variants.length });
    this.buyButton.setAttribute("aria-disabled", String(add.state !== "published"));
    this.variants.hidden = add.variants.length < 2;
    this.variants.replaceChildren(...(add.variants.length < 2 ? [] : add.variants).map((variant) => make("li", {}, [
      tell(make("span"), variant.name || variant.sku), say(make("strong"), "as.given", { text: () => `${money(variant.price, add.currency)} ${perUnit(variant.unit)}` }),
      say(make("span", { className: "hint" }), "as.given", { text: () => (Number(variant.stock) > 0
        ? phrase("stock.left", { amount: () => amountOf(variant.stock, variant.unit) }) : phrase("stock.none")) }),
    ])));
    const where = [add.location.place, add.location.region, add.location.country].filter(Boolean).join(", ");
    this.place.hidden = !where && add.state === "published";
    this.place.replaceChildren(...(where ? [icon("pin"), tell(make("span"), where)] : []), ...(add.state === "published" ? [] : [stateBadge("add", add.state)]));
    const rows = [
      ["add.condition", () => phrase(`condition.${add.condition}`)], ...(add.published ? [["add.published", () => ago(add.published)]] : []),
      ...(add.expires ? [["add.expires", () => day(add.expires)]] : []), ...(add.distance ? [["add.distance", () => kilometres(add.distance)]] : []),
    ];
    this.facts.replaceChildren(...rows.map(([key, text]) =>
      make("div", {}, [say(make("dt"), key), say(make("dd"), "as.given", { text })])));
  }

  #showSeller() {
    const { seller } = this.add;
    this.seller.replaceChildren(portraitOf(seller), make("span", {}, [
      say(make("small"), "add.seller"), personName(seller, make("strong")), ...verifiedMark(seller),
    ]), icon("right"));
  }

  #changed(add) {
    if (add === null) return go("/mine");
    this.add = add;
    this.#build();
  }

  async #buy() {
    if (this.add.state !== "published") return toast("stock.none");
    if (!me.user) return go("/sign-in", { next: here() });
    const order = await buy(this.add);
    if (order) go(`/orders/${order.id}`, { new: "1" });
    else this.again();
  }

  async #share() {
    const address = location.href;
    if (navigator.share) return navigator.share({ title: this.add.title, url: address }).catch(() => null);
    try {
      await navigator.clipboard.writeText(address);
      toast("share.copied");
    } catch {
      // No clipboard without TLS: the address is shown to be copied by hand.
      toastText(address);
    }
  }

  async #report() {
    if (!me.user) return go("/sign-in", { next: here() });
    try {
      if (await report(this.add)) toast("report.thanks");
    } catch (error) {
      toastText(explain(error));
    }
  }
}
