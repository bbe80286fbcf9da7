// The four switches that keep a bucket from being public, whatever policies and lists say.
import { call } from "../api.js";
import { make } from "../dom.js";
import { toast } from "../notices.js";
import { attempt, problem } from "./elements.js";
import { tick } from "./form.js";
import { bucketPath } from "./paths.js";

const switches = [
  ["BlockPublicPolicy", "access.blockPolicy"], ["RestrictPublicBuckets", "access.restrict"], ["BlockPublicAcls", "access.blockLists"],
  ["IgnorePublicAcls", "access.ignoreLists"],
];

export class PublicAccess {
  #path;
  #ticks = switches.map(([name, label]) => tick(name, label));
  #problem = problem();

  constructor(bucket, exists) {
    this.#path = bucketPath(bucket, "public-access-block/");
    for (const { input } of this.#ticks) input.addEventListener("change", () => this.#save(input));
    this.element = make("div", { className: "stack" }, [...this.#ticks, this.#problem]);
    if (exists) this.#load();
  }

  #load() {
    return attempt(null, async () => {
      const state = await call("GET", this.#path);
      for (const { input } of this.#ticks) input.checked = state[input.name] === true;
    }, { shown: this.#problem });
  }

  async #save(input) {
    const body = Object.fromEntries(this.#ticks.map((tick) => [tick.input.name, tick.input.checked]));
    const done = await attempt(input, () => call("PUT", this.#path, { body }), { shown: this.#problem });
    if (done) toast("edit.saved");
    else input.checked = !input.checked;
    input.focus();
  }
}
