// Signing in, making an account, and the links of letters.
import { make } from "../dom.js";
import { phrase, say } from "../language.js";
import { toast } from "../notices.js";
import { Field, Form, input, segments } from "./fields.js";
import { me } from "./me.js";
import { heading, link } from "./parts.js";
import { go, page, refresh, titled } from "./router.js";
import { ask } from "./server.js";

/** Back to where one was sent here from; only ever a place of this page. */
function goOn(query) {
  const next = query.get("next") ?? "/";
  const address = next.startsWith("/") && !next.startsWith("//") ? `#${next}` : "#/";
  // The form may stand where one wanted to go: then no change of the address shows what is there.
  if (location.hash === address) refresh();
  else location.hash = address;
}

const around = (title, explain, parts) => page("door", [make("div", { className: "door-card" }, [heading(title), say(make("p", { className: "hint" }), explain), ...parts])]);
const password = (name, label, autocomplete, options) => new Field(name, label, input({ type: "password", autocomplete, maxLength: 1024 }), options);

export function signInView(_, query) {
  const name = new Field("username", "signIn.name", input({ autocomplete: "username", autocapitalize: "none", spellcheck: false, maxLength: 254 }));
  const word = password("password", "signIn.password", "current-password");
  const code = new Field("otp", "signIn.code", input({ autocomplete: "one-time-code", inputMode: "numeric", maxLength: 40 }), { hint: "signIn.codeHint" });
  code.element.hidden = true;
  const form = new Form([name, word, code], "signIn.do", async () => {
    if (!name.value || !word.control.value) {
      const field = name.value ? word : name;
      field.refuse(phrase("form.required"));
      return field.control.focus();
    }
    try {
      await me.signIn({ username: name.value, password: word.control.value, ...(code.value ? { otp: code.value } : {}) });
      goOn(query);
    } catch (error) {
      if (error.code !== "otp_required" && error.code !== "otp_invalid") throw error;
      // The password was right: now the second factor is asked for.
      code.element.hidden = false;
      if (error.code === "otp_invalid") code.refuse(phrase("problem.otp_invalid"));
      code.control.focus();
    }
  });
  return { title: titled("signIn.do"), element: around("signIn.heading", "signIn.why", [
    form.element, link("reset.link", "#/reset", { kind: "link" }),
    make("p", { className: "row" }, [say(make("span", { className: "hint" }), "signIn.new"), link("signUp.do", `#/sign-up?${query}`, { kind: "link" })]),
  ]) };
}

export function signUpView(_, query) {
  let role = "Consumer";
  const roles = segments("role", "signUp.role", ["Consumer", "Businessman", "Specialist"].map((code) => [code, `wish.${code}`]), role, (code) => {
    role = code;
    say(explained, `role.${code}.explain`);
  });
  const explained = say(make("p", { className: "hint" }), `role.${role}.explain`);
  const first = new Field("first_name", "account.first", input({ autocomplete: "given-name", maxLength: 150 }));
  const last = new Field("last_name", "account.last", input({ autocomplete: "family-name", maxLength: 150 }), { isOptional: true });
  const name = new Field("username", "signUp.name", input({ autocomplete: "username", autocapitalize: "none", spellcheck: false, maxLength: 150 }), { hint: "signUp.nameHint" });
  const mail = new Field("email", "account.email", input({ type: "email", autocomplete: "email", maxLength: 254 }), { isOptional: true, hint: "signUp.emailHint" });
  const word = password("password", "signIn.password", "new-password", { hint: "signUp.passwordHint" });
  const form = new Form([
    make("fieldset", { className: "group plain" }, [say(make("legend"), "signUp.role"), roles, explained]),
    make("div", { className: "pair" }, [first.element, last.element]), name, mail, word,
  ], "signUp.do", async () => {
    const empty = [name, word].find((field) => !field.control.value.trim());
    if (empty) {
      empty.refuse(phrase("form.required"));
      return empty.control.focus();
    }
    await me.register({
      username: name.value, password: word.control.value, role, first_name: first.value, last_name: last.value, ...(mail.value ? { email: mail.value } : {}),
    });
    toast(mail.value ? "signUp.mailed" : "signUp.welcome");
    goOn(query);
  });
  form.add(first);
  form.add(last);
  return { title: titled("signUp.do"), element: around("signUp.heading", "signUp.why", [
    form.element, make("p", { className: "row" }, [say(make("span", { className: "hint" }), "signUp.known"), link("signIn.do", `#/sign-in?${query}`, { kind: "link" })]),
  ]) };
}

/** Asks for a letter with a link to set a new password. */
export function resetView() {
  const mail = new Field("email", "account.email", input({ type: "email", autocomplete: "email", maxLength: 254 }));
  const form = new Form([mail], "reset.send", async () => {
    await ask("POST", "/api/auth/password/reset/", { body: { email: mail.value } });
    form.element.replaceWith(say(make("p", { className: "thanks", role: "status" }), "reset.sent"));
  });
  return { title: titled("reset.heading"), element: around("reset.heading", "reset.explain", [form.element]) };
}

/** Where the link of such a letter leads. */
export function newPasswordView(_, query) {
  const token = query.get("token") ?? "";
  // What the token is worth must not stay in the address or the history.
  history.replaceState(history.state, "", "#/new-password");
  const word = password("new_password", "account.newPassword", "new-password", { hint: "signUp.passwordHint" });
  const form = new Form([word], "account.setPassword", async () => {
    await ask("POST", "/api/auth/password/reset/confirm/", { body: { token, new_password: word.control.value } });
    toast("account.passwordSet");
    go("/sign-in");
  });
  return { title: titled("account.setPassword"), element: around("account.setPassword", "reset.choose", [form.element]) };
}

/** Where the link of a letter leads that asks whether the address is right; whoever follows it signs in first. */
export function verifyView(_, query) {
  const token = query.get("token") ?? "";
  history.replaceState(history.state, "", "#/verify");
  const form = new Form([], "verify.do", async () => {
    await ask("POST", "/api/auth/email/verify/confirm/", { body: { token } });
    form.element.replaceWith(say(make("p", { className: "thanks", role: "status" }), "verify.done"));
    if (me.user) await me.load();
  });
  return { title: titled("verify.heading"), element: around("verify.heading", "verify.explain", [form.element]) };
}
