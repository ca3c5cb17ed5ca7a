// Markup in JavaScript without a build step: text put into a template is text, never markup.
import {Component, h, render} from "../../vendor/preact.js";
import htm from "../../vendor/htm.js";

export const html = htm.bind(h);
export {render};
export {useCallback, useEffect, useErrorBoundary, useLayoutEffect, useMemo, useRef, useState} from "../../vendor/hooks.js";
export {signal, computed, effect, batch} from "../../vendor/signals.js";

/** As `memo` of preact/compat: the component renders again only if one of its props is another value. */
export function memo(Wrapped) {
  return class extends Component {
    shouldComponentUpdate(next) {
      const names = Object.keys({...next, ...this.props});
      return names.some((name) => next[name] !== this.props[name]);
    }

    render(props) {
      return h(Wrapped, props);
    }
  };
}
