// When objects of a bucket go by themselves: rules as forms. What a rule says that the form has no place for is kept as it is.
import { call } from "../api.js";
import { make } from "../dom.js";
import { toast } from "../notices.js";
import { attempt, button, problem, signButton, spoken } from "./elements.js";
import { field, numberInput, submit, textInput, tick } from "./form.js";
import { bucketPath } from "./paths.js";

export class LifecycleEditor {
  #path;
  #rules = make("div", { className: "stack" });
  #general = problem();
  #none = spoken("p", "lifecycle.none", { className: "hint" });

  constructor(bucket, exists) {
    this.#path = bucketPath(bucket, "lifecycle/");
    const save = button("edit.save", null, { type: "submit", look: "small primary" });
    const add = button("lifecycle.add", () => {
      this.#add({ Status: "Enabled", Filter: { Prefix: "" } }).querySelector("input").focus();
    }, { look: "small", sign: "plus" });
    const form = make("form", { className: "stack", noValidate: true }, [
      this.#none, this.#rules, this.#general, make("div", { className: "row" }, [add, save]),
    ]);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await submit(save, [], this.#general, () => this.#save())) toast("edit.saved");
    });
    this.element = form;
    if (exists) attempt(null, async () => this.#show(await call("GET", this.#path)), { shown: this.#general });
  }

  #show({ Rules: rules = [] }) {
    this.#rules.replaceChildren();
    for (const rule of rules) this.#add(rule);
    this.#none.hidden = this.#rules.children.length > 0;
  }

  async #save() {
    const rules = [...this.#rules.children].map((element) => element.rule());
    // A list without rules is not a list that S3 knows.
    if (rules.length === 0) await call("DELETE", this.#path);
    else this.#show(await call("PUT", this.#path, { body: { Rules: rules } }));
  }

  #add(rule) {
    const element = ruleForm(rule, () => {
      element.remove();
      this.#none.hidden = this.#rules.children.length > 0;
    });
    this.#rules.append(element);
    this.#none.hidden = true;
    return element;
  }
}

/** The form of one rule; `rule()` is what it says now. */
function ruleForm(rule, remove) {
  const filter = rule.Filter ?? {};
  // Tags and sizes are for the ones who write rules elsewhere: they are shown, and stay.
  const isPlain = Object.keys(filter).every((name) => name === "Prefix");
  const days = (key, value) => field(key, `lifecycle.${key}`, numberInput({ min: "1", value: value ?? "" }));
  const prefix = field("prefix", "lifecycle.prefix", textInput({ value: rule.Prefix ?? filter.Prefix ?? filter.And?.Prefix ?? "", placeholder: "tmp/" }));
  prefix.input.disabled = !isPlain;
  const expires = days("expires", rule.Expiration?.Days);
  const noncurrent = days("noncurrent", rule.NoncurrentVersionExpiration?.NoncurrentDays);
  const uploads = days("uploads", rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation);
  const enabled = tick("enabled", "lifecycle.enabled", rule.Status === "Enabled");
  const element = make("fieldset", { className: "rule" }, [
    spoken("legend", "lifecycle.rule", { values: { name: rule.ID ?? "" } }),
    make("div", { className: "columns" }, [prefix, expires, noncurrent, uploads]),
    ...(isPlain ? [] : [make("pre", { className: "code", textContent: JSON.stringify(filter) })]),
    make("div", { className: "row between" }, [enabled, signButton("trash", "lifecycle.remove", remove)]),
  ]);
  element.rule = () => {
    const made = { ...rule, Status: enabled.input.checked ? "Enabled" : "Disabled" };
    if (isPlain) {
      delete made.Prefix;
      made.Filter = { Prefix: prefix.input.value };
    }
    const put = (name, member, { input }) => {
      const { [member]: _, ...rest } = made[name] ?? {};
      const value = input.value.trim();
      const said = value === "" ? rest : { ...rest, [member]: Number(value) };
      // A date or the like stays where no days are said; counts mean nothing without days.
      if (Object.keys(said).length === 0 || (value === "" && name !== "Expiration")) delete made[name];
      else made[name] = said;
    };
    put("Expiration", "Days", expires);
    put("NoncurrentVersionExpiration", "NoncurrentDays", noncurrent);
    put("AbortIncompleteMultipartUpload", "DaysAfterInitiation", uploads);
    return made;
  };
  return element;
}
