// The screen of one bucket's settings.
import { call } from "../api.js";
import { confirm } from "../confirm.js";
import { make } from "../dom.js";
import { bytes, moment, number } from "../language.js";
import { toast } from "../notices.js";
import { CORSEditor } from "./cors.js";
import { attempt, button, facts, linkButton, problem, spoken } from "./elements.js";
import { field, numberInput, submit, tick } from "./form.js";
import { LifecycleEditor } from "./lifecycle.js";
import { bucketPath, screens } from "./paths.js";
import { PolicyEditor } from "./policy.js";
import { PublicAccess } from "./public-access.js";

export class BucketSettings {
  #name;
  #problem = problem();
  #body = make("div", { className: "settings" });

  constructor({ bucket }) {
    this.#name = bucket;
    this.element = make("section", {}, [
      make("div", { className: "screen-bar" }, [
        spoken("h1", "settings.heading", { values: { name: bucket } }),
        linkButton(screens.objects(bucket), "settings.objects", { sign: "left" }),
      ]),
      this.#problem, this.#body,
    ]);
  }

  async load() {
    await attempt(null, async () => this.#show(await call("GET", bucketPath(this.#name))), { shown: this.#problem });
  }

  #show(bucket) {
    const has = (document) => bucket.documents.includes(document);
    const panel = (heading, explain, ...content) => make("section", { className: "panel" }, [
      spoken("h2", heading), ...(explain ? [spoken("p", explain, { className: "hint" })] : []), ...content,
    ]);
    this.#body.replaceChildren(
      panel("settings.usage", null, this.#usage(bucket), this.#quota(bucket)),
      panel("bucket.versioning", "bucket.versioningHint", this.#versioning(bucket)),
      panel("bucket.media", "bucket.mediaHint", this.#media(bucket)),
      panel("policy.heading", "policy.explain", new PolicyEditor(bucket.name, has("policy")).element),
      panel("access.heading", "access.explain", new PublicAccess(bucket.name, has("public-access-block")).element),
      panel("lifecycle.heading", "lifecycle.explain", new LifecycleEditor(bucket.name, has("lifecycle")).element),
      panel("cors.heading", "cors.explain", new CORSEditor(bucket.name, has("cors")).element),
      panel("settings.end", null, this.#end()));
  }

  #usage(bucket) {
    const say = (text) => spoken("span", "as.given", { values: { text } });
    return facts([
      ["totals.bytes", say(() => bytes(bucket.usage.bytes))], ["totals.objects", say(() => number(bucket.usage.versions))],
      ["fact.owner", say(bucket.owner)], ["settings.created", say(() => moment(bucket.created))],
      ["bucket.lock", spoken("span", bucket.object_lock ? "settings.on" : "settings.off")],
    ]);
  }

  async #patch(body, control, general) {
    const done = await attempt(control, () => call("PATCH", bucketPath(this.#name), { body }), { shown: general });
    if (done) toast("edit.saved");
    await this.load();
  }

  #quota(bucket) {
    // Megabytes, as the page tells sizes; the server counts bytes.
    const size = field("quota_bytes", "settings.quotaSize", numberInput({ value: bucket.quota_bytes === null ? "" : bucket.quota_bytes / 1e6, step: "any" }));
    const count = field("quota_objects", "settings.quotaCount", numberInput({ value: bucket.quota_objects ?? "" }), { hint: "settings.quotaHint" });
    const general = problem();
    const save = button("edit.save", null, { type: "submit", look: "small primary" });
    const form = make("form", { className: "stack", noValidate: true }, [make("div", { className: "columns" }, [size, count]), general, make("div", {}, [save])]);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const value = ({ input }, factor = 1) => (input.value.trim() === "" ? null : Math.round(Number(input.value) * factor));
      const body = { quota_bytes: value(size, 1e6), quota_objects: value(count) };
      if (!await submit(save, [size, count], general, () => call("PATCH", bucketPath(this.#name), { body }))) return;
      toast("edit.saved");
      await this.load();
    });
    return form;
  }

  #versioning(bucket) {
    const general = problem();
    const isOn = bucket.versioning === "enabled";
    const change = button(isOn ? "versioning.suspend" : "versioning.enable", () =>
      this.#patch({ versioning: isOn ? "suspended" : "enabled" }, change, general), { look: "small" });
    change.disabled = bucket.object_lock;
    return make("div", { className: "stack" }, [spoken("p", `versioning.${bucket.versioning}`), general, make("div", {}, [change])]);
  }

  #media(bucket) {
    const general = problem();
    const mark = tick("media", "settings.media", bucket.media);
    mark.input.addEventListener("change", () => this.#patch({ media: mark.input.checked }, mark.input, general));
    return make("div", { className: "stack" }, [mark, general]);
  }

  #end() {
    const general = problem();
    const state = make("p", { className: "hint" });
    state.setAttribute("role", "status");
    const empty = button("settings.empty", async () => {
      if (!await confirm({ heading: "settings.emptyHeading", explain: "settings.emptyExplain", yes: "settings.empty", values: { name: this.#name } })) return;
      await attempt(empty, () => this.#empty(state), { shown: general });
    }, { look: "danger small" });
    const remove = button("settings.delete", async () => {
      if (!await confirm({ heading: "delete.heading", explain: "settings.deleteExplain", yes: "settings.delete", values: { name: this.#name } })) return;
      if (!await attempt(remove, () => call("DELETE", bucketPath(this.#name)), { shown: general })) return;
      toast("delete.done", { name: this.#name });
      location.hash = screens.buckets;
    }, { look: "danger small", sign: "trash" });
    return make("div", { className: "stack" }, [spoken("p", "settings.endExplain", { className: "hint" }), general, state, make("div", { className: "row" }, [empty, remove])]);
  }

  /** All versions and delete markers, a thousand at a time, and the uploads that were never completed. */
  async #empty(state) {
    let deleted = 0;
    for (;;) {
      const answer = await call("POST", bucketPath(this.#name, "objects/delete/"), { body: { prefix: "", versions: true } });
      deleted += answer.deleted;
      state.replaceChildren(spoken("span", "objects.deleted", { values: { count: deleted } }));
      if (answer.errors.length > 0) state.append(spoken("span", "settings.kept", { values: { count: answer.errors.length, reason: answer.errors[0].detail } }));
      if (!answer.has_more) break;
    }
    for (;;) {
      const { results } = await call("GET", bucketPath(this.#name, "uploads/"));
      if (results.length === 0) break;
      for (const { id, key } of results) await call("DELETE", bucketPath(this.#name, `uploads/${encodeURIComponent(id)}/?${new URLSearchParams({ key })}`));
    }
    await this.load();
    toast("objects.deleted", { count: deleted });
  }
}
