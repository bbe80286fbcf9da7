// What stands for a photo on the screen: its placeholder first, then the rendition that fits.
import { ownPath } from "./api.js";
import { icon, make } from "./dom.js";
import { say } from "./language.js";
import { thumbHashCanvas } from "./thumbhash.js";

const shownByBrowsers = new Set(["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"]);
/** Best first: the browser takes the first that it knows. */
const modern = ["avif", "webp"];
const previews = new Map();
/** What moves is for those who have not asked for less motion; they see the fallback, which stands still. */
const movingAllowed = "(prefers-reduced-motion: no-preference)";
export const mayMove = () => matchMedia(movingAllowed).matches;

/** The short animation that a video has beside its poster, or null. */
export const motionOf = ({ kind, renditions }) => (kind === "video" && renditions.find(({ animated }) => animated)) || null;

/** An address of the file's own bytes, or null where browsers cannot show it (HEIC). */
export const localPreview = (file) => (shownByBrowsers.has(file.type) ? URL.createObjectURL(file) : null);
export const releasePreview = (address) => { if (address) URL.revokeObjectURL(address); };

/** Keeps a file's own bytes as the preview of media `id` until its renditions are seen. */
export function keepPreview(id, file) {
  forgetPreview(id);
  const address = localPreview(file);
  if (address) previews.set(id, address);
}

export function forgetPreview(id) {
  releasePreview(previews.get(id));
  previews.delete(id);
}

/** Width ÷ height of what is shown, within bounds so that a panorama does not make a row of its own. */
export function ratioOf(record, least = 0.05, most = 20) {
  const { width, height } = shapeOf(record);
  return width > 0 && height > 0 ? Math.min(most, Math.max(least, width / height)) : 1;
}

/** Whether something of this size shows all of the shape: a pixel of rounding on either side is no crop. */
const fits = ({ width, height }, shape) =>
  Math.abs((width * shape.height) / shape.width - height) <= 1 || Math.abs((height * shape.width) / shape.height - width) <= 1;

/** The size of what is shown: of the whole photo, or of the largest crop where a server makes nothing but crops. */
function shapeOf(record) {
  const stills = record.renditions.filter((rendition) => rendition !== motionOf(record));
  if (stills.length === 0 || stills.some((rendition) => fits(rendition, record))) return record;
  return stills.reduce((best, one) => (one.width * one.height > best.width * best.height ? one : best));
}

/** The renditions of the shape that is shown, one a width, narrow first. */
function shown(record, format) {
  const shape = shapeOf(record);
  const widths = new Map();
  for (const rendition of record.renditions) {
    if (rendition === motionOf(record)) continue;
    if (rendition.format === format && fits(rendition, shape)) widths.set(rendition.width, rendition);
  }
  return [...widths.values()].sort((a, b) => a.width - b.width);
}

const sourceSet = (renditions) => renditions.map(({ url, width }) => `${ownPath(url)} ${width}w`).join(", ");

/** <picture> with every format that the record has, or null before there are renditions. `sizes` as in HTML. */
export function pictureOf(record, sizes, { lazy = true } = {}) {
  const fallback = record.renditions.find(({ format }) => !modern.includes(format))?.format ?? record.renditions[0]?.format;
  const choices = shown(record, fallback);
  if (choices.length === 0) return null;
  const sources = modern.filter((format) => format !== fallback).map((format) => [format, shown(record, format)])
    .filter(([, renditions]) => renditions.length > 0)
    .map(([format, renditions]) => make("source", {
      type: `image/${format}`, sizes, srcset: sourceSet(renditions), media: renditions.some(({ animated }) => animated) ? movingAllowed : "",
    }));
  const { width, height } = shapeOf(record);
  const image = make("img", { alt: record.alt, width, height, decoding: "async" });
  if (lazy) image.loading = "lazy";
  image.sizes = sizes;
  image.srcset = sourceSet(choices);
  image.src = ownPath(choices[Math.min(1, choices.length - 1)].url);
  return make("picture", {}, [...sources, image]);
}

/**
 * <video> of what was written for browsers, or of the original until then; it loads no more than the header until it is played.
 * `giveUp` is called where it cannot be played, or no more of it than its sound.
 */
export function playerOf(record, giveUp) {
  const poster = shown(record, "jpeg").at(-1);
  const player = make("video", { controls: true, preload: "metadata", playsInline: true, src: ownPath(record.playback?.url ?? record.url) });
  if (poster) player.poster = ownPath(poster.url);
  player.setAttribute("aria-label", record.alt || record.title || record.filename);
  player.addEventListener("error", giveUp);
  // Sound whose picture the browser knows nothing of plays on without an error.
  player.addEventListener("loadedmetadata", () => { if (player.videoWidth === 0) giveUp(); });
  return player;
}

/** Said over the poster of a video that this browser cannot play: that a version for it is on its way, or that there is none. */
export function unplayableBadge({ playback }) {
  if (playback?.status !== "processing") return make("span", { className: "badge" }, [say(make("span"), "video.unplayable")]);
  return make("span", { className: "badge" }, [make("span", { className: "dot" }), say(make("span"), "video.preparing")]);
}

/** Fills a frame: colour, then ThumbHash or the file's own preview, then (ready) the picture over it. */
export function fillFrame(frame, record, sizes, options) {
  frame.classList.remove("loaded");
  frame.classList.toggle("clear", record.renditions.some(({ format }) => format === "png"));
  frame.style.setProperty("--tone", /^#[0-9a-f]{6}$/i.test(record.color ?? "") ? record.color : "var(--sunken)");
  const under = [];
  const preview = previews.get(record.id);
  if (preview && record.status !== "failed") under.push(make("img", { src: preview, alt: "", className: "preview" }));
  else if (record.placeholder) under.push(thumbHashCanvas(record.placeholder) ?? icon("photo"));
  else under.push(icon(record.status === "failed" ? "alert" : "photo"));

  const picture = record.status === "ready" ? pictureOf(record, sizes, options) : null;
  if (picture) {
    const image = picture.querySelector("img");
    image.addEventListener("load", () => {
      frame.classList.add("loaded");
      forgetPreview(record.id);
    });
    under.push(picture);
  }
  frame.replaceChildren(...under);
}
