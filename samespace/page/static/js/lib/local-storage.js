// Small choices that this browser remembers for the next visit; where it keeps nothing, the page works all the same.

/** What was chosen under that name, else null. */
export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Remember a text under a name. */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // no storage, or no room in it: the choice lasts as long as the page
  }
}
