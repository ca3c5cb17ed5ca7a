// Something of the API that is looked at again and again, while somebody can see it.
import {useEffect, useState} from "./html.js";

/** What `look` answers, asked again every so many ms (0: once); what is the same as before is not drawn anew. */
export function usePolled(look, every, depends) {
  const [seen, setSeen] = useState({});
  useEffect(() => {
    let isOver = false;
    const keep = (next) => {
      if (!isOver) setSeen((before) => (JSON.stringify(before.found) === JSON.stringify(next.found) && before.problem?.message === next.problem?.message ? before : next));
    };
    const ask = () => look().then((found) => keep({found}), (problem) => keep({problem}));
    const again = () => { if (!document.hidden) ask(); };
    ask();
    const timer = every ? setInterval(again, every) : 0;
    document.addEventListener("visibilitychange", again);
    return () => {
      isOver = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [...depends, every]);
  return seen;
}
