// What this browser keeps for the next visit; where it keeps nothing, the page works all the same.

/** What was kept under that name, else null. */
export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keep a text under a name. */
export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // no storage, or no room in it: the choice lasts as long as the page
  }
}
