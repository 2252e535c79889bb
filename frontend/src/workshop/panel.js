// The panel of properties beside the drawing: plain labelled controls, so that it reads and works like every other form.
// A text is handed over when its field is left (one undo step), a choice at once.
import * as controls from './controls.js';
import { fill, h } from './dom.js';

export class Panel {
  #host; #shut = new Set(); #waiting = false; #describe;

  /** `describe()` says what to show: {title, subject, sections: [{id, title, fields, shut}]}, fields as in `controls.js`;
   * `subject` is the id of the element that is shown. */
  constructor(host, describe) {
    this.#host = host;
    this.#describe = describe;
  }

  /** Show it anew, once for all that changes now. */
  redraw() {
    if (this.#waiting) return;
    this.#waiting = true;
    queueMicrotask(() => { this.#waiting = false; this.draw(); });
  }

  draw() {
    this.flush();
    const { title, subject, sections } = this.#describe();
    fill(this.#host, [h('h2', { class: 'panel-title' }, title), ...sections.filter(({ fields }) => fields.length).map((section) => this.#section(section, subject))]);
  }

  /** Hand over what is typed and not yet handed over: before saving, and before another element is shown. */
  flush() {
    const field = document.activeElement;
    if (this.#host.contains(field)) controls.handOver(field);
  }

  #section({ id, title, fields, shut }, subject) {
    const open = this.#shut.has(id) === Boolean(shut); // the set holds what a person has turned round
    const turned = (event) => this.#turned(id, event.target.open === !shut);
    return h('details', { id: `section-${id}`, open, ontoggle: turned }, h('summary', {}, title), fields.map((field) => controls.make(field, subject)));
  }

  #turned(id, asMeant) {
    if (asMeant) this.#shut.delete(id);
    else this.#shut.add(id);
  }
}
