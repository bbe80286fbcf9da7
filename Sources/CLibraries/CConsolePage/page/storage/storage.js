// The storage view: which of its screens an address asks for, and what stands above them all.
import { make } from "../dom.js";
import { addMessages, sayAttribute } from "../language.js";
import { BucketList } from "./buckets.js";
import { BucketSettings } from "./bucket-settings.js";
import { linkButton, spoken } from "./elements.js";
import { KeyList } from "./keys.js";
import { storageMessages } from "./messages.js";
import { ObjectBrowser } from "./objects.js";
import { screenOf, screens } from "./paths.js";
import { TransferList } from "./transfer-list.js";
import { TransferQueue } from "./transfer-queue.js";

/** What an address shows that leads nowhere. */
class Nothing {
  element = make("div", { className: "empty" }, [
    spoken("h2", "nothing.heading"), spoken("p", "nothing.explain"), linkButton(screens.buckets, "storage.buckets"),
  ]);

  load() {}
}

const kinds = { buckets: BucketList, keys: KeyList, objects: ObjectBrowser, settings: BucketSettings, nothing: Nothing };

export class Storage {
  #queue = new TransferQueue();
  #tabs;
  #place = make("div", { className: "screen" });
  #screen = null;
  #shown = null;

  /** @param {HTMLElement} root Empty. */
  constructor(root) {
    addMessages(storageMessages);
    this.#tabs = sayAttribute(make("nav", { className: "tabs" }, [
      spoken("a", "storage.buckets", { href: screens.buckets }), spoken("a", "storage.keys", { href: screens.keys }),
    ]), "aria-label", "storage.parts");
    root.append(this.#tabs, new TransferList(this.#queue).element, this.#place);
    this.#queue.addEventListener("stored", ({ detail }) => this.#screen?.stored?.(detail));
  }

  get isBusy() { return this.#queue.isRunning; }

  /** Where dropped files go; null on screens that take none. */
  get intake() { return this.#screen?.intake ?? null; }

  /** Shows what the address asks for. */
  open(hash) {
    const wanted = screenOf(hash);
    const text = JSON.stringify(wanted);
    if (text === this.#shown) return;
    this.#shown = text;
    const [buckets, keys] = this.#tabs.children;
    buckets.setAttribute("aria-current", ["keys", "nothing"].includes(wanted.screen) ? "false" : "page");
    keys.setAttribute("aria-current", wanted.screen === "keys" ? "page" : "false");
    this.#screen?.leave?.();
    this.#screen = new kinds[wanted.screen]({ ...wanted, queue: this.#queue });
    this.#place.replaceChildren(this.#screen.element);
    this.#screen.load();
  }

  /** At sign-out: nothing stays to be seen. */
  close() {
    this.#queue.cancelAll();
    this.#queue.clear();
    this.#screen?.leave?.();
    this.#screen = null;
    this.#shown = null;
    this.#place.replaceChildren();
    for (const dialog of document.querySelectorAll("dialog.sheet-dialog")) dialog.close();
  }
}
