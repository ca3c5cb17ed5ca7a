// Files out of what was dropped, pasted or chosen, folders walked through.

const AT_ONCE = 200;

/**
 * What to read, taken while the event still lasts: afterwards a browser gives nothing away any more.
 * `entries` are files and folders, `files` stand alone.
 */
export function sourceOf(transfer) {
  const entries = [...(transfer.items ?? [])].map((each) => each.webkitGetAsEntry?.()).filter(Boolean);
  const hasFolders = entries.some((each) => each.isDirectory);
  return hasFolders ? {entries, files: []} : {entries: [], files: [...transfer.files]};
}

/** [{file, path}] in handy numbers; `path` is empty for files that stand alone. `unreadable` counts what could not be read. */
export async function* filesOf({entries, files}, unreadable = () => {}) {
  for (let start = 0; start < files.length; start += AT_ONCE) {
    yield files.slice(start, start + AT_ONCE).map((file) => ({file, path: file.webkitRelativePath || ""})).filter(isShown);
    await new Promise((resolve) => setTimeout(resolve));
  }
  let found = [];
  for (const entry of entries) {
    for await (const one of walk(entry, entry.isDirectory, unreadable)) {
      if (isShown(one)) found.push(one);
      if (found.length < AT_ONCE) continue;
      yield found;
      found = [];
    }
  }
  if (found.length) yield found;
}

async function* walk(entry, inFolder, unreadable) {
  try {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      yield {file, path: inFolder ? entry.fullPath.slice(1) : ""};
      return;
    }
    const reader = entry.createReader();
    for (;;) {  // a reader gives at most 100 at a time
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const each of some) yield* walk(each, true, unreadable);
    }
  } catch {
    unreadable(entry);
  }
}

/** What a system keeps beside the files of a person: `.DS_Store`, `.git`. */
const isShown = ({file, path}) => !(path || file.name).split("/").some((part) => part.startsWith("."));
