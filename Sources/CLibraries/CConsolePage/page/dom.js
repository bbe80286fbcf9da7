// Making elements. Text always goes in as text, never as markup.

const svgNamespace = "http://www.w3.org/2000/svg";

export const byID = (id) => document.getElementById(id);

/** An element with properties and children: `make("li", { className: "card" }, [child, "text"])`. */
export function make(tag, properties = {}, children = []) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  element.append(...children);
  return element;
}

/** One of the icons that stand as symbols in the document. */
export function icon(name) {
  const svg = document.createElementNS(svgNamespace, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(svgNamespace, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A square button that holds only an icon; its name is said by whoever makes it. */
export function iconButton(name, onClick) {
  const button = make("button", { type: "button", className: "button quiet square" }, [icon(name)]);
  button.addEventListener("click", onClick);
  return button;
}

/** Whether keys belong to what is being typed or chosen there. */
export const takesKeys = (element) => element.matches("input, textarea, select, [contenteditable]");
