// One's account: profile, e-mail, password, second factor, sessions, keys, and the way out.
import { make } from "../dom.js";
import { moment, phrase, say, speakAlways, spokenLanguage, tell } from "../language.js";
import { toast, toastText } from "../notices.js";
import { Field, Form, input, select } from "./fields.js";
import { apiKeys } from "./keys.js";
import { me } from "./me.js";
import { button, fill, heading, link, openDialog } from "./parts.js";
import { ProfileSection } from "./profile.js";
import { go, page, titled } from "./router.js";
import { ask, explain, get } from "./server.js";
import { secondFactor } from "./second-factor.js";
import { ago } from "./words.js";

let profile = null;
export const accountIntake = () => profile?.intake ?? null;

export function accountView() {
  const user = me.user;
  profile = new ProfileSection(user);
  const head = make("header", { className: "page-head" }, [heading("account.heading"), button("signOut", signOut, { kind: "quiet", symbol: "leave" })]);
  const element = page("account", [
    head, profile.element, quickLinks(), section("account.you", [names(user)]), section("account.email", [email(user)]),
    section("account.language", [languages()]), section("account.password", [password(user)]),
    section("account.second", [secondFactor(user)]), section("account.sessions", [sessions()]), section("account.keys", [apiKeys()]),
    section("account.delete", [deletion(user)]),
  ]);
  return { element, title: titled("account.heading"), left: () => { profile?.close(); profile = null; } };
}

function section(key, parts) {
  return make("details", { className: "panel", open: key === "account.you" }, [make("summary", {}, [say(make("h2"), key)]), ...parts]);
}

const quickLinks = () => make("nav", { className: "quick", ariaLabel: phrase("account.heading") }, [
  link("mine.heading", "#/mine", { symbol: "grid" }), link("orders.heading", "#/orders", { symbol: "box" }), link("saved.heading", "#/saved", { symbol: "heart" }),
]);

async function signOut() {
  try {
    await me.signOut();
    go("/");
  } catch (error) { toastText(explain(error)); }
}

function names(user) {
  const name = new Field("username", "signUp.name", input({ value: user.username, autocomplete: "username", autocapitalize: "none", spellcheck: false, maxLength: 150 }));
  const first = new Field("first_name", "account.first", input({ value: user.first_name, autocomplete: "given-name", maxLength: 150 }));
  const last = new Field("last_name", "account.last", input({ value: user.last_name, autocomplete: "family-name", maxLength: 150 }), { isOptional: true });
  const open = user.roles.filter((role) => role !== "Staff");
  const role = new Field("roles", "account.role", select(["Consumer", "Businessman", "Specialist"].map((code) => [code, `role.${code}`]), open[0] ?? "Consumer"));
  const form = new Form([make("div", { className: "pair" }, [first.element, last.element]), name, role], "form.save", async () => {
    const roles = open.includes(role.value) ? open : [role.value];
    const { data } = await ask("PATCH", "/api/auth/me/", { body: { username: name.value, first_name: first.value, last_name: last.value, roles } });
    me.user = data;
    profile?.renamed(data);
    toast("form.saved");
  });
  form.add(first);
  form.add(last);
  return form.element;
}

function email(user) {
  const mail = new Field("email", "account.email", input({ type: "email", value: user.email, autocomplete: "email", maxLength: 254 }));
  const word = new Field("current_password", "account.currentPassword", input({ type: "password", autocomplete: "current-password" }), { hint: "account.emailWhy" });
  word.element.hidden = !user.has_password;
  const state = make("p", { className: "row" });
  const show = (known) => state.replaceChildren(...(!known.email ? [say(make("span", { className: "hint" }), "email.none")] : known.email_verified
    ? [say(make("span", { className: "state delivered" }), "email.verified")]
    : [say(make("span", { className: "state pending" }), "email.unverified"), button("email.again", async () => {
      try {
        await ask("POST", "/api/auth/email/verify/", {});
        toast("signUp.mailed");
      } catch (error) { toastText(explain(error)); }
    }, { kind: "small" })]));
  show(user);
  const form = new Form([state, mail, word], "form.save", async () => {
    const { data } = await ask("PATCH", "/api/auth/me/", { body: { email: mail.value, ...(word.control.value ? { current_password: word.control.value } : {}) } });
    me.user = data;
    show(data);
    word.control.value = "";
    toast(mail.value && !data.email_verified ? "signUp.mailed" : "form.saved");
  });
  return form.element;
}

