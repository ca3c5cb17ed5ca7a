/** Random hexadecimal digits; `crypto.randomUUID` is missing without TLS. */
export const randomHex = (length) =>
  Array.from(crypto.getRandomValues(new Uint8Array(length / 2)), (byte) => byte.toString(16).padStart(2, "0")).join("");
