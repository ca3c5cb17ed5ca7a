// Hexadecimal digits.

/** Two digits for each byte. */
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Random digits; `crypto.randomUUID` is missing without TLS. */
export const randomHex = (length) => toHex(crypto.getRandomValues(new Uint8Array(length / 2)));
