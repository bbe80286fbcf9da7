// Arrow keys in the gallery: one stop for Tab, and from there to the photo beside, above or below.

/** @param {HTMLElement} list Its items each hold one button. */
export function startRoving(list) {
  const buttons = () => [...list.querySelectorAll(".card-open")];

  list.addEventListener("focusin", (event) => {
    const button = event.target.closest(".card-open");
    if (button) mark(button);
  });

  list.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    if (at < 0) return;
    const next = {
      ArrowRight: () => all[at + 1], ArrowLeft: () => all[at - 1],
      ArrowDown: () => beside(all, at, 1), ArrowUp: () => beside(all, at, -1),
      Home: () => all[0], End: () => all[all.length - 1],
    }[event.key]?.();
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  function mark(button) {
    for (const other of buttons()) other.tabIndex = other === button ? 0 : -1;
  }

  /** Keeps exactly one stop after cards came or went: where the focus is, or else the first. */
  return () => {
    const all = buttons();
    if (all.length > 0 && !all.includes(document.activeElement)) mark(all[0]);
  };
}

/** The nearest button of the next row (direction 1) or the row before (-1): rows hold photos of different widths. */
function beside(all, at, direction) {
  const here = all[at].getBoundingClientRect();
  const centre = here.left + here.width / 2;
  let row;
  let best;
  let distance = Infinity;
  for (let index = at + direction; index >= 0 && index < all.length; index += direction) {
    const box = all[index].getBoundingClientRect();
    if (Math.abs(box.top - here.top) < 4) continue;
    row ??= box.top;
    if (Math.abs(box.top - row) > 4) break;
    const away = Math.abs(box.left + box.width / 2 - centre);
    if (away < distance) [best, distance] = [all[index], away];
  }
  return best;
}
