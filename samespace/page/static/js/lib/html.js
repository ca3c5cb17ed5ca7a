// Markup in JavaScript without a build step: text put into a template is text, never markup.
import {Component, h, render} from "../../vendor/preact.js";
import htm from "../../vendor/htm.js";

export const html = htm.bind(h);
export {render};
export {useCallback, useEffect, useErrorBoundary, useLayoutEffect, useMemo, useRef, useState} from "../../vendor/hooks.js";
export {signal, computed, effect, batch, useSignal} from "../../vendor/signals.js";

/** The component, left as it is while each of its properties is the same value as before. */
export function memo(Drawn) {
  return class extends Component {
    shouldComponentUpdate(next) {
      const names = Object.keys({...next, ...this.props});
      return names.some((name) => next[name] !== this.props[name]);
    }

    render(properties) {
      return h(Drawn, properties);
    }
  };
}
