// Components that are drawn anew only for new properties.
import {Component, h} from "../vendor/preact.js";

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
