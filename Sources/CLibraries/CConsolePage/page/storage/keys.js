// The screen of access keys: who may sign requests, and what each key may do at most.
import { call } from "../api.js";
import { confirm } from "../confirm.js";
import { make } from "../dom.js";
import { moment } from "../language.js";
import { toast } from "../notices.js";
import { openDialog } from "./dialog.js";
import { attempt, button, copyable, problem, signButton, spoken } from "./elements.js";
import { choice, codeInput, field, submit, textInput } from "./form.js";
import { indented } from "./document-editor.js";
import { keyPath, keysPath, ownAddress } from "./paths.js";

const allow = (actions, resources) => indented({
  Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: resources }],
});
const templates = [
  ["keys.all", () => ""],
  ["keys.reader", () => allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"])],
  ["keys.writer", () => allow(["s3:*"], ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"])],
];

export class KeyList {
  #rows = make("ul", { className: "keys" });
  #problem = problem();
  #more;
  #next = null;

  constructor() {
    this.#more = button("gallery.more", () => this.#page(this.#next), { look: "small" });
    this.#more.hidden = true;
    this.element = make("section", {}, [
      make("div", { className: "screen-bar" }, [
        spoken("h1", "storage.keys"), button("keys.new", () => this.#create(), { look: "primary", sign: "plus" }),
      ]),
      spoken("p", "keys.explain", { className: "hint" }), this.#problem, this.#rows, make("div", { className: "more" }, [this.#more]),
    ]);
  }

  async load() {
    this.#rows.replaceChildren();
    await this.#page(keysPath);
  }

  #page(address) {
    return attempt(null, async () => {
      const { results, next } = await call("GET", address);
      this.#rows.append(...results.map((key) => this.#row(key)));
      this.#next = next && ownAddress(next);
      this.#more.hidden = next === null;
    }, { shown: this.#problem });
  }

  #row(key) {
    const marks = make("span", { className: "marks" });
    if (key.is_root) marks.append(spoken("span", "keys.root", { className: "mark-word" }));
    if (key.policy) marks.append(spoken("span", "keys.limited", { className: "mark-word" }));
    const words = make("div", { className: "key-words" }, [make("strong", { textContent: key.user }), make("code", { textContent: key.id }), marks]);
    if (key.created) words.append(spoken("span", "keys.created", { className: "hint", values: { time: () => moment(key.created) } }));
    const acts = make("div", { className: "row" });
    if (!key.is_root) {
      acts.append(
        button("keys.policy", () => this.#policy(key), { look: "quiet small" }),
        signButton("trash", "keys.revoke", () => this.#revoke(key), { name: key.id }));
    }
    return make("li", { className: "key" }, [words, acts]);
  }

  #create() {
    const user = field("user", "keys.user", textInput({ autocapitalize: "off" }), { hint: "keys.userHint" });
    const email = field("email", "keys.email", make("input", { type: "email", autocomplete: "off" }), { hint: "keys.emailHint" });
    const [template, policy] = policyFields("");
    const general = problem();
    const send = button("keys.create", null, { type: "submit", look: "primary" });
    const form = make("form", { className: "stack", noValidate: true }, [
      user, email, template, policy, general, make("div", { className: "row end" }, [send]),
    ]);
    user.input.setAttribute("autofocus", "");
    const body = make("div", {}, [form]);
    const dialog = openDialog({ heading: "keys.new", onClose: () => this.load() }, [body]);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const wish = { user: user.input.value.trim(), email: email.input.value.trim(), policy: policy.input.value.trim() };
      await submit(send, [user, email, policy], general, async () => {
        const key = await call("POST", keysPath, { body: wish });
        body.replaceChildren(secret(key, dialog));
        body.querySelector("h3").focus();
      });
    });
  }

  #policy(key) {
    const [template, policy] = policyFields(key.policy ?? "");
    const general = problem();
    const send = button("edit.save", null, { type: "submit", look: "primary" });
    const form = make("form", { className: "stack", noValidate: true }, [template, policy, general, make("div", { className: "row end" }, [send])]);
    const dialog = openDialog({ heading: "keys.policyHeading", values: { name: key.id } }, [spoken("p", "keys.policyHint", { className: "hint" }), form]);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = policy.input.value.trim();
      const path = keyPath(key.id, "policy/");
      const done = await submit(send, [policy], general, () =>
        (text === "" ? call("DELETE", path) : call("PUT", path, { body: parsedPolicy(text) })));
      if (!done) return;
      dialog.close();
      toast("edit.saved");
      this.load();
    });
  }

  async #revoke(key) {
    if (!await confirm({ heading: "keys.revokeHeading", explain: "keys.revokeExplain", yes: "keys.revokeYes", values: { name: key.id } })) return;
    if (!await attempt(null, () => call("DELETE", keyPath(key.id)), { shown: this.#problem })) return;
    toast("keys.revoked", { name: key.id });
    await this.load();
    document.getElementById("main").focus();
  }
}

/** What is no JSON goes to the server as a string, which says what is wrong with it. */
function parsedPolicy(text) {
  try { return JSON.parse(text); } catch { return text; }
}

function policyFields(value) {
  const policy = field("policy", "keys.policyLabel", codeInput(9, value), { hint: "keys.policyHint" });
  const select = choice(templates.map(([key], index) => [String(index), key]));
  const template = field("template", "document.template", select);
  if (value !== "") select.prepend(spoken("option", "document.choose", { value: "", selected: true }));
  select.addEventListener("change", () => { if (select.value !== "") policy.input.value = templates[Number(select.value)][1](); });
  return [template, policy];
}

/** The one time that a secret is seen. */
function secret(key, dialog) {
  return make("div", { className: "stack" }, [
    spoken("h3", "keys.made", { tabIndex: -1 }), spoken("p", "keys.secretOnce", { className: "hint" }),
    make("div", { className: "field" }, [spoken("span", "keys.id"), copyable(key.id, "keys.id")]),
    make("div", { className: "field" }, [spoken("span", "keys.secret"), copyable(key.secret, "keys.secret")]),
    make("div", { className: "row end" }, [button("keys.done", () => dialog.close(), { look: "primary" })]),
  ]);
}
