// What was dropped on the page: files, and the files in folders.

/** A dropped folder is read at most this deep. */
const folderDepth = 8;

/** The files with their paths, which begin with the dropped folder's name: `[{ file, path }]`. Call it before any await. */
export async function droppedFiles(transfer) {
  // The entries must be taken before the first await: the list is emptied when the event is over.
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const files = [];
  for (const entry of entries) if (entry) await collect(entry, files, "", 0);
  return files;
}

async function collect(entry, files, folder, depth) {
  if (entry instanceof File) {
    files.push({ file: entry, path: folder + entry.name });
  } else if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    // Folders hold .DS_Store and the like beside what matters.
    if (file && !(depth > 0 && file.name.startsWith("."))) files.push({ file, path: folder + file.name });
  } else if (entry.isDirectory && depth < folderDepth) {
    const reader = entry.createReader();
    for (;;) {
      const batch = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
      if (batch.length === 0) break;
      for (const child of batch) await collect(child, files, `${folder}${entry.name}/`, depth + 1);
    }
  }
}
