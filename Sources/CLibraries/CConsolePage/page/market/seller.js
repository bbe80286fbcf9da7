// A seller and what they have on sale.
import { make } from "../dom.js";
import { say, tell } from "../language.js";
import { AddCard } from "./add-card.js";
import { empty, failed, Pages, personName, verifiedMark, waiting } from "./parts.js";
import { portraitOf, profileOf } from "./profile.js";
import { page, retitle } from "./router.js";
import { get, nextPath, withQuery } from "./server.js";
import { decimal, month } from "./words.js";

export function sellerView([id]) {
  let seller = null;
  const head = make("header", { className: "seller-head" });
  const list = make("ul", { className: "cards" });
  const rest = make("div");
  const pages = new Pages(list, async (path) => {
    const { results, count, next } = await get(path);
    if (!path.includes("page=")) rest.replaceChildren(...(count > 0 ? [] : [empty("seller.none", "sprout")]));
    return { items: results.map((add) => new AddCard(add).element), next: nextPath(next) };
  });

  async function load() {
    rest.replaceChildren(waiting("cards", 4));
    try {
      seller = await get(`/api/sellers/${encodeURIComponent(id)}/`);
      const profile = await profileOf(seller);
      retitle();
      const { rating, location } = seller;
      const facts = [
        ...(location ? [tell(make("span"), [location.city, location.region].filter(Boolean).join(", ") || location.country)] : []),
        ...(rating.count > 0 ? [say(make("span"), "seller.rating", { count: rating.count, average: () => decimal(rating.average) })] : []),
        say(make("span"), "seller.onSale", { count: seller.adds }), say(make("span"), "seller.sold", { count: seller.sold }),
        ...(seller.since ? [say(make("span"), "seller.since", { month: () => month(seller.since) })] : []),
      ];
      head.replaceChildren(portraitOf(seller), make("div", {}, [
        personName(seller, make("h1")), ...verifiedMark(seller),
        make("p", { className: "roles" }, seller.roles.map((role) => say(make("span", { className: "state" }), `role.${role}`))),
        make("p", { className: "hint facts-line" }, facts), ...(profile?.bio ? [tell(make("p", { className: "bio" }), profile.bio)] : []),
      ]));
      await pages.begin(withQuery("/api/adds/", { seller: id, page_size: 24 }));
    } catch (error) {
      if (!("status" in error)) throw error;
      rest.replaceChildren(failed(error, load));
    }
  }
  load();
  return { element: page("seller-page", [head, list, rest, pages.place]), title: () => seller?.display_name ?? "", isKept: true };
}
