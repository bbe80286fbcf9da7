// The list of a photo's renditions: a look, its size, its address to copy.
import { ownPath, wholeAddress } from "./api.js";
import { byID, icon, iconButton, make } from "./dom.js";
import { bytes, formatName, isPhrase, number, phrase, say, sayAttribute, tell } from "./language.js";
import { mayMove } from "./picture.js";

/** How long a button shows that it copied. */
const feedback = 2000;

export function showRenditions(record) {
  const list = byID("renditions");
  const focused = document.activeElement?.closest(".rendition")?.dataset.key;
  tell(byID("renditions-count"), number(record.renditions.length));
  list.replaceChildren(...(record.status === "failed" ? [] : record.renditions.map((rendition) => row(record, rendition))));
  // The list is made anew when sizes become known: whoever is on a button stays there.
  if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"] button`)?.focus();
}

function row(record, rendition) {
  const { name, format, width, height, size, url, animated } = rendition;
  const label = () => (isPhrase(`preset.${name}`) ? phrase(`preset.${name}`) : name);
  const words = { name: label, format: formatName(format) };
  const thumb = record.status === "ready" && (!animated || mayMove())
    ? make("img", { className: "rendition-thumb", loading: "lazy", decoding: "async", src: ownPath(url), width: 44, height: 44, alt: "" })
    : make("span", { className: "rendition-thumb" });
  const open = make("a", { className: "button quiet square", href: ownPath(url), target: "_blank", rel: "noopener" }, [icon("open")]);
  const item = make("li", { className: "rendition" }, [
    thumb,
    make("div", {}, [
      make("p", { className: "rendition-name" }, [
        say(make("span"), "as.given", { text: label }), " ", make("span", { textContent: words.format }),
      ]),
      say(make("p", { className: "rendition-facts" }), "rendition.facts", {
        width, height, size: () => (size === null ? phrase("detail.preparing") : bytes(size)),
      }),
    ]),
    make("div", { className: "row" }, [
      sayAttribute(copyButton(wholeAddress(url)), "aria-label", "rendition.copy", words),
      sayAttribute(open, "aria-label", "rendition.open", words),
    ]),
  ]);
  item.dataset.key = `${name}.${format}`;
  return item;
}

function copyButton(address) {
  const button = iconButton("copy", async () => {
    const done = await copy(address);
    button.replaceChildren(icon(done ? "check" : "alert"));
    button.classList.toggle("done", done);
    byID("copied").textContent = phrase(done ? "rendition.copied" : "rendition.copyFailed");
    setTimeout(() => {
      button.replaceChildren(icon("copy"));
      button.classList.remove("done");
      byID("copied").textContent = "";
    }, feedback);
  });
  button.dataset.address = address;
  return button;
}

async function copy(text) {
  // The clipboard's interface exists only where the page came over TLS or from this machine.
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = make("textarea", { value: text, readOnly: true, className: "visually-hidden" });
    const before = document.activeElement;
    byID("detail").append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus();
    return done;
  }
}
