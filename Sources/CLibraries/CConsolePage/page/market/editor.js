// Writing an ad: photos upload while the form is filled in, and it can be posted before they are prepared.
import { confirm } from "../confirm.js";
import { make } from "../dom.js";
import { phrase, say } from "../language.js";
import { toast } from "../notices.js";
import { allCategories, categories, categoryName } from "./categories.js";
import { Field, Form, input, option, select, textarea } from "./fields.js";
import { button, fill, heading } from "./parts.js";
import { PhotoStrip } from "./photo-strip.js";
import { go, page, titled } from "./router.js";
import { ask } from "./server.js";
import { Variants } from "./variants.js";
import { currencies, currencyName, keepCurrency, ownCountry, ownCurrency } from "./words.js";

/** Who takes files that are dropped or pasted now; null where no ad is being written. */
let strip = null;
export const editorIntake = () => strip && { take: (files) => strip.take(files), prompt: "photos.drop" };
export const editorIsUploading = () => strip?.isUploading ?? false;

const keptPlace = "agrovet.place";

export function editorView([id]) {
  const editor = new Editor(id ?? null);
  return {
    element: editor.element, title: titled(id ? "edit.change" : "edit.new"), shown: () => { strip = editor.strip; }, left: () => editor.close(),
    mayLeave: () => editor.mayLeave(),
  };
}

class Editor {
  #isChanged = false;
  #isDone = false;
  #etag = null;

  constructor(id) {
    this.id = id;
    const place = make("div");
    this.element = page("editor", [heading(id ? "edit.change" : "edit.new"), place]);
    fill(place, async () => {
      const [answer] = await Promise.all([id ? ask("GET", `/api/adds/${id}/`) : { data: null, etag: null }, categories()]);
      this.#etag = answer.etag;
      return this.#build(answer.data);
    });
  }

  #build(add) {
    this.add = add;
    this.strip = new PhotoStrip(add?.media ?? []);
    if (this.element.isConnected) strip = this.strip;
    const remembered = add?.location ?? JSON.parse(localStorage.getItem(keptPlace) ?? "null") ?? { place: "", region: "", country: ownCountry() };
    this.point = { latitude: remembered.latitude ?? null, longitude: remembered.longitude ?? null };

