// Conversions of classes between inputs (drafts), API label sets and address parameters.

import {parseTarget} from "../lib/modalities.js";

let lastKey = 0;

/** A class in a draft; `key` identifies its row. */
export const newLabel = (name = "", prompts = "") => ({key: ++lastKey, name, prompts});

/** The initial draft. */
export const emptyDraft = () => ({set: "", labels: [newLabel(), newLabel()], targets: "", threshold: null});

const parsePrompts = (text) => text.split(";").map((each) => each.trim()).filter(Boolean);

/** The API's label set for a draft; classes without a name are left out. */
export function toLabelSet({labels, threshold}) {
  const named = labels.filter((each) => each.name.trim()).map(({name, prompts}) => {
    const labelPrompts = parsePrompts(prompts);
    return labelPrompts.length ? {name: name.trim(), prompts: labelPrompts} : name.trim();
  });
  return {labels: named, ...(threshold === null ? {} : {threshold})};
}

/** The classes and threshold of a saved label set. */
export const toDraft = ({labels, threshold}) => ({
  labels: padLabels(labels.map((each) => (typeof each === "string" ? newLabel(each) : newLabel(each.name, (each.prompts ?? []).join("; "))))),
  threshold: threshold ?? null,
});

const padLabels = (labels) => (labels.length < 2 ? [...labels, ...[newLabel(), newLabel()].slice(labels.length)] : labels);

/** Address parameters for a draft: the name of an unchanged saved set, else the classes themselves. */
export function draftToParams({set, labels, targets, threshold}) {
  if (set) return {set, t: targets};
  const named = labels.filter((each) => each.name.trim());
  return {l: named.map(({name, prompts}) => JSON.stringify([name.trim(), ...parsePrompts(prompts)])), t: targets, n: threshold};
}

/** A draft out of address parameters; null if they contain no classes. */
export function draftFromParams(params) {
  const labels = params.getAll("l").map(parseLabel).filter(Boolean);
  const set = params.get("set") ?? "";
  if (!labels.length && !set) return null;
    const threshold = params.get("n") === null ? NaN : Number(params.get("n"));
  return {set, labels: padLabels(labels), targets: parseTarget(params.get("t")), threshold: threshold >= 0 && threshold <= 1 ? threshold : null};
}

function parseLabel(text) {
  try {
    const [name, ...prompts] = JSON.parse(text);
    return typeof name === "string" ? newLabel(name, prompts.join("; ")) : null;
  } catch {
    return null;
  }
}

const normalizeName = (name) => name.trim().split(/\s+/u).join(" ").toLowerCase();

/** For each class whether it repeats an earlier name, which the API refuses. */
export function findDuplicates(labels) {
  const seen = new Set();
  return labels.map(({name}) => {
    const normalized = normalizeName(name);
    const isDuplicate = normalized !== "" && seen.has(normalized);
    seen.add(normalized);
    return isDuplicate;
  });
}
