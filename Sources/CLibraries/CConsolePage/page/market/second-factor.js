// Switching the second factor on and off.
import { make } from "../dom.js";
import { say, tell } from "../language.js";
import { toast } from "../notices.js";
import { Field, Form, input } from "./fields.js";
import { ask } from "./server.js";

export function secondFactor(user) {
  const place = make("div");
  const word = () => new Field("current_password", "account.currentPassword", input({ type: "password", autocomplete: "current-password" }));
  const body = (field) => (user.has_password ? { current_password: field.control.value } : {});

  function off() {
    const field = word();
    field.element.hidden = !user.has_password;
    const form = new Form([say(make("p", { className: "hint" }), "second.why"), field], "second.begin", async () => {
      const { data } = await ask("POST", "/api/auth/totp/", { body: body(field) });
      begun(data);
    });
    place.replaceChildren(form.element);
  }

  /** The secret is typed into the app, or handed to it by its address where the app is on this device. */
  function begun({ secret, uri }) {
    const code = new Field("otp", "signIn.code", input({ autocomplete: "one-time-code", inputMode: "numeric", maxLength: 12 }));
    const open = make("a", { className: "button", href: uri }, [say(make("span"), "second.open")]);
    const form = new Form([
      say(make("p"), "second.type"), make("p", {}, [tell(make("code", { className: "secret" }), secret.match(/.{1,4}/g).join(" "))]), open, code,
    ], "second.confirm", async () => {
      const { data } = await ask("POST", "/api/auth/totp/confirm/", { body: { otp: code.value } });
      on(data.recovery_codes);
      toast("second.isOn");
    });
    place.replaceChildren(form.element);
    code.control.focus();
  }

  function on(codes = []) {
    const field = word();
    field.element.hidden = !user.has_password;
    const list = codes.length === 0 ? [] : [say(make("p"), "second.codes"), make("ul", { className: "codes" }, codes.map((code) => make("li", {}, [tell(make("code"), code)])))];
    const form = new Form([say(make("p", { className: "state delivered" }), "second.isOn"), ...list, field], "second.end", async () => {
      await ask("DELETE", "/api/auth/totp/", { body: body(field) });
      off();
      toast("form.saved");
    });
    form.button.className = "button danger wide";
    place.replaceChildren(form.element);
  }

  if (user.totp_enabled) on();
  else off();
  return place;
}
