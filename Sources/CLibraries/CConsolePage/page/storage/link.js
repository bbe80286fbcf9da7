// A link for somebody without an account: download, or upload, until it expires.
import { call } from "../api.js";
import { make } from "../dom.js";
import { moment } from "../language.js";
import { openDialog } from "./dialog.js";
import { button, copyable, problem, spoken } from "./elements.js";
import { choice, field, submit } from "./form.js";
import { bucketPath } from "./paths.js";

const lifetimes = [[900, "link.minutes15"], [3600, "link.hour"], [86_400, "link.day"], [604_800, "link.week"]];

/** @param {{ key: string, version_id?: string }} object */
export function openLink(bucket, object) {
  const method = field("method", "link.for", choice([["GET", "link.get"], ["PUT", "link.put"]], "GET"));
  const lifetime = field("expires_in", "link.lifetime", choice(lifetimes, 3600));
  const general = problem();
  const send = button("link.make", null, { look: "primary", type: "submit", sign: "link" });
  const result = make("div", { className: "stack link-result", hidden: true });
  result.setAttribute("role", "status");
  const form = make("form", { className: "stack" }, [method, lifetime, general, make("div", { className: "row end" }, [send]), result]);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { key: object.key, method: method.input.value, expires_in: Number(lifetime.input.value) };
    if (object.version_id) body.version_id = object.version_id;
    await submit(send, [method, lifetime], general, async () => {
      const link = await call("POST", bucketPath(bucket, "links/"), { body });
      result.replaceChildren(
        copyable(link.url, "link.address"),
        spoken("p", "link.expires", { className: "hint", values: { time: () => moment(link.expires) } }));
      result.hidden = false;
    });
  });
  openDialog({ heading: "link.heading", values: { name: object.key } }, [spoken("p", "link.explain", { className: "hint" }), form]);
}
