// The versions of one object: to look at, to bring back, to delete for good.
import { call } from "../api.js";
import { confirm } from "../confirm.js";
import { make } from "../dom.js";
import { bytes, moment } from "../language.js";
import { toast } from "../notices.js";
import { attempt, button, linkButton, problem, spoken } from "./elements.js";
import { bucketPath, contentPath, ownAddress, query } from "./paths.js";

const pageSize = 20;

export class Versions {
  #bucket;
  #object;
  #changed;
  #list = make("ul", { className: "versions" });
  #problem = problem();
  #more;
  #next = null;

  /** @param {(isGone: boolean) => void} changed */
  constructor(bucket, object, changed) {
    this.#bucket = bucket;
    this.#object = object;
    this.#changed = changed;
    this.#more = button("gallery.more", () => this.#page(this.#next), { look: "small" });
    this.#more.hidden = true;
    this.element = make("section", { hidden: true }, [spoken("h3", "versions.heading"), this.#problem, this.#list, this.#more]);
    this.#page(query(bucket, "versions/", { key: object.key, page_size: pageSize }));
  }

  #page(address) {
    return attempt(this.#more, async () => {
      const { results, next } = await call("GET", address);
      this.#list.append(...results.map((version) => this.#row(version)));
      this.#next = next && ownAddress(next);
      this.#more.hidden = next === null;
      // A bucket without versions has nothing to tell here.
      this.element.hidden = this.#list.children.length < 2 && this.#object.version_id === "null";
    }, { shown: this.#problem });
  }

  #row(version) {
    const words = version.is_delete_marker
      ? spoken("span", "versions.marker", { values: { time: () => moment(version.modified) } })
      : spoken("span", "versions.facts", { values: { time: () => moment(version.modified), size: () => bytes(version.size) } });
    const acts = make("div", { className: "row" });
    if (version.is_latest) acts.append(spoken("span", "versions.latest", { className: "mark-word" }));
    if (!version.is_delete_marker) acts.append(linkButton(contentPath(this.#bucket, version), "versions.download", { look: "quiet small" }));
    if (!version.is_latest && !version.is_delete_marker) {
      acts.append(button("versions.restore", () => this.#restore(version), { look: "quiet small" }));
    }
    acts.append(button("versions.delete", () => this.#delete(version), { look: "quiet small danger" }));
    return make("li", { className: "version" }, [words, make("code", { textContent: version.version_id }), acts]);
  }

  async #restore({ key, version_id: version }) {
    const body = { key, version_id: version, to_key: key };
    if (!await attempt(null, () => call("POST", bucketPath(this.#bucket, "object/copy/"), { body }), { shown: this.#problem })) return;
    toast("versions.restored");
    this.#changed(true);
  }

  async #delete({ key, version_id: version }) {
    const agreed = await confirm({ heading: "versions.deleteHeading", explain: "objects.deleteForGood", yes: "versions.delete", values: { name: key } });
    if (!agreed) return;
    const path = query(this.#bucket, "object/", { key, version_id: version });
    if (!await attempt(null, () => call("DELETE", path), { shown: this.#problem })) return;
    this.#changed(this.#list.children.length <= 1 || version === this.#object.version_id);
  }
}
