// Telling the staff of an ad that should not be.
import { make } from "../dom.js";
import { Field, Form, select, textarea } from "./fields.js";
import { openDialog } from "./parts.js";
import { ask } from "./server.js";

const reasons = ["fraud", "forbidden", "offensive", "duplicate", "sold", "other"];

/** Resolves true where it was reported. */
export function report(add) {
  return new Promise((resolve) => {
    let isSent = false;
    const reason = new Field("reason", "report.reason", select(reasons.map((code) => [code, `report.${code}`])));
    const text = new Field("text", "report.text", textarea({ rows: 3, maxLength: 2000 }), { isOptional: true });
    const form = new Form([reason, text], "report.send", async () => {
      await ask("POST", `/api/adds/${add.id}/report/`, { body: { reason: reason.value, text: text.value } });
      isSent = true;
      dialog.close();
    });
    const dialog = openDialog("report", "report.heading", [make("div", { className: "sheet-body" }, [form.element])]);
    dialog.addEventListener("close", () => resolve(isSent));
  });
}
