// The panel of properties beside the drawing: plain labelled controls, so that it reads and works like every other form.
// A text is handed over when its field is left (one undo step), a choice at once.
import * as controls from './controls.js';
import { h } from './dom.js';

export class Panel {
  #host; #shut = new Set(); #frame = 0; #describe;

  /** `describe()` says what to show: {title, sections: [{id, title, fields, shut}]}, fields as in `controls.js`. */
  constructor(host, describe) {
    this.#host = host;
    this.#describe = describe;
  }

  /** Show it anew, once the browser is done with what it is doing now (so that a Tab finds its next field). */
  redraw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.flush();
    const { title, sections } = this.#describe();
    const place = this.#place(), scrolled = this.#host.scrollTop;
    this.#host.replaceChildren(h('h2', { class: 'panel-title' }, title), ...sections.filter(({ fields }) => fields.length).map((section) => this.#section(section)));
    this.#host.scrollTop = scrolled;
    this.#return(place);
  }

  /** Hand over what is typed and not yet handed over: before saving, and before another element is shown. */
  flush() {
    const field = document.activeElement;
    if (this.#host.contains(field) && field.matches('input, textarea')) field.commit?.();
  }

  focus(id) {
    const field = this.#host.querySelector(`#${CSS.escape(id)}`);
    field?.closest('details')?.setAttribute('open', '');
    field?.focus();
  }

  #section({ id, title, fields, shut }) {
    const open = this.#shut.has(id) === Boolean(shut); // the set holds what a person has turned round
    const body = h('details', { open, ontoggle: (event) => this.#turned(id, event.target.open === !shut) }, h('summary', {}, title), fields.map((field) => controls.make(field)));
    return body;
  }

  #turned(id, asMeant) {
    if (asMeant) this.#shut.delete(id);
    else this.#shut.add(id);
  }

  #place() {
    const field = document.activeElement;
    if (!this.#host.contains(field) || !field.id) return null;
    return { id: field.id, from: field.selectionStart ?? null, to: field.selectionEnd ?? null };
  }

  #return(place) {
    const field = place && this.#host.querySelector(`#${CSS.escape(place.id)}`);
    if (!field) return;
    field.focus({ preventScroll: true });
    if (place.from !== null && field.setSelectionRange && ['text', 'textarea'].includes(field.type)) field.setSelectionRange(place.from, place.to);
  }
}
