// The profile that others see: photo and some words. A server without the profiles' API shows letters in the photo's place.
import { icon, make } from "../dom.js";
import { say, tell } from "../language.js";
import { announce, toast, toastText } from "../notices.js";
import { UploadQueue } from "../upload-queue.js";
import { Field, Form, input, textarea } from "./fields.js";
import { followMedia } from "./follow.js";
import { initials } from "./parts.js";
import { photoFrame } from "./photo.js";
import { ask, explain, get } from "./server.js";

const kinds = { Specialist: "specialists", Businessman: "businessmen", Consumer: "consumers" };
const kindOf = (roles) => kinds[["Specialist", "Businessman", "Consumer"].find((role) => roles.includes(role))] ?? "consumers";

let offered = null;
/** Whether the server has profiles: asked once. */
const hasProfiles = () => (offered ??= get("/api/profiles/specialties/").then(() => true, (error) => {
  if (error.status !== 404) offered = null;
  return false;
}));

/** The public profile of a seller (`/api/sellers/{id}/`), or null where there is none. */
export async function profileOf(seller) {
  const [profile] = seller.profiles;
  return profile ? get(`/api/profiles/${kinds[roleOf(profile.kind)]}/${profile.id}/`).catch(() => null) : null;
}

const roleOf = (kind) => kind[0].toUpperCase() + kind.slice(1);

/** The photo of somebody, or letters. @param {{ photo: object|null }|null} [holder] Who has the photo: a profile, or the user as answers show one. */
export function portraitOf(user, holder = user) {
  if (!holder?.photo) return initials(user.display_name || user.username);
  const frame = photoFrame(holder.photo, "6rem", { lazy: false });
  frame.classList.add("portrait");
  return frame;
}

/** One's own profile at the top of the account. */
export class ProfileSection {
  #profile = null;
  #kind;
  #queue = new UploadQueue();
  #stop = null;

  constructor(user) {
    this.user = user;
    this.#kind = kindOf(user.roles);
    this.place = make("span", { className: "portrait-place" });
    this.name = tell(make("strong"), user.display_name || user.username);
    this.roles = make("p", { className: "roles" }, user.roles.map((role) => say(make("span", { className: "state" }), `role.${role}`)));
    this.change = make("button", { type: "button", className: "button small", hidden: true }, [icon("camera"), say(make("span"), "profile.photo")]);
    this.change.addEventListener("click", () => document.getElementById("files").click());
    this.bar = make("progress", { max: 1, value: 0, hidden: true });
    this.status = make("p", { className: "hint", role: "status" });
    this.about = make("div");
    this.element = make("section", { className: "me panel" }, [
      make("div", { className: "me-head" }, [this.place, make("div", {}, [this.name, this.roles, this.change, this.bar, this.status])]), this.about,
    ]);
    this.#show();
    this.#queue.addEventListener("change", () => this.#progress());
    this.#queue.addEventListener("stored", ({ detail: { record } }) => this.#setPhoto(record));
    this.#load();
  }

  /** Where a photo goes that is dropped, pasted or chosen. */
  get intake() { return this.change.hidden ? null : { take: (files) => this.#queue.add([files[0].file]), prompt: "profile.drop" }; }

  get #path() { return `/api/profiles/${this.#kind}/`; }

  async #load() {
    if (!(await hasProfiles())) return;
    try {
      this.#profile = await get(`${this.#path}me/`);
    } catch (error) {
      if (error.status !== 404) return;
    }
    this.change.hidden = false;
    this.#show();
    this.#form();
  }

  #show() { this.place.replaceChildren(portraitOf(this.user, this.#profile)); }

  renamed(user) {
    this.user = user;
    tell(this.name, user.display_name || user.username);
    if (!this.#profile?.photo) this.#show();
  }

  #progress() {
    const upload = this.#queue.uploads.at(-1);
    this.bar.hidden = !upload || upload.isOver;
    if (upload?.state === "sending") this.bar.value = upload.sent / Math.max(1, upload.file.size);
    if (upload?.state === "failed") say(this.status, "as.given", { text: () => explain(upload.error) });
    else if (upload && !upload.isOver) say(this.status, "upload.saving");
  }

  /** Changes the profile, or makes it where there is none yet. */
  async #save(changes) {
    if (this.#profile) {
      this.#profile = (await ask("PATCH", `${this.#path}me/`, { body: changes })).data;
    } else {
      const name = this.user.display_name || this.user.username;
      const company = this.#kind === "businessmen" ? { company_name: name } : {};
      this.#profile = (await ask("POST", this.#path, { body: { display_name: name, ...company, ...changes } })).data;
    }
  }

  async #setPhoto(record) {
    const before = this.#profile?.photo_id;
    try {
      await this.#save({ photo_id: record.id });
      // Nobody else refers to it.
      if (before) ask("DELETE", `/api/media/${before}/`).catch(() => null);
      this.#profile.photo ??= record;
      this.#show();
      this.status.textContent = "";
      announce("profile.photoSet");
      this.#stop ??= followMedia((id, changed) => {
        if (!changed || this.#profile?.photo?.id !== id) return;
        this.#profile.photo = { ...this.#profile.photo, ...changed };
        this.#show();
      }, () => this.#again());
    } catch (error) { toastText(explain(error)); }
  }

  /** Asks for a photo that is still being prepared: that it is done may have been told while nobody listened. */
  async #again() {
    const { photo } = this.#profile ?? {};
    if (photo?.status !== "processing") return;
    const record = await get(`/api/media/${photo.id}/`).catch(() => null);
    if (!record || this.#profile?.photo?.id !== record.id) return;
    this.#profile.photo = { ...photo, ...record };
    this.#show();
  }

  #form() {
    const about = new Field("bio", "profile.bio", textarea({ rows: 3, maxLength: 2000, value: this.#profile?.bio ?? "" }), { isOptional: true });
    const city = new Field("location.city", "edit.place", input({ maxLength: 100, value: this.#profile?.location?.city ?? "", autocomplete: "address-level2" }), { isOptional: true });
    const phone = new Field("phone", "profile.phone", input({ type: "tel", maxLength: 32, value: this.#profile?.phone ?? "", autocomplete: "tel" }), { isOptional: true, hint: "profile.phoneWhy" });
    const form = new Form([about, make("div", { className: "pair" }, [city.element, phone.element])], "form.save", async () => {
      const known = this.#profile?.location ?? {};
      await this.#save({ bio: about.value, phone: phone.value || null, location: city.value ? { ...known, city: city.value } : null });
      toast("form.saved");
    });
    form.add(city);
    form.add(phone);
    this.about.replaceChildren(make("details", {}, [make("summary", {}, [say(make("span"), "profile.more")]), form.element]));
  }

  close() {
    this.#stop?.();
    this.#queue.cancelAll();
  }
}
