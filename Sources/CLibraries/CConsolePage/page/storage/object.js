// One object: how it looks, what is known of it, its versions, its tags and metadata, and its end.
import { call } from "../api.js";
import { confirm } from "../confirm.js";
import { make } from "../dom.js";
import { bytes, moment, number } from "../language.js";
import { toast } from "../notices.js";
import { openDialog } from "./dialog.js";
import { attempt, button, facts, linkButton, problem, spoken } from "./elements.js";
import { openLink } from "./link.js";
import { PairList } from "./pairs.js";
import { contentPath, query } from "./paths.js";
import { field, submit, textInput } from "./form.js";
import { Versions } from "./versions.js";

/** Pictures of more bytes are not shown without being asked for. */
const previewBytes = 25_000_000;
const previewed = /^image\/(jpeg|png|webp|gif|avif|bmp)$/;

/** @param {{ key: string, version_id?: string }} listed From a list. @param {() => void} changed The list is not what it was. */
export async function openObject(bucket, listed, changed) {
  const body = make("div", { className: "object" });
  const dialog = openDialog({ heading: "as.given", values: { text: listed.key.split("/").filter(Boolean).at(-1) ?? listed.key }, className: "wide" }, [body]);
  const show = async () => {
    const general = problem();
    body.replaceChildren(general);
    await attempt(null, async () => {
      const object = await call("GET", query(bucket, "object/", { key: listed.key, version_id: listed.version_id }));
      body.replaceChildren(...parts(bucket, object, dialog, async (isGone) => {
        changed();
        if (isGone) dialog.close();
        else await show();
      }));
    }, { shown: general });
  };
  await show();
}

function parts(bucket, object, dialog, changed) {
  const shown = [];
  if (previewed.test(object.content_type) && object.size > 0 && object.size <= previewBytes && !object.is_delete_marker) {
    const image = make("img", { className: "object-preview", alt: "", src: contentPath(bucket, object, true) });
    image.addEventListener("error", () => image.remove());
    shown.push(image);
  }
  shown.push(known(object));
  if (!object.is_delete_marker) {
    shown.push(make("div", { className: "row" }, [
      linkButton(contentPath(bucket, object), "detail.download.any", { sign: "download", look: "small" }),
      button("objects.linkShort", () => openLink(bucket, object.is_latest ? { key: object.key } : object), { sign: "link", look: "small" }),
      button("detail.delete", () => remove(bucket, object, changed), { sign: "trash", look: "small danger" }),
    ]));
    shown.push(properties(bucket, object, changed));
  }
  shown.push(new Versions(bucket, object, changed).element);
  return shown;
}

function known(object) {
  const rows = [["object.key", make("span", { textContent: object.key })]];
  const add = (key, text) => rows.push([key, spoken("span", "as.given", { values: { text } })]);
  if (!object.is_delete_marker) {
    add("objects.size", () => bytes(object.size));
    add("object.type", object.content_type);
  }
  add("objects.modified", () => moment(object.modified));
  add("fact.owner", object.owner);
  if (object.version_id !== "null") add("object.version", object.version_id);
  if (object.etag) add("object.etag", object.etag);
  if (object.checksum) add("object.checksum", `${object.checksum.algorithm} ${object.checksum.value}`);
  if (object.parts) add("object.parts", () => number(object.parts));
  if (object.encryption) add("object.encryption", object.encryption);
  if (object.retention) add("object.retention", () => `${object.retention.mode} · ${moment(object.retention.until)}`);
  if (object.legal_hold) rows.push(["object.hold", spoken("span", "object.holdOn")]);
  return facts(rows);
}

/** Type, tags and metadata, to be changed. */
function properties(bucket, object, changed) {
  const type = field("content_type", "object.type", textInput({ value: object.content_type }));
  const cache = field("cache_control", "object.cache", textInput({ value: object.headers["cache-control"] ?? "", placeholder: "max-age=3600" }));
  const tags = new PairList("tags", "object.tags", object.tags);
  const metadata = new PairList("metadata", "object.metadata", object.metadata);
  const general = problem();
  const save = button("edit.save", null, { type: "submit", look: "primary small" });
  const form = make("form", { className: "stack" }, [type, cache, tags.element, metadata.element, general, make("div", { className: "row" }, [save])]);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = {};
    if (type.input.value.trim() !== object.content_type) body.content_type = type.input.value.trim();
    if (cache.input.value.trim() !== (object.headers["cache-control"] ?? "")) body.cache_control = cache.input.value.trim();
    if (metadata.isChanged) body.metadata = metadata.value;
    if (tags.isChanged) body.tags = tags.value;
    if (Object.keys(body).length === 0) return;
    const path = query(bucket, "object/", { key: object.key, version_id: object.is_latest ? null : object.version_id });
    if (!await submit(save, [type, cache, tags.element, metadata.element], general, () => call("PATCH", path, { body }))) return;
    toast("edit.saved");
    changed(false);
  });
  const section = make("details", { className: "fold" }, [spoken("summary", "object.properties"), form]);
  return section;
}

async function remove(bucket, object, changed) {
  const agreed = await confirm({
    heading: "delete.heading", yes: "detail.delete", values: { name: object.key },
    explain: object.version_id === "null" ? "objects.deleteExplain" : object.is_latest ? "objects.deleteKeeps" : "objects.deleteForGood",
  });
  if (!agreed) return;
  // The latest of a key goes as S3 has it: with versions kept, a delete marker covers it.
  const version = object.is_latest ? null : object.version_id;
  const done = await attempt(null, () => call("DELETE", query(bucket, "object/", { key: object.key, version_id: version })));
  if (!done) return;
  toast("delete.done", { name: object.key });
  changed(true);
}
