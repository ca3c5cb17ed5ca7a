// Line drawings of 24 by 24, in the colour of the text around them.
import {html} from "./html.js";

const PATHS = {
  "search": "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14M20 20l-4-4",
  "add": "M12 16V4M7 9l5-5l5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3",
  "collections": "M4 7l8-4l8 4l-8 4zM4 12l8 4l8-4M4 17l8 4l8-4",
  "sort": "M4 6h10M4 12h7M4 18h4M17 5v14M14 16l3 3l3-3",
  "map": "M6 7h.01M9 15h.01M14 6h.01M18 11h.01M15 17h.01M11 11h.01M4 4v16h16",
  "compare": "M12 3v18M4 7h5M4 12h5M4 17h5M15 7h5M15 12h5M15 17h5",
  "good": "M5 12.5l4.5 4.5L19 7.5",
  "more": "M8 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8M16 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8",
  "close": "M6 6l12 12M18 6L6 18",
  "picture": "M4 5h16v14H4zM4 16l5-5l4 4l3-3l4 4M15.5 9h.01",
  "file": "M6 3h8l4 4v14H6zM14 3v4h4",
  "plus": "M12 5v14M5 12h14",
  "minus": "M5 12h14",
  "whole": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  "area": "M4 4h3M10.5 4h3M17 4h3v3M20 10.5v3M20 17v3h-3M13.5 20h-3M7 20H4v-3M4 13.5v-3M4 7V4",
  "why": "M12 17h.01M9 9a3 3 0 1 1 4 2.8c-.7.3-1 .9-1 1.7",
  "retry": "M4 12a8 8 0 1 0 3-6.2M4 4v4h4",
  "pause": "M8 5v14M16 5v14",
  "folder": "M3 6h6l2 2h10v11H3z",
  "play": "M7 5l12 7l-12 7z",
  "sign-out": "M10 4H5v16h5M10 12h10M16 8l4 4l-4 4",
  "theme-auto": "M12 4a8 8 0 0 1 0 16zM12 4a8 8 0 0 0 0 16",
  "theme-light": "M12 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5",
  "theme-dark": "M20 14a8 8 0 1 1-10-10a7 7 0 0 0 10 10z",
};

export const Icon = ({name}) => html`
  <svg class="drawn" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
  </svg>`;
