// Drag and drop, paste and file inputs: the files in a DataTransfer, folders included.

const BATCH_SIZE = 200;

/**
 * The contents of a DataTransfer or input; to be called synchronously in the event handler, later it is empty.
 * {entries, files}: entries if there are folders, else files.
 */
export function readTransfer(transfer) {
  const entries = [...(transfer.items ?? [])].map((each) => each.webkitGetAsEntry?.()).filter(Boolean);
  const hasFolders = entries.some((each) => each.isDirectory);
  return hasFolders ? {entries, files: []} : {entries: [], files: [...transfer.files]};
}

/** Yields batches of {file, path}; `path` is empty outside of folders. `onUnreadable` is called for what cannot be read. */
export async function* readFiles({entries, files}, onUnreadable = () => {}) {
  for (let start = 0; start < files.length; start += BATCH_SIZE) {
    yield files.slice(start, start + BATCH_SIZE).map((file) => ({file, path: file.webkitRelativePath || ""})).filter(isVisible);
    await new Promise((resolve) => setTimeout(resolve));
  }
  let batch = [];
  for (const entry of entries) {
    for await (const item of walkEntry(entry, entry.isDirectory, onUnreadable)) {
      if (isVisible(item)) batch.push(item);
      if (batch.length < BATCH_SIZE) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length) yield batch;
}

async function* walkEntry(entry, inFolder, onUnreadable) {
  try {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      yield {file, path: inFolder ? entry.fullPath.slice(1) : ""};
      return;
    }
    const reader = entry.createReader();
    for (;;) {  // browsers return at most 100 entries per call
      const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!entries.length) return;
      for (const each of entries) yield* walkEntry(each, true, onUnreadable);
    }
  } catch {
    onUnreadable(entry);
  }
}

/** Leaves out hidden files and folders: `.DS_Store`, `.git`. */
const isVisible = ({file, path}) => !(path || file.name).split("/").some((segment) => segment.startsWith("."));
