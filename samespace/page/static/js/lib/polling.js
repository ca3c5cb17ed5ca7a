// Polling while the page is visible.
import {useEffect, useState} from "./html.js";

/** {data, problem} of the last call of `load`, made every so many ms (0: once); an unchanged result renders nothing. */
export function usePolling(load, intervalMs, dependencies) {
  const [state, setState] = useState({});
  useEffect(() => {
    let isUnmounted = false;
    const update = (next) => {
      if (!isUnmounted) setState((previous) => (isEqual(previous, next) ? previous : next));
    };
    const poll = () => load().then((data) => update({data}), (problem) => update({problem}));
    const pollIfVisible = () => { if (!document.hidden) poll(); };
    poll();
    const timer = intervalMs ? setInterval(pollIfVisible, intervalMs) : 0;
    document.addEventListener("visibilitychange", pollIfVisible);
    return () => {
      isUnmounted = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", pollIfVisible);
    };
  }, [...dependencies, intervalMs]);
  return state;
}

const isEqual = (one, other) =>
  JSON.stringify(one.data) === JSON.stringify(other.data) && one.problem?.message === other.problem?.message;
