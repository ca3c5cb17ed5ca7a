// Where the keyboard and the screen reader go on after a navigation.
import {useEffect, useRef} from "./html.js";

/** After a step to another view the keyboard and the screen reader go on at its heading, unless the view chose a place. */
export function useArrival(view) {
  const before = useRef(view);
  useEffect(() => {
    if (before.current === view) return undefined;
    before.current = view;
    const main = document.getElementById("main");
    if (main.contains(document.activeElement) && document.activeElement !== main) return undefined;
    if (focusHeading(main)) return undefined;
    // A view that loads first has its heading later.
    const late = new MutationObserver(() => {
      if (document.activeElement !== main || focusHeading(main)) late.disconnect();
    });
    late.observe(main, {childList: true, subtree: true});
    return () => late.disconnect();
  }, [view]);
}

function focusHeading(main) {
  const heading = main.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  (heading ?? main).focus({preventScroll: true});
  return Boolean(heading);
}
