// The gallery's cards, newest first, and the focus among them.
import { Card } from "./card.js";
import { byID } from "./dom.js";
import { isOlder } from "./listing.js";
import { startRoving } from "./roving.js";

export class CardList {
  /** id → Card, in no order; the order is the document's. */
  #cards = new Map();
  #list = byID("gallery");
  #keepStop = startRoving(this.#list);
  #open;

  /** @param {(id: string) => void} open Shows one photo. */
  constructor(open) { this.#open = open; }

  has(id) { return this.#cards.has(id); }
  record(id) { return this.#cards.get(id)?.record; }
  get ids() { return [...this.#list.children].map((element) => element.dataset.id); }
  get records() { return this.ids.map((id) => this.record(id)); }

  /** Adds a card, or shows the new state of the one that is there. */
  show(record) {
    const known = this.#cards.get(record.id);
    if (known) return known.show(record);
    const card = new Card(record, this.#open);
    this.#cards.set(record.id, card);
    const after = [...this.#list.children].find((element) => isOlder(this.record(element.dataset.id), record));
    this.#list.insertBefore(card.element, after ?? null);
    this.#keepStop();
  }

  /** Draws the picture again. */
  redraw(id) { this.#cards.get(id)?.refresh(); }

  drop(id) {
    const card = this.#cards.get(id);
    const held = card.element.contains(document.activeElement);
    const next = card.element.nextElementSibling ?? card.element.previousElementSibling;
    card.element.remove();
    this.#cards.delete(id);
    this.#keepStop();
    if (held) (next?.querySelector("button") ?? byID("main")).focus();
  }

  /** Focus on the photo, or on the first where it is not there. */
  focus(id) {
    const card = this.#cards.get(id) ?? this.#cards.get(this.ids[0]);
    (card?.button ?? byID("main")).focus();
  }
}
