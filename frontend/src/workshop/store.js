// One draft on the server: opened, checked while it is drawn, saved under the revision that it was opened at. Whatever
// goes wrong, the work stays in this page and can be downloaded; whoever leaves with unsaved work is asked first; and
// what a closed page did not save is offered to the same user in the same browser.
import { saveFile } from './dom.js';
import { Shelf } from './shelf.js';
import { say } from './translate.js';

const RETRY = 4000; // ms
const OFTEN = 1000; // ms between two copies of what is not saved
const TYPES = { bpmn: 'application/xml', dmn: 'application/xml', json: 'application/json' };
const SOMEBODY_ELSE = 412; // another person is logged in than who opened this page

export class Store extends EventTarget {
  #urls; #token; #writer; #revision = '0'; #generation = 0; #savedAt = 0; #checks = 0; #running = null; #theirs = null; #locking = false; #refused = false; #ended = false; #other = false; #shelf; #keeping = 0;

  /** `urls`: draft and check; `content()` resolves to what is drawn now; `name` and `kind` make the file's name;
   * `secret` is the key of what this browser keeps. */
  constructor({ urls, kind, name, content, secret }) {
    super();
    Object.assign(this, { kind, name, content });
    this.#urls = urls;
    this.#token = document.querySelector('meta[name="csrf-token"]')?.content ?? '';
    this.#writer = document.querySelector('[data-writer]').dataset.writer;
    this.findings = [];
    this.left = null; // what an earlier page did not save
    this.kept = false; // does this browser have a copy of what is drawn?
    this.#shelf = Shelf.open(secret);
    this.flush = () => {}; // hands over what is typed and not yet handed over
    window.addEventListener('beforeunload', (event) => {
      this.flush();
      if (this.dirty && (this.#locking || !isBlank())) event.preventDefault();
    });
    document.addEventListener('visibilitychange', () => { if (document.hidden) this.#keep(); });
    document.addEventListener('approdo-lock', ({ detail }) => detail.push(this.#beforeLock()));
  }

  get dirty() {
    return this.#generation !== this.#savedAt;
  }

  /** The text of the draft as it is on the server. */
  async open() {
    const reply = await fetch(this.#urls.draft, { redirect: 'error', cache: 'no-store' });
    if (!reply.ok) throw new Error(reply.status === 404 ? say('notFound') : String(reply.status));
    this.#revision = revisionOf(reply) ?? this.#revision;
    this.#token = reply.headers.get('X-CSRFToken') ?? this.#token;
    return reply.text();
  }

  /** Something was drawn. */
  touch() {
    this.#generation += 1;
    if (!this.#theirs) this.#tell('changed', say('changed'));
    this.#keeping ||= setTimeout(() => this.#keep(), OFTEN);
  }

  async #keep() {
    clearTimeout(this.#keeping);
    this.#keeping = 0;
    const shelf = await this.#shelf;
    if (!shelf || !this.dirty) return;
    const write = async () => this.dirty && { content: await this.content(), revision: this.#revision };
    this.kept = await shelf.keep(write) && this.dirty;
    this.dispatchEvent(new Event('kept'));
  }

  async #forget() {
    this.kept = false;
    await (await this.#shelf)?.forget();
  }

  /** What an earlier page of this draft did not save; what the server has all the same is forgotten. */
  async look(present) {
    const shelf = await this.#shelf, found = (await shelf?.left().catch(() => [])) ?? [];
    for (const { id } of found.filter(({ content }) => content === present)) await shelf.forget(id);
    this.left = found.find(({ content }) => content !== present) ?? null;
    this.dispatchEvent(new Event('kept'));
  }

  /** Go on from what was left: saved under the revision that it was drawn on, so that nobody's work is written over. */
  async resume(reopen) {
    const { left } = this;
    await reopen(left.content);
    this.#revision = left.revision;
    this.touch();
    await this.#keep();
    if (this.kept) await this.dropLeft();
  }

  async dropLeft() {
    await (await this.#shelf).forget(this.left.id);
    this.left = null;
    this.dispatchEvent(new Event('kept'));
  }

  downloadLeft() {
    saveFile(`${this.name}-2.${this.kind}`, this.left.content, TYPES[this.kind]);
  }

  /** What the server finds in the drawing as it is now; an older answer never replaces a newer one. */
  async check() {
    const turn = this.#checks += 1;
    try {
      const reply = await this.#send('POST', this.#urls.check, await this.content());
      if (reply.ok && turn === this.#checks) this.#found((await reply.json()).findings);
      else if (!reply.ok && turn === this.#checks) this.#found(null);
    } catch {
      if (turn === this.#checks) this.#found(null);
    }
  }

  /** Save; true when the server has it. Presses that come meanwhile wait for the one that is on its way. */
  async save() {
    this.flush();
    while (this.#running) await this.#running;
    this.#running = this.#save();
    try {
      return await this.#running;
    } finally {
      this.#running = null;
    }
  }

  async #save() {
    const generation = this.#generation;
    this.#tell('saving', say('saving'));
    await this.#keep(); // before it leaves: who is told that it failed is told too what is kept
    let reply;
    try {
      const content = await this.content();
      const url = this.#urls.draft + (this.#theirs && this.#revision === String(this.#theirs.revision) ? '?over' : '');
      reply = await this.#send('PUT', url, content);
      if (over(reply)) {
        const now = await this.#renew();
        if (now.ok) reply = await this.#send('PUT', url, content);
        else if (now.status === SOMEBODY_ELSE) reply = now;
      }
    } catch {
      return this.#tell('failed', say('unreachable'));
    }
    this.#other = reply.status === SOMEBODY_ELSE;
    if (this.#other) {
      this.#ended = this.#ended && this.#locking;
      return this.#tell('other', say('other'));
    }
    if (over(reply)) {
      this.#ended = true;
      return this.#tell('ended', say('ended'));
    }
    const answer = await reply.json().catch(() => ({}));
    if (reply.status === 409) return this.#conflict(answer);
    this.#refused = !reply.ok;
    if (!reply.ok) return this.#tell('failed', answer.text ?? (reply.status === 413 ? say('tooLong') : say('refused')));
    this.#revision = String(answer.revision);
    this.#savedAt = generation;
    this.#theirs = null;
    this.#ended = this.#ended && this.#locking;
    this.#checks += 1;
    if (!this.dirty) this.#forget();
    if (answer.findings) this.#found(answer.findings);
    this.#tell(this.dirty ? 'changed' : 'saved', this.dirty ? say('changed') : say('saved', { time: clock(new Date()) }));
    return true;
  }

  #conflict(theirs) {
    this.#theirs = theirs;
    return this.#tell('conflict', `${theirs.text ?? say('conflict')} ${say('whichOne')}`);
  }

  /** After a conflict: write what is here over what the other person has saved (it stays with the server as a copy). */
  keepMine() {
    this.#revision = String(this.#theirs?.revision ?? this.#revision);
    return this.save();
  }

  /** After a conflict: the other person's text, to be opened instead. */
  async theirs() {
    const text = await this.open();
    this.#theirs = null;
    return text;
  }

  /** What was just opened is what the server has. */
  settle() {
    this.#savedAt = this.#generation;
    this.#forget();
    this.#tell('opened', say('opened'));
  }

  async download() {
    this.flush();
    saveFile(`${this.name}.${this.kind}`, await this.content(), TYPES[this.kind]);
  }

  async downloadTheirs() {
    const reply = await fetch(this.#urls.draft, { redirect: 'error', cache: 'no-store' });
    saveFile(`${this.name}-2.${this.kind}`, await reply.text(), TYPES[this.kind]);
  }

  /** Before the screen is locked: what is drawn goes to the server first, however long the network is away; the page
   * is blank meanwhile. What the server will never take does not hold the lock up, nor does the work of who is
   * not logged in any more: it waits for her in this browser. */
  async #beforeLock() {
    this.#locking = true;
    this.flush();
    await this.#keep();
    while (this.dirty && !this.#theirs && !this.#refused && !await this.save() && !this.#other) await new Promise((done) => setTimeout(done, RETRY));
    this.#locking = false;
    this.#savedAt = this.#generation;
    if (this.#ended) { // another tab has locked, and opened again, meanwhile
      location.reload();
      await new Promise(() => {});
    }
  }

  #send(method, url, body) {
    const headers = { 'Content-Type': TYPES[this.kind], 'X-CSRFToken': this.#token, 'X-Writer': this.#writer };
    if (method === 'PUT') headers['If-Match'] = `"${this.#revision}"`;
    return fetch(url, { method, body, headers, redirect: 'manual' });
  }

  /** The token of forms belongs to a visit: whoever has logged in again in another tab goes on here with the new one;
   * another person does not. */
  async #renew() {
    const reply = await fetch(this.#urls.draft, { headers: { 'X-Writer': this.#writer }, redirect: 'manual', cache: 'no-store' });
    if (reply.ok) this.#token = reply.headers.get('X-CSRFToken') ?? this.#token;
    return reply;
  }

  #found(findings) {
    this.findings = findings ?? this.findings;
    this.dispatchEvent(new CustomEvent('findings', { detail: { answered: findings !== null } }));
  }

  #tell(state, text) {
    this.dispatchEvent(new CustomEvent('state', { detail: { state, text } }));
    return false;
  }
}

/** Not a refusal of this draft but of this visit: logged out, locked, or a token of before. */
const over = (reply) => reply.type === 'opaqueredirect' || [400, 401, 403, 423].includes(reply.status);

const isBlank = () => document.documentElement.classList.contains('blank');

const revisionOf = (reply) => /\d+/.exec(reply.headers.get('ETag') ?? reply.headers.get('X-Revision') ?? '')?.[0];

const clock = (moment) => moment.toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
