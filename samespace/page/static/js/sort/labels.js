// Classes as they are typed, as the API has them, and as the address carries them.

let number = 0;

/** A class that is being typed; `key` stays with it while others come and go. */
export const label = (name = "", prompts = "") => ({key: ++number, name, prompts});

/** What sorting starts from. */
export const empty = () => ({set: "", labels: [label(), label()], targets: "", threshold: null});

const promptsOf = (text) => text.split(";").map((each) => each.trim()).filter(Boolean);

/** The label set of a draft, as the API has it; classes without a name are left out. */
export function labelSetOf({labels, threshold}) {
  const named = labels.filter((each) => each.name.trim()).map(({name, prompts}) => {
    const own = promptsOf(prompts);
    return own.length ? {name: name.trim(), prompts: own} : name.trim();
  });
  return {labels: named, ...(threshold === null ? {} : {threshold})};
}

/** The classes and threshold of a label set that was kept. */
export const draftOf = ({labels, threshold}) => ({
  labels: padded(labels.map((each) => (typeof each === "string" ? label(each) : label(each.name, (each.prompts ?? []).join("; "))))),
  threshold: threshold ?? null,
});

const padded = (labels) => (labels.length < 2 ? [...labels, ...[label(), label()].slice(labels.length)] : labels);

/** A draft as parameters of the address: the name of a set that is as it was kept, else the classes themselves. */
export function writeDraft({set, labels, targets, threshold}) {
  if (set) return {set, t: targets};
  const named = labels.filter((each) => each.name.trim());
  return {l: named.map(({name, prompts}) => JSON.stringify([name.trim(), ...promptsOf(prompts)])), t: targets, n: threshold};
}

/** A draft out of the address; null where it names no classes. */
export function readDraft(params) {
  const labels = params.getAll("l").map(readLabel).filter(Boolean);
  const set = params.get("set") ?? "";
  if (!labels.length && !set) return null;
  const targets = ["text", "image"].includes(params.get("t")) ? params.get("t") : "";
  const threshold = params.get("n") === null ? NaN : Number(params.get("n"));
  return {set, labels: padded(labels), targets, threshold: threshold >= 0 && threshold <= 1 ? threshold : null};
}

function readLabel(text) {
  try {
    const [name, ...prompts] = JSON.parse(text);
    return typeof name === "string" ? label(name, prompts.join("; ")) : null;
  } catch {
    return null;
  }
}

const folded = (name) => name.trim().split(/\s+/u).join(" ").toLowerCase();

/** Whether each class has the name of one before it, which the API refuses. */
export function repeats(labels) {
  const seen = new Set();
  return labels.map(({name}) => {
    const known = folded(name);
    const again = known !== "" && seen.has(known);
    seen.add(known);
    return again;
  });
}
