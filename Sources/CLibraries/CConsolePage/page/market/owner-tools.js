// What sellers do with an ad of theirs: change it, pause it, put it back, delete it.
import { confirm } from "../confirm.js";
import { make } from "../dom.js";
import { toast, toastText } from "../notices.js";
import { button, link } from "./parts.js";
import { ask, explain } from "./server.js";

/** What may become of an ad in each state. */
const moves = { draft: ["publish"], published: ["pause", "expire"], paused: ["publish", "expire"], expired: ["publish"], sold: ["pause"] };
const symbols = { publish: "check", pause: "pause", expire: "close" };

/** @param {(add: object|null) => void} changed The ad as it is now; null where it was deleted. */
export function ownerTools(add, changed) {
  const run = async (work, said) => {
    try {
      changed(await work());
      toast(said);
    } catch (error) {
      toastText(explain(error));
    }
  };
  const move = (verb) => button(`mine.${verb}`, () => run(async () => (await ask("POST", `/api/adds/${add.id}/${verb}/`)).data, `mine.${verb}.done`), {
    kind: "small", symbol: symbols[verb],
  });
  return make("div", { className: "row owner-tools" }, [
    link("mine.edit", `#/ad/${add.id}/edit`, { kind: "button small", symbol: "pen" }), ...moves[add.state].map(move),
    button("mine.delete", async () => {
      const agreed = await confirm({ heading: "mine.delete.heading", explain: "mine.delete.explain", yes: "mine.delete", values: { title: add.title } });
      if (agreed) await run(async () => { await ask("DELETE", `/api/adds/${add.id}/`); return null; }, "mine.delete.done");
    }, { kind: "small danger", symbol: "trash" }),
  ]);
}
