// Lists that go on as they are scrolled.
import {useEffect, useRef} from "./html.js";

/** A ref for the element at the end of a list: `onReached` is called when it comes near the view, while `isActive`. */
export function useListEnd(isActive, onReached, dependencies) {
  const element = useRef(null);
  useEffect(() => {
    if (!isActive) return undefined;
    const observer = new IntersectionObserver((entries) => { if (entries.at(-1).isIntersecting) onReached(); }, {rootMargin: "800px"});
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isActive, ...dependencies]);
  return element;
}
