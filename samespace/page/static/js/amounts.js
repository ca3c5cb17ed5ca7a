// Amounts as people read them.

/** Bytes in words. */
export function bytes(count) {
  if (count < 1024) return `${count} B`;
  if (count < 1048576) return `${Math.round(count / 1024)} kB`;
  if (count < 1073741824) return `${(count / 1048576).toFixed(1)} MB`;
  return `${(count / 1073741824).toFixed(1)} GB`;
}

const whole = new Intl.NumberFormat();

/** A count with its thing: "1 item", "12,000 items". */
export const counted = (count, thing) => `${whole.format(count)} ${thing}${count === 1 ? "" : "s"}`;

const day = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "short"});

/** A moment of the API in the reader's own time. */
export const when = (moment) => day.format(new Date(moment));

/** How sure, in per cent. */
export const percent = (share) => `${Math.round(100 * share)}%`;
