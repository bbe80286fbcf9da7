// A photo of an ad as a card or a gallery shows it: placeholder first.
import { icon, make } from "../dom.js";
import { say } from "../language.js";
import { fillFrame, playerOf, unplayableBadge } from "../picture.js";

/** What an ad refers to may not be known yet: then it has neither size nor renditions. */
const complete = (media) => ({ alt: "", renditions: [], width: 0, height: 0, ...media });

/** A frame with the photo in it; `sizes` as in HTML. */
export function photoFrame(media, sizes, { lazy = true, alt = "" } = {}) {
  const frame = make("span", { className: "frame" });
  showPhoto(frame, media, sizes, { lazy, alt });
  return frame;
}

export function showPhoto(frame, media, sizes, { lazy = true, alt = "" } = {}) {
  const record = complete(media);
  record.alt ||= alt;
  frame.dataset.id = record.id;
  frame.dataset.status = record.status;
  fillFrame(frame, record, sizes, { lazy });
  if (record.status === "processing") {
    frame.append(make("span", { className: "badge" }, [make("span", { className: "dot" }), say(make("span"), "photo.processing")]));
  } else if (record.status === "failed") {
    frame.append(say(make("span", { className: "badge" }), "photo.failed"));
  }
  if (record.kind === "video" && record.status === "ready") {
    frame.append(make("span", { className: "badge corner" }, [icon("play"), say(make("span", { className: "visually-hidden" }), "kind.video")]));
  }
}

/** A frame without a photo. */
export function noPhoto() {
  const frame = make("span", { className: "frame none" }, [icon("photo")]);
  return frame;
}

/** What plays a video, or null where the item is none; its poster takes its place where it cannot be played. */
export function player(media, sizes, options) {
  if (media.kind !== "video" || media.status !== "ready") return null;
  const video = playerOf(complete(media), () => {
    const frame = photoFrame(media, sizes, options);
    frame.append(unplayableBadge(media));
    video.replaceWith(frame);
  });
  return video;
}

/** What an ad's answer and an event's record have in common. */
export const merged = (media, record) => ({ ...media, ...record });
