// Numbers, sizes and times as text.

/** A size in bytes, kB, MB or GB. */
export function formatBytes(count) {
  const units = ["bytes", "kB", "MB", "GB"];
  const step = Math.min(3, count < 1000 ? 0 : Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** step;
  return `${step && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}

/** Seconds as s, min or h. */
export function formatDuration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export const formatRate = (value) => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en"));

export const formatNumber = (value) => value.toLocaleString("en");

/** "1 file", "2 files". */
export const pluralize = (count, word) => `${formatNumber(count)} ${word}${count === 1 ? "" : "s"}`;

/** A fraction as a percentage. */
export const formatPercent = (share) => `${Math.round(100 * share)}%`;

const dateTimeFormat = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "short"});

/** A timestamp of the API in local time. */
export const formatDateTime = (text) => dateTimeFormat.format(new Date(text));