function languages() {
  const choice = new Field("language", "account.language", select([["es", () => "Español"], ["en", () => "English"]], spokenLanguage()), { hint: "account.languageWhy" });
  choice.control.addEventListener("change", async () => {
    speakAlways(choice.value);
    try {
      me.user = (await ask("PATCH", "/api/auth/me/", { body: { language: choice.value } })).data;
      toast("form.saved");
    } catch (error) { toastText(explain(error)); }
  });
  return make("div", { className: "form" }, [choice.element]);
}

function password(user) {
  const current = new Field("current_password", "account.currentPassword", input({ type: "password", autocomplete: "current-password" }));
  current.element.hidden = !user.has_password;
  const next = new Field("new_password", "account.newPassword", input({ type: "password", autocomplete: "new-password" }), { hint: "signUp.passwordHint" });
  const form = new Form([current, next], "account.setPassword", async () => {
    await ask("POST", "/api/auth/password/change/", {
      body: { new_password: next.control.value, ...(user.has_password ? { current_password: current.control.value } : {}) },
    });
    form.element.reset();
    toast("account.passwordSet");
  });
  return form.element;
}

function sessions() {
  const place = make("div");
  const load = () => fill(place, async () => {
    const { results } = await get("/api/auth/sessions/?page_size=50");
    const rows = results.map((session) => make("li", {}, [
      make("span", { className: "session-words" }, [
        tell(make("strong"), deviceOf(session.agent)), say(make("span", { className: "hint" }), "as.given", {
          text: () => `${session.address} · ${ago(session.last_used)} · ${moment(session.created)}`,
        }),
      ]),
      session.current ? say(make("span", { className: "state delivered" }), "sessions.this") : button("sessions.end", () => end(`/api/auth/sessions/${session.id}/`), { kind: "small" }),
    ]));
    return [
      make("ul", { className: "sessions" }, rows),
      ...(rows.length > 1 ? [button("sessions.endOthers", () => end("/api/auth/sessions/"), { kind: "danger" })] : []),
    ];
  });
  const end = async (path) => {
    try {
      await ask("DELETE", path);
      toast("sessions.ended");
    } catch (error) { toastText(explain(error)); }
    load();
  };
  load();
  return place;
}

/** "Chrome · Android" of what a browser says of itself. */
function deviceOf(agent) {
  const browser = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]].find(([mark]) => agent.includes(mark))?.[1];
  const system = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]]
    .find(([mark]) => agent.includes(mark))?.[1];
  return [browser, system].filter(Boolean).join(" · ") || agent.slice(0, 40) || "–";
}

function deletion(user) {
  const begin = button("account.delete", () => {
    const word = new Field("current_password", "account.currentPassword", input({ type: "password", autocomplete: "current-password" }));
    word.element.hidden = !user.has_password;
    const form = new Form([say(make("p"), "account.delete.explain"), word], "account.delete.yes", async () => {
      await ask("DELETE", "/api/auth/me/", { body: word.control.value ? { current_password: word.control.value } : {} });
      dialog.close();
      await me.load();
      go("/");
      toast("account.deleted");
    });
    form.button.className = "button danger solid wide";
    const dialog = openDialog("move", "account.delete", [make("div", { className: "sheet-body" }, [form.element])]);
  }, { kind: "danger", symbol: "trash" });
  return make("div", { className: "form" }, [say(make("p", { className: "hint" }), "account.delete.explain"), begin]);
}
