// The ways in which files come to the page: chosen, dropped (folders too), pasted.
import { limits } from "./api.js";
import { byID } from "./dom.js";
import { droppedFiles } from "./dropped.js";
import { bytes, formatName, list, say } from "./language.js";
import { toast } from "./notices.js";

/** @param {() => { take(files: { file: File, path: string }[]): void, prompt: string } | null} receiver Who takes files now, and the
 *  sentence that invites to drop them; null where they are not welcome. */
export function startIntake(receiver) {
  const input = byID("files");
  const veil = byID("veil");
  let depth = 0;

  const isOpen = () => receiver() !== null;
  const named = (files) => [...files].map((file) => ({ file, path: file.name }));
  function offer(files) {
    if (files.length === 0) toast("intake.none");
    else receiver()?.take(files);
  }
  const carriesFiles = (event) => isOpen() && event.dataTransfer?.types.includes("Files");

  byID("choose")?.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    offer(named(input.files));
    // The same file may be chosen again.
    input.value = "";
  });

  // Each element that the pointer crosses gives an enter and a leave: only the balance tells when the window is left.
  addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth += 1;
    say(byID("veil-prompt"), receiver().prompt);
    veil.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    veil.hidden = depth === 0;
  });
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Also where files are not welcome: otherwise the browser leaves the page and opens the file.
    event.preventDefault();
    event.dataTransfer.dropEffect = isOpen() ? "copy" : "none";
  });
  addEventListener("drop", async (event) => {
    depth = 0;
    veil.hidden = true;
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (isOpen()) offer(await droppedFiles(event.dataTransfer));
  });

  addEventListener("paste", (event) => {
    const files = named(event.clipboardData?.files ?? []);
    if (files.length === 0 || !isOpen()) return;
    event.preventDefault();
    offer(files);
  });
}

/** Says which formats and sizes are welcome, from /api/info/. */
export function showLimits(info) {
  limits.formBytes = info.limits?.upload_bytes ?? null;
  // Large files go in pieces, for which there is a limit of their own.
  limits.uploadBytes = info.limits?.resumable_upload_bytes ?? limits.formBytes;
  const names = (info.formats ?? []).map(formatName);
  if (!limits.uploadBytes) return;
  say(byID("intake-limits"), "intake.limits", { formats: () => list(names), size: () => bytes(limits.uploadBytes) });
}
