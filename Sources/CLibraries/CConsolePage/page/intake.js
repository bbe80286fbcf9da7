// The ways in which files come to the page: chosen, dropped (folders too), pasted.
import { limits } from "./api.js";
import { byID } from "./dom.js";
import { bytes, formatName, list, say } from "./language.js";
import { toast } from "./notices.js";

/** A dropped folder is read at most this deep. */
const folderDepth = 8;

/** @param {(files: File[]) => void} take @param {() => boolean} isOpen Whether files are welcome now. */
export function startIntake(take, isOpen) {
  const input = byID("files");
  const veil = byID("veil");
  let depth = 0;

  function offer(files) {
    if (files.length === 0) toast("intake.none");
    else take(files);
  }
  const carriesFiles = (event) => isOpen() && event.dataTransfer?.types.includes("Files");

  byID("choose").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    take([...input.files]);
    // The same file may be chosen again.
    input.value = "";
  });

  // Each element that the pointer crosses gives an enter and a leave: only the balance tells when the window is left.
  addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth += 1;
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
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || !isOpen()) return;
    event.preventDefault();
    take(files);
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

async function droppedFiles(transfer) {
  // The entries must be taken before the first await: the list is emptied when the event is over.
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const files = [];
  for (const entry of entries) if (entry) await collect(entry, files, 0);
  return files;
}

async function collect(entry, files, depth) {
  if (entry instanceof File) {
    files.push(entry);
  } else if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    // Folders hold .DS_Store and the like beside the photos.
    if (file && !(depth > 0 && file.name.startsWith("."))) files.push(file);
  } else if (entry.isDirectory && depth < folderDepth) {
    const reader = entry.createReader();
    for (;;) {
      const batch = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
      if (batch.length === 0) break;
      for (const child of batch) await collect(child, files, depth + 1);
    }
  }
}
