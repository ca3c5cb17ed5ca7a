// localStorage that never throws: where a browser blocks it, nothing is remembered and the page works all the same.

/** The stored value, else null. */
export function getItem(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Store a string. */
export function setItem(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // blocked or full: the choice lasts until the page is closed
  }
}
