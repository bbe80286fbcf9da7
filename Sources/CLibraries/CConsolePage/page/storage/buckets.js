// The screen of all buckets: what is stored, and the buckets with what each takes.
import { call } from "../api.js";
import { icon, make } from "../dom.js";
import { bytes, moment, number, say } from "../language.js";
import { openDialog } from "./dialog.js";
import { attempt, button, copyable, problem, spoken } from "./elements.js";
import { field, submit, textInput, tick } from "./form.js";
import { bucketsPath, ownAddress, screens, usagePath } from "./paths.js";

const pageSize = 100;

export class BucketList {
  #totals = make("dl", { className: "totals" });
  #endpoint = make("div");
  #rows = make("ul", { className: "cards" });
  #none = spoken("p", "buckets.none", { className: "nothing", hidden: true });
  #problem = problem();
  #more;
  #next = null;

  constructor() {
    this.#more = button("gallery.more", () => this.#page(this.#next), { look: "small" });
    this.#more.hidden = true;
    this.element = make("section", {}, [
      make("div", { className: "screen-bar" }, [
        spoken("h1", "storage.heading"), button("buckets.new", () => this.#create(), { look: "primary", sign: "plus" }),
      ]),
      this.#totals, this.#endpoint, this.#problem, this.#rows, this.#none, make("div", { className: "more" }, [this.#more]),
    ]);
  }

  async load() {
    await attempt(null, async () => {
      const usage = await call("GET", usagePath);
      this.#showTotals(usage);
      this.#rows.replaceChildren();
      await this.#page(`${bucketsPath}?page_size=${pageSize}`);
    }, { shown: this.#problem });
  }

  async #page(address) {
    const { results, next } = await call("GET", address);
    this.#rows.append(...results.map(card));
    this.#next = next && ownAddress(next);
    this.#more.hidden = next === null;
    this.#none.hidden = this.#rows.children.length > 0;
  }

  #showTotals(usage) {
    const total = (key, value) => make("div", {}, [spoken("dt", key), value]);
    this.#totals.replaceChildren(
      total("totals.bytes", spoken("dd", "as.given", { values: { text: () => bytes(usage.bytes) } })),
      total("totals.objects", spoken("dd", "as.given", { values: { text: () => number(usage.versions) } })),
      total("totals.buckets", spoken("dd", "as.given", { values: { text: () => number(usage.buckets) } })),
      total("totals.keys", spoken("dd", "as.given", { values: { text: () => number(usage.keys) } })));
    const address = copyable(usage.endpoint, "endpoint.label");
    this.#endpoint.className = "endpoint";
    this.#endpoint.replaceChildren(
      spoken("p", "endpoint.explain", { values: { region: usage.region }, className: "hint" }), address);
  }

  #create() {
    const name = field("name", "bucket.name", textInput({ maxLength: 63, autofocus: true, required: true }), { hint: "bucket.nameHint" });
    const versioning = tick("versioning", "bucket.versioning", false, { hint: "bucket.versioningHint" });
    const lock = tick("object_lock", "bucket.lock", false, { hint: "bucket.lockHint" });
    const media = tick("media", "bucket.media", false, { hint: "bucket.mediaHint" });
    const general = problem();
    const send = button("buckets.create", null, { look: "primary", type: "submit" });
    const form = make("form", { className: "stack", noValidate: true }, [
      name, versioning, lock, media, general, make("div", { className: "row end" }, [send]),
    ]);
    name.input.setAttribute("autofocus", "");
    lock.input.addEventListener("change", () => {
      // What is locked is a version: without versions there is nothing to lock.
      versioning.input.disabled = lock.input.checked;
      if (lock.input.checked) versioning.input.checked = true;
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = {
        name: name.input.value.trim(), versioning: versioning.input.checked, object_lock: lock.input.checked, media: media.input.checked,
      };
      const done = await submit(send, [name], general, () => call("POST", bucketsPath, { body }));
      if (!done) return;
      dialog.close();
      location.hash = screens.objects(body.name);
    });
    const dialog = openDialog({ heading: "buckets.new" }, [form]);
  }
}

function card(bucket) {
  const marks = make("span", { className: "marks" });
  const mark = (key, look = "") => marks.append(spoken("span", key, { className: `mark-word ${look}`.trim() }));
  if (bucket.read_only) mark("mark.readOnly");
  if (bucket.public) mark("mark.public", "warn");
  if (bucket.versioning === "enabled") mark("mark.versions");
  if (bucket.versioning === "suspended") mark("mark.suspended");
  if (bucket.object_lock) mark("mark.locked");
  if (bucket.media) mark("mark.media");
  const facts = say(make("span", { className: "card-facts" }), "buckets.facts", {
    count: bucket.usage.versions, size: () => bytes(bucket.usage.bytes), created: () => moment(bucket.created),
  });
  const row = make("li", { className: "bucket" }, [
    make("a", { className: "bucket-open", href: screens.objects(bucket.name) }, [
      icon("bucket"), make("span", { className: "bucket-words" }, [make("strong", { textContent: bucket.name }), facts, marks]),
    ]),
  ]);
  if (bucket.quota_bytes) {
    const bar = make("progress", { max: 1, value: Math.min(1, bucket.usage.bytes / bucket.quota_bytes), className: "quota" });
    bar.setAttribute("aria-hidden", "true");
    row.append(bar, spoken("p", "buckets.quota", {
      className: "hint", values: { used: () => bytes(bucket.usage.bytes), quota: () => bytes(bucket.quota_bytes) },
    }));
  }
  return row;
}
