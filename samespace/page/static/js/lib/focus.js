// Focus management: where keyboard and screen reader continue after a navigation.
import {useEffect, useRef} from "./html.js";

/** Focus the heading of a new view, unless the view itself has set the focus. */
export function useFocusOnNavigation(view) {
  const previous = useRef(view);
  useEffect(() => {
    if (previous.current === view) return undefined;
    previous.current = view;
    const main = document.getElementById("main");
    if (main.contains(document.activeElement) && document.activeElement !== main) return undefined;
    if (focusHeading(main)) return undefined;
    // A view that is still loading renders its heading later.
    const observer = new MutationObserver(() => {
      if (document.activeElement !== main || focusHeading(main)) observer.disconnect();
    });
    observer.observe(main, {childList: true, subtree: true});
    return () => observer.disconnect();
  }, [view]);
}

function focusHeading(main) {
  const heading = main.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  (heading ?? main).focus({preventScroll: true});
  return Boolean(heading);
}

/** A ref for the heading that takes the focus when it is mounted, if what had the focus was replaced by it. */
export function useFocusIfLost(isReplacement) {
  const heading = useRef(null);
  useEffect(() => {
    if (isReplacement && document.activeElement === document.body) heading.current.focus();
  }, []);
  return heading;
}
