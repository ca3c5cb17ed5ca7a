// The scroll position in a list, stored in the history entry: restored on back, forward and reload.

/** {y, shownCount, focus} of the current history entry; null if it is new. */
export const savedPosition = () => history.state?.position ?? null;

/** Change some of it. */
export function savePosition(changes) {
  history.replaceState({...history.state, position: {...savedPosition(), ...changes}}, "");
}
