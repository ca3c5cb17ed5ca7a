// Files out of what was dropped or chosen, folders walked through.

/** [{file, path}]: `path` is empty for files that stand alone. */
export async function filesOf(transfer) {
  const entries = [...(transfer.items ?? [])].map((each) => each.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({file, path: file.webkitRelativePath || ""}));
  const found = [];
  for (const entry of entries) await walk(entry, entry.isDirectory, found);
  return found;
}

async function walk(entry, inFolder, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    if (!file.name.startsWith(".")) found.push({file, path: inFolder ? entry.fullPath.slice(1) : ""});
    return;
  }
  const reader = entry.createReader();
  for (;;) {  // a reader gives at most 100 at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) await walk(each, true, found);
  }
}
