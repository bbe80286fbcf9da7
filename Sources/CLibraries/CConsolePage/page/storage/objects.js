// The screen of one bucket's objects: folders by "/", a page at a time.
import { APIError, call } from "../api.js";
import { confirm } from "../confirm.js";
import { icon, make } from "../dom.js";
import { bytes, moment, say, sayAttribute } from "../language.js";
import { announce, toast } from "../notices.js";
import { attempt, button, linkButton, problem, signButton, spoken } from "./elements.js";
import { tick } from "./form.js";
import { openLink } from "./link.js";
import { openObject } from "./object.js";
import { bucketPath, contentPath, ownAddress, query, screens } from "./paths.js";

const pageSize = 200;

export class ObjectBrowser {
  #bucket;
  #prefix;
  #queue;
  #rows = make("tbody");
  #crumbs = make("ol");
  #none = spoken("p", "objects.none", { className: "nothing", hidden: true });
  #problem = problem();
  #selection = make("div", { className: "selection", hidden: true });
  #selectedCount = make("span");
  #all = make("input", { type: "checkbox" });
  #versions = tick("versions", "objects.showVersions");
  #more;
  #next = null;
  #asking = null;
  #refreshing = null;
  #upload = button("objects.upload", () => this.#files.click(), { look: "primary", sign: "plus" });
  #files = sayAttribute(
    make("input", { type: "file", multiple: true, className: "visually-hidden", id: "storage-files", tabIndex: -1 }), "aria-label", "objects.upload");
  /** Where dropped files go; null where the bucket is another service's. */
  intake = null;

  constructor({ bucket, prefix, queue }) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#queue = queue;
    this.#files.addEventListener("change", () => {
      this.#take([...this.#files.files].map((file) => ({ file, path: file.name })));
      this.#files.value = "";
    });
    this.#more = button("gallery.more", () => this.#page(this.#next), { look: "small" });
    this.#more.hidden = true;
    this.#showCrumbs();
    this.#makeSelection();
    this.#versions.input.addEventListener("change", () => this.load());
    sayAttribute(this.#all, "aria-label", "objects.selectAll");
    this.#all.addEventListener("change", () => this.#selectAll());
    const table = make("table", { className: "objects" }, [
      make("thead", {}, [make("tr", {}, [
        make("th", { className: "pick" }, [this.#all]), spoken("th", "objects.name", { scope: "col" }),
        spoken("th", "objects.size", { scope: "col", className: "size" }), spoken("th", "objects.modified", { scope: "col", className: "when" }),
        make("th", { className: "acts" }, [spoken("span", "objects.actions", { className: "visually-hidden" })]),
      ])]),
      this.#rows,
    ]);
    this.element = make("section", {}, [
      make("div", { className: "screen-bar" }, [
        spoken("h1", "as.given", { values: { text: bucket } }),
        make("div", { className: "row" }, [
          linkButton(screens.settings(bucket), "bucket.settings", { sign: "settings" }),
          this.#upload, this.#files,
        ]),
      ]),
      sayAttribute(make("nav", { className: "crumbs" }, [this.#crumbs]), "aria-label", "objects.path"),
      make("div", { className: "objects-bar" }, [this.#versions, this.#selection]),
      this.#problem, table, this.#none, make("div", { className: "more" }, [this.#more]),
    ]);
  }

  leave() { this.#asking?.abort(); clearTimeout(this.#refreshing); }

  async load() {
    clearTimeout(this.#refreshing);
    this.#asking?.abort();
    this.#asking = new AbortController();
    const isVersions = this.#versions.input.checked;
    this.#problem.clear();
    try {
      const { read_only: isReadOnly } = await call("GET", bucketPath(this.#bucket), { signal: this.#asking.signal });
      this.#allow(isReadOnly);
      const address = query(this.#bucket, isVersions ? "versions/" : "objects/", { prefix: this.#prefix, delimiter: "/", page_size: pageSize });
      const page = await call("GET", address, { signal: this.#asking.signal });
      this.#rows.replaceChildren();
      this.#show(page);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#problem.show(error);
    }
  }

  /** Uploads of this folder were stored; several within a moment are one look at the list. */
  stored({ bucket, object }) {
    if (bucket !== this.#bucket || !object.key.startsWith(this.#prefix)) return;
    clearTimeout(this.#refreshing);
    this.#refreshing = setTimeout(() => this.load(), 300);
  }

  #take(files) { this.#queue.add(files, this.#bucket, this.#prefix); }

  /** What is in the bucket of another service is looked at, and not changed. */
  #allow(isReadOnly) {
    this.#upload.hidden = isReadOnly;
    this.element.classList.toggle("read-only", isReadOnly);
    this.intake = isReadOnly ? null : { take: (files) => this.#take(files), prompt: "objects.drop" };
    say(this.#none, isReadOnly ? "objects.noneHere" : "objects.none");
  }

  #showCrumbs() {
    const parts = this.#prefix.split("/").slice(0, -1);
    const steps = [[this.#bucket, ""], ...parts.map((part, index) => [part || "/", `${parts.slice(0, index + 1).join("/")}/`])];
    this.#crumbs.replaceChildren(...steps.map(([name, prefix], index) => {
      const link = make("a", { href: screens.objects(this.#bucket, prefix), textContent: name });
      if (index === steps.length - 1) link.setAttribute("aria-current", "page");
      return make("li", {}, [link]);
    }));
  }

  async #page(address) {
    const had = this.#rows.children.length;
    await attempt(this.#more, async () => this.#show(await call("GET", address)), { shown: this.#problem });
    this.#rows.children[had]?.querySelector("a, button")?.focus();
  }

  #show({ folders, results, next }) {
    this.#rows.append(...folders.map((prefix) => this.#folder(prefix)), ...results.map((object) => this.#object(object)));
    this.#next = next && ownAddress(next);
    this.#more.hidden = next === null;
    this.#none.hidden = this.#rows.children.length > 0;
    this.#rows.parentElement.hidden = !this.#none.hidden;
    this.#showSelection();
  }

  #folder(prefix) {
    const name = prefix.slice(this.#prefix.length);
    const link = make("a", { href: screens.objects(this.#bucket, prefix), className: "object-name" }, [icon("folder"), make("span", { textContent: name })]);
    return this.#row({ prefix }, name, [make("td", {}, [link]), make("td", { className: "size" }), make("td", { className: "when" }), make("td", { className: "acts" })]);
  }

  #object(object) {
    const name = object.key.slice(this.#prefix.length) || object.key;
    const open = make("button", { type: "button", className: "object-name" }, [
      icon(object.is_delete_marker ? "trash" : "file"), make("span", { textContent: name }),
    ]);
    open.addEventListener("click", () => openObject(this.#bucket, object, () => this.load()));
    const words = make("td", {}, [open]);
    if (object.is_delete_marker) words.append(spoken("span", "version.marker", { className: "mark-word" }));
    else if (object.is_latest === false) words.append(spoken("span", "version.old", { className: "mark-word" }));
    // On a phone these stand under the name.
    const small = spoken("span", "objects.small", {
      className: "object-small", values: { size: () => bytes(object.size), modified: () => moment(object.modified) },
    });
    words.append(small);
    const acts = make("td", { className: "acts" });
    if (!object.is_delete_marker) {
      const download = make("a", { href: contentPath(this.#bucket, object), download: "", className: "button quiet square" }, [icon("download")]);
      acts.append(
        signButton("link", "objects.link", () => openLink(this.#bucket, object), { name }),
        sayAttribute(download, "aria-label", "objects.download", { name }));
    }
    const row = this.#row({ key: object.key, version_id: object.version_id }, name, [
      words, spoken("td", "as.given", { className: "size", values: { text: () => (object.is_delete_marker ? "" : bytes(object.size)) } }),
      spoken("td", "as.given", { className: "when", values: { text: () => moment(object.modified) } }), acts,
    ]);
    row.classList.toggle("old", object.is_latest === false);
    return row;
  }

  #row(target, name, cells) {
    const pick = sayAttribute(make("input", { type: "checkbox" }), "aria-label", "objects.select", { name });
    pick.addEventListener("change", () => this.#showSelection());
    const row = make("tr", {}, [make("td", { className: "pick" }, [pick]), ...cells]);
    return Object.assign(row, { target, pick });
  }

  // What is selected

  get #picked() { return [...this.#rows.children].filter((row) => row.pick.checked); }

  #makeSelection() {
    this.#selection.append(
      this.#selectedCount, button("objects.delete", () => this.#delete(), { look: "danger small", sign: "trash" }));
  }

  #selectAll() {
    for (const row of this.#rows.children) row.pick.checked = this.#all.checked;
    this.#showSelection();
  }

  #showSelection() {
    const count = this.#picked.length;
    this.#selection.hidden = count === 0;
    this.#all.checked = count > 0 && count === this.#rows.children.length;
    this.#all.indeterminate = count > 0 && !this.#all.checked;
    say(this.#selectedCount, "objects.selected", { count });
  }

  async #delete() {
    const targets = this.#picked.map(({ target }) => target);
    const isForGood = this.#versions.input.checked;
    const hasFolders = targets.some(({ prefix }) => prefix);
    const agreed = await confirm({
      heading: "objects.deleteHeading", yes: "objects.delete", values: { count: targets.length },
      explain: isForGood ? "objects.deleteForGood" : hasFolders ? "objects.deleteFolders" : "objects.deleteExplain",
    });
    if (!agreed) return;
    let [deleted, refused] = [0, []];
    const send = async (body) => {
      const answer = await call("POST", bucketPath(this.#bucket, "objects/delete/"), { body });
      deleted += answer.deleted;
      refused.push(...answer.errors);
      return answer.has_more;
    };
    await attempt(null, async () => {
      const objects = targets.filter(({ key }) => key);
      if (objects.length > 0) await send({ objects });
      for (const { prefix } of targets.filter((target) => target.prefix)) {
        while (await send({ prefix, versions: isForGood })) say(this.#selectedCount, "objects.deleted", { count: deleted });
      }
    }, { shown: this.#problem });
    await this.load();
    if (refused.length > 0) this.#problem.show(new APIError(403, { detail: refused[0].detail, code: refused[0].code }));
    else toast("objects.deleted", { count: deleted });
    announce("objects.deleted", { count: deleted });
    document.getElementById("main").focus();
  }
}
