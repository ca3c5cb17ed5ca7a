// Markup in JavaScript without a build step: text put into a template is text, never markup.
import {h, render} from "../vendor/preact.js";
import htm from "../vendor/htm.js";

export const html = htm.bind(h);
export {render};
export {useCallback, useEffect, useErrorBoundary, useLayoutEffect, useMemo, useRef, useState} from "../vendor/hooks.js";
export {signal, computed, effect, batch, useSignal} from "../vendor/signals.js";
