// Keys for programs: which there are, making one, and taking one back.
import { make } from "../dom.js";
import { phrase, say, sayAttribute, tell } from "../language.js";
import { toast, toastText } from "../notices.js";
import { Field, Form, input, select, tick } from "./fields.js";
import { button, fill, openDialog } from "./parts.js";
import { ask, explain, get } from "./server.js";
import { ago, day } from "./words.js";

const scopes = ["media:read", "media:write", "marketplace:read", "marketplace:write", "profiles:read", "profiles:write", "events:read", "admin"];
const days = [["90", "keys.days"], ["30", "keys.days"], ["365", "keys.days"], ["", "keys.never"]];

export function apiKeys() {
  const place = make("div");
  const load = () => fill(place, async () => {
    const { results } = await get("/api/auth/keys/?page_size=100");
    return [
      say(make("p", { className: "hint" }), "keys.why"),
      make("ul", { className: "sessions keys" }, results.map(row)),
      button("keys.make", () => begin(load), { symbol: "plus" }),
    ];
  });

  function row(key) {
    const revoke = sayAttribute(button("keys.revoke", () => take(key), { kind: "small danger" }), "aria-label", "keys.revokeOf", { name: key.name });
    return make("li", {}, [
      make("span", { className: "session-words" }, [
        tell(make("strong"), key.name), make("code", { textContent: key.hint ? `${key.hint}…` : key.id }),
        say(make("span", { className: "hint" }), "as.given", { text: () => told(key) }),
      ]),
      revoke,
    ]);
  }

  async function take(key) {
    const form = new Form([say(make("p"), "keys.revoke.explain", { name: key.name })], "keys.revoke", async () => {
      await ask("DELETE", `/api/auth/keys/${key.id}/`);
      dialog.close();
      toast("keys.revoked");
      load();
    });
    form.button.className = "button danger solid wide";
    const dialog = openDialog("move", "keys.revoke", [make("div", { className: "sheet-body" }, [form.element])]);
  }

  load();
  return place;
}

/** What a key is good for, when it was used, and when it ends. */
function told(key) {
  const parts = [key.scopes.join(", "), key.last_used ? phrase("keys.used", { when: ago(key.last_used) }) : phrase("keys.unused")];
  if (key.expires) parts.push(phrase(new Date(key.expires) < new Date() ? "keys.ended" : "keys.until", { day: day(key.expires) }));
  return parts.join(" · ");
}

/** Asks what the key is for, and shows it: this once. */
function begin(made) {
  const name = new Field("name", "keys.name", input({ maxLength: 100, autocomplete: "off" }), { hint: "keys.nameWhy" });
  const lifetime = new Field("expires", "keys.lifetime", select(days.map(([count, key]) => [count, () => phrase(key, { count: Number(count) })]), "90"));
  const boxes = scopes.map((scope) => ({ scope, ...tick(`scope.${scope}`, false) }));
  const group = make("fieldset", { className: "group plain" }, [say(make("legend"), "keys.scopes"), ...boxes.map(({ element }) => element)]);
  const asked = new Field("scopes", "keys.scopes", group);
  // The legend says it.
  asked.label.remove();
  group.addEventListener("change", () => asked.clear());

  const form = new Form([name, asked, lifetime], "keys.make", async () => {
    const expires = lifetime.value ? new Date(Date.now() + Number(lifetime.value) * 86_400_000).toISOString() : null;
    const { data } = await ask("POST", "/api/auth/keys/", {
      body: { name: name.value, scopes: boxes.filter(({ box }) => box.checked).map(({ scope }) => scope), expires },
    });
    made();
    show(data);
  });
  const body = make("div", { className: "sheet-body" }, [form.element]);
  const dialog = openDialog("move", "keys.make", [body]);

  function show({ key }) {
    const text = make("input", { type: "text", className: "secret", value: key, readOnly: true, spellcheck: false });
    sayAttribute(text, "aria-label", "keys.key");
    text.addEventListener("focus", () => text.select());
    body.replaceChildren(make("div", { className: "form" }, [
      say(make("p"), "keys.once"), text, button("keys.copy", () => copy(text), { kind: "primary wide" }),
    ]));
    text.focus();
  }
}

async function copy(field) {
  field.select();
  try {
    // The clipboard's interface exists only where the page came over TLS or from this machine.
    await navigator.clipboard.writeText(field.value);
    toast("keys.copied");
  } catch {
    toastText(phrase(document.execCommand("copy") ? "keys.copied" : "keys.copyFailed"));
  }
}
