// Figures as people read them.

/** Bytes in kB, MB, GB. */
export function bytes(count) {
  const units = ["bytes", "kB", "MB", "GB"];
  const step = Math.min(3, count < 1000 ? 0 : Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** step;
  return `${step && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}

/** Seconds in words. */
export function duration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export const rate = (value) => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en"));

export const number = (value) => value.toLocaleString("en");

/** "1 file", "2 files". */
export const many = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;

/** How sure, in per cent. */
export const percent = (share) => `${Math.round(100 * share)}%`;

const moment = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "short"});

/** A moment of the API in the reader's own time. */
export const when = (text) => moment.format(new Date(text));
