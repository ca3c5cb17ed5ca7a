// The answers of both sides to a query, next to each other, with what moved.
import {Thumbnail} from "../components/thumbnail.js";
import {pluralize} from "../lib/format.js";
import {html} from "../lib/html.js";
import {Icon} from "../lib/icons.js";
import {isThumbnailItem, modalityOf} from "../lib/modalities.js";
import {handleLinkClick, pathTo} from "../lib/router.js";
import {plainText} from "../search/markdown.js";
import {countCommon, movementOf} from "./places.js";

export const SIDE_LABELS = ["A", "B"];

/** `order` names the sides from left to right, `names` what they are called (null while they are hidden), `marks` the
 * documents marked as good and bad, `onMark(document, good)` marks one (null where the query cannot be kept). */
export function Columns({collection, order, names, answers, marks, onMark}) {
  const [left, right] = order.map((side) => answers[side].hits);
  return html`
    <p class="quiet" role="status">${countCommon(left, right)} of ${Math.max(left.length, right.length)} results are on both sides.</p>
    <div class="columns" onClick=${handleLinkClick}>
      ${order.map((side, number) => html`
        <${Column} key=${SIDE_LABELS[number]} label=${SIDE_LABELS[number]} name=${names?.[side]} answer=${answers[side]}
          movement=${movementOf(answers[side].hits, answers[order[1 - number]].hits)} collection=${collection} marks=${marks} onMark=${onMark} />`)}
    </div>`;
}

function Column({label, name, answer, movement, ...context}) {
  return html`
    <section class="column" aria-label=${name ? `Side ${label}: ${name}` : `Side ${label}`}>
      <h2>${label}${name ? html` <span class="quiet">${name}</span>` : ""}</h2>
      ${answer.missing.map((missing) => html`<p class="poor">Incomplete: space ${missing.space} is missing (${missing.reason}).</p>`)}
      ${answer.no_good_match && html`<p class="remark">Nothing fits well on this side.</p>`}
      <ol class="answers">
        ${answer.hits.map((hit, number) => html`<${Answer} key=${hit.id} hit=${hit} place=${number + 1} moved=${movement[number]} ...${context} />`)}
      </ol>
    </section>`;
}

function Answer({hit, place, moved, collection, marks, onMark}) {
  const name = hit.document.name + (hit.page ? `, page ${hit.page}` : "");
  return html`
    <li class="answer">
      <span class="rank">${place}</span>
      <${Movement} moved=${moved} />
      <a class="about" href=${pathTo("document", {c: collection, d: hit.document.id, page: hit.page, i: hit.id})}>
        <${Preview} hit=${hit} collection=${collection} />
        <span class="name">${name}</span>
      </a>
      ${onMark && html`<${Marks} name=${name} good=${marks.get(hit.document.id)} onMark=${(good) => onMark(hit.document.id, good)} />`}
    </li>`;
}

function Movement({moved}) {
  if (moved === null) return html`<span class="moved new">only here</span>`;
  if (moved === 0) return html`<span class="moved"><span aria-hidden="true">=</span><span class="hidden">same place on both sides</span></span>`;
  const places = pluralize(Math.abs(moved), "place");
  return html`
    <span class=${`moved ${moved > 0 ? "up" : "down"}`} title=${`${places} ${moved > 0 ? "higher" : "lower"} than on the other side`}>
      <span aria-hidden="true">${moved > 0 ? "▲" : "▼"} ${Math.abs(moved)}</span>
      <span class="hidden">${places} ${moved > 0 ? "higher" : "lower"} than on the other side</span>
    </span>`;
}

function Preview({hit, collection}) {
  if (isThumbnailItem({modality: hit.modality, media_type: hit.document.media_type})) {
    const fallback = html`<span class="lost"><${Icon} name="picture" /></span>`;
    return html`<${Thumbnail} collection=${collection} document=${hit.document} size="small" fallback=${fallback} alt="" loading="lazy" width="64" height="48" />`;
  }
  return html`<span class="words">${plainText(hit.text ?? "", hit.document.media_type) || modalityOf(hit.modality).label}</span>`;
}

function Marks({name, good, onMark}) {
  const button = (value, icon, text) => html`
    <button class=${`icon ${icon}`} aria-pressed=${good === value ? "true" : "false"} title=${text} aria-label=${`${text}: ${name}`}
      onClick=${() => onMark(good === value ? null : value)}><${Icon} name=${value ? "good" : "close"} /></button>`;
  return html`<span class="marks">${button(true, "yes", "A good answer")}${button(false, "no", "A bad answer")}</span>`;
}
