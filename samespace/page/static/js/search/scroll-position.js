// Where one was in a list is kept with the step of the history: going back, or loading anew, leads there again.

/** `{y, shown, focus}` of this step, null where one has not been before. */
export const placeOf = () => history.state?.place ?? null;

export function keepPlace(change) {
  history.replaceState({...history.state, place: {...placeOf(), ...change}}, "");
}
