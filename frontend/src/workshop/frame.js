// The frame round every editor: the line of state, the answer to a conflict, Save by key, and the list of findings.
import { h, later } from './dom.js';
import { say } from './translate.js';

const PAUSE = 700; // ms without a change before the drawing is checked

export class Frame {
  /** `reopen(text)` shows another text instead; `go(id)` shows an element; `names(id)` is what it is called. */
  constructor(root, store, { flush, reopen, go, names }) {
    Object.assign(this, { root, store, reopen, go, names });
    store.flush = flush;
    this.status = root.querySelector('[data-status]');
    this.trouble = root.querySelector('[data-trouble]');
    this.left = root.querySelector('[data-left]');
    this.list = root.querySelector('[data-findings]');
    this.checkLater = later(() => this.check(), PAUSE);
    store.addEventListener('state', ({ detail }) => this.#state(detail));
    store.addEventListener('findings', ({ detail }) => this.#findings(detail));
    store.addEventListener('kept', () => this.#kept());
    this.press('save', () => store.save());
    this.press('download', () => store.download());
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 's') { event.preventDefault(); store.save(); }
    });
  }

  /** What the button of the page with this name does. */
  press(name, todo) {
    for (const button of this.root.querySelectorAll(`[data-press="${name}"]`)) {
      button.hidden = false;
      button.addEventListener('click', todo);
    }
  }

  changed() {
    this.store.touch();
    this.checkLater();
  }

  check() {
    this.list.setAttribute('aria-busy', 'true');
    return this.store.check();
  }

  fail(error) {
    console.error(error);
    this.root.dataset.failed = '';
    this.#state({ state: 'failed', text: say('cannotOpen', { why: error.message }) });
  }

  #state({ state, text }) {
    this.root.dataset.state = state;
    this.#kept(['failed', 'ended', 'other', 'conflict'].includes(state) ? say('changed') : text);
    const ways = { failed: ['again', 'download'], ended: ['login', 'again', 'download'], other: ['again', 'download'], conflict: ['fileMine', 'fileTheirs', 'takeTheirs', 'keepMine'] }[state];
    this.trouble.hidden = !ways;
    if (state === 'saving') return;
    this.trouble.replaceChildren(...(ways ? [h('p', {}, this.store.kept ? `${text} ${say('keptToo')}` : text), h('div', { class: 'actions' }, ways.map((way) => this.#way(way)))] : []));
  }

  /** Say whether this browser keeps what is not saved, and offer what an earlier page has left. */
  #kept(text = this.status.textContent) {
    const { left, kept, dirty } = this.store;
    const told = dirty && kept && this.root.dataset.state !== 'saving' ? say('changedKept') : text;
    if (this.status.textContent !== told) this.status.textContent = told;
    this.status.title = dirty && kept ? say('keptToo') : '';
    this.left.hidden = !left;
    if (!left) return this.left.replaceChildren();
    const time = new Date(left.at).toLocaleString(document.documentElement.lang, { dateStyle: 'long', timeStyle: 'short' });
    const ways = [!dirty && 'resume', 'fileLeft', 'dropLeft'].filter(Boolean);
    return this.left.replaceChildren(h('p', {}, say('left', { time })), h('div', { class: 'actions' }, ways.map((way) => this.#way(way))));
  }

  async #resume() {
    try {
      await this.store.resume(this.reopen);
      this.check();
    } catch (error) {
      this.#state({ state: 'failed', text: say('cannotOpen', { why: error.message }) });
    }
  }

  #way(name) {
    const { store } = this;
    if (name === 'login') return h('a', { class: 'button small', href: location.href, target: '_blank', rel: 'noopener' }, say('login'));
    const todo = {
      again: () => store.save(), download: () => store.download(), fileMine: () => store.download(), fileTheirs: () => store.downloadTheirs(),
      resume: () => this.#resume(), fileLeft: () => store.downloadLeft(), dropLeft: () => store.dropLeft(), keepMine: () => store.keepMine(), takeTheirs: async () => { await this.reopen(await store.theirs()); store.settle(); },
    }[name];
    return h('button', { type: 'button', class: 'button small', 'data-way': name, onclick: todo }, say(name));
  }

  #findings({ answered }) {
    const { findings } = this.store, { list } = this;
    list.removeAttribute('aria-busy');
    const count = (level) => findings.filter((one) => one.level === level).length;
    const [errors, warnings] = [count('error'), count('warning')];
    const sum = [errors && say('errors', { number: errors }), warnings && say('warnings', { number: warnings })].filter(Boolean).join(' · ');
    const items = findings.map(({ element, level, text }) => {
      const where = element && this.names(element);
      const body = [h('span', { class: 'level' }, say(level === 'warning' ? 'warning' : 'error')), ' ', h('strong', {}, where || say('wholeFile')), h('span', {}, ` ${text}`)];
      return h('li', { 'data-level': level }, where ? h('button', { type: 'button', onclick: () => this.go(element) }, body) : body);
    });
    list.replaceChildren(...[
      h('summary', {}, say('findings'), ' ', h('span', { class: 'sum', role: 'status' }, sum)),
      !answered && h('p', { class: 'hint' }, say('notChecked')),
      findings.length ? h('ul', {}, items) : answered && h('p', { class: 'hint' }, say('nothingFound')),
    ].filter(Boolean));
    this.root.dataset.checked = String(findings.length);
  }
}