    const tree = select([["", "edit.choose"]], "");
    for (const { slug, depth } of allCategories()) {
      tree.append(option(slug, () => `${"\u2003".repeat(depth)}${categoryName(slug)}`));
    }
    tree.value = add?.category ?? "";
    const currency = add?.currency ?? ownCurrency();
    const f = this.fields = {
      title: new Field("title", "edit.title", input({ maxLength: 120, value: add?.title ?? "" }), { hint: "edit.titleHint" }),
      category: new Field("category", "add.category", tree),
      condition: new Field("condition", "add.condition", select(["live", "new", "used", "refurbished"].map((code) => [code, `condition.${code}`]), add?.condition ?? "live")),
      description: new Field("description", "add.about", textarea({ rows: 6, maxLength: 10_000, value: add?.description ?? "" }), { isOptional: true, hint: "edit.aboutHint" }),
      currency: new Field("currency", "filters.currency", select(currencies(add?.currency).map((code) => [code, () => currencyName(code)]), currency)),
      place: new Field("location.place", "edit.place", input({ maxLength: 120, value: remembered.place ?? "", autocomplete: "address-level2" })),
      region: new Field("location.region", "edit.region", input({ maxLength: 120, value: remembered.region ?? "", autocomplete: "address-level1" }), { isOptional: true }),
      country: new Field("location.country", "edit.country", input({ maxLength: 2, value: remembered.country ?? "", autocomplete: "country" })),
    };
    this.form = new Form([], add ? "edit.save" : "edit.publish", () => this.#submit("published"), { className: "form wide-form" });
    for (const field of Object.values(f)) this.form.add(field);
    this.form.add(new Field("media", "photos", input()));
    this.form.fields.set("media", Object.assign(this.form.fields.get("media"), { refuse: (text) => this.#refusePhotos(text), clear() {} }));
    this.variants = new Variants(this.form, add?.variants ?? [], () => f.currency.value);
    f.currency.control.addEventListener("change", () => this.variants.showPrices());
    this.located = make("p", { className: "hint", role: "status" });
    this.#showPoint();
    const draft = button("edit.draft", () => this.form.run(() => this.#submit("draft")), { kind: "wide" });
    const group = (key, parts) => {
      const set = make("fieldset", { className: "group" }, [say(make("legend"), key), ...parts]);
      return set;
    };
    this.waiting = make("p", { className: "hint", role: "status" });
    this.form.problem.before(
      group("photos", [this.strip.element]),
      group("edit.what", [f.title.element, make("div", { className: "pair" }, [f.category.element, f.condition.element]), f.description.element]),
      group("edit.offer", [f.currency.element, this.variants.element]),
      group("edit.where", [
        make("div", { className: "triple" }, [f.place.element, f.region.element, f.country.element]),
        make("div", { className: "row" }, [button("place.here", () => this.#locate(), { symbol: "pin" }), this.located]),
      ]),
      this.waiting);
    if (!add) this.form.button.after(draft);
    this.form.element.addEventListener("input", () => { this.#isChanged = true; });
    this.strip.addEventListener("change", () => {
      if (this.strip.isUploading) this.#isChanged = true;
      if (!this.strip.isUploading) this.waiting.textContent = "";
    });
    return this.form.element;
  }

  #refusePhotos(text) {
    this.strip.problem.textContent = text;
    this.strip.problem.hidden = false;
  }

  #locate() {
    if (!navigator.geolocation) return toast("place.unavailable");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      // About a hundred metres: enough to be found by distance, not a way to the door.
      this.point = { latitude: Number(coords.latitude.toFixed(3)), longitude: Number(coords.longitude.toFixed(3)) };
      this.#isChanged = true;
      this.#showPoint();
    }, () => toast("place.refused"), { timeout: 10_000, maximumAge: 600_000 });
  }

  #showPoint() {
    if (this.point.latitude === null) this.located.textContent = "";
    else say(this.located, "place.known");
  }

  async #submit(state) {
    const f = this.fields;
    const missing = [[f.title, f.title.value.length < 3, "form.short"], [f.category, !f.category.value, "form.required"]].filter(([, isWrong]) => isWrong);
    for (const [field, , key] of missing) field.refuse(phrase(key));
    const variants = this.variants.read();
    if (missing.length > 0) missing[0][0].control.focus();
    if (missing.length > 0 || !variants) return;
    if (this.strip.isUploading) {
      say(this.waiting, "edit.waiting");
      await this.strip.settled();
    }
    if (this.strip.hasFailed) return this.#refusePhotos(phrase("photos.failedFirst"));
    const location = { ...this.point, place: f.place.value, region: f.region.value, country: f.country.value.toUpperCase() };
    const body = {
      title: f.title.value, category: f.category.value, condition: f.condition.value, description: f.description.value,
      currency: f.currency.value, variants, media: this.strip.ids, location,
    };
    const { data } = this.add
      ? await ask("PATCH", `/api/adds/${this.id}/`, { body, headers: this.#etag ? { "If-Match": this.#etag } : {} })
      : await ask("POST", "/api/adds/", { body: { ...body, state } });
    keepCurrency(body.currency);
    localStorage.setItem(keptPlace, JSON.stringify(location));
    this.#isDone = true;
    // What was taken out of the ad would lie in the storage for nobody.
    const gone = (this.add?.media ?? []).map(({ id }) => id).filter((id) => !body.media.includes(id));
    await Promise.allSettled(gone.map((id) => ask("DELETE", `/api/media/${id}/`)));
    toast(this.add ? "edit.saved" : state === "draft" ? "edit.drafted" : "edit.published");
    go(`/ad/${data.id}`);
  }

  async mayLeave() {
    if (this.#isDone || !this.#isChanged) return true;
    return confirm({ heading: "edit.leave.heading", explain: "edit.leave.explain", yes: "edit.leave" });
  }

  close() {
    strip = null;
    this.strip?.close({ isDone: this.#isDone });
  }
}
