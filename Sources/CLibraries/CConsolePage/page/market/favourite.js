// The heart: an ad that one keeps an eye on.
import { icon, make } from "../dom.js";
import { sayAttribute } from "../language.js";
import { announce, toastText } from "../notices.js";
import { me } from "./me.js";
import { go, here } from "./router.js";
import { ask, explain } from "./server.js";

/** @param {(isOn: boolean) => void} [changed] */
export function favouriteButton(add, changed) {
  const button = make("button", { type: "button", className: "heart" }, [icon("heart")]);
  const show = () => {
    button.setAttribute("aria-pressed", String(add.is_favourite));
    sayAttribute(button, "aria-label", "favourite", { title: add.title });
  };
  button.addEventListener("click", async () => {
    if (!me.user) return go("/sign-in", { next: here() });
    const wanted = !add.is_favourite;
    // Shown at once; a refusal takes it back.
    add.is_favourite = wanted;
    show();
    try {
      await ask(wanted ? "PUT" : "DELETE", `/api/adds/${add.id}/favourite/`);
      announce(wanted ? "favourite.on" : "favourite.off");
      changed?.(wanted);
    } catch (error) {
      add.is_favourite = !wanted;
      show();
      toastText(explain(error));
    }
  });
  show();
  return button;
}
