// The controls of the panel. A field is {id, kind, label, value, set(value)} and what its kind needs:
// text (code, list: proposals), area, choice (options: [{id, name}], none: the words of the empty choice), check,
// span (a due date), leads (reminders), rows (mappings), link, button, note.
import { h } from './dom.js';
import * as span from './span.js';
import { say } from './translate.js';

let subject = ''; // of which element the fields are

export function make(field, element) {
  subject = element;
  return KINDS[field.kind ?? 'text'](field);
}

const KINDS = { text, area, choice, check, span: time, leads, rows, button, note };

function wrap({ id, label, hint }, ...inside) {
  return h('div', { class: 'prop' }, label && h('label', { for: id }, label), inside, hint && h('p', { class: 'hint', id: `${id}-hint` }, hint));
}

/** Hand over what is typed in a control, if it is something new. */
export function handOver(control) {
  if (!control.hand || control.value === control.known) return;
  control.known = control.value;
  control.hand(control.value.trim());
}

/** A control that hands over what is typed when it is left, or on Enter. */
function typed(tag, { id, value, set, hint, code, lang, list, type }, more = {}) {
  const known = String(value ?? ''), leave = ({ target }) => handOver(target);
  const onkeydown = (event) => { if (event.key === 'Enter' && tag === 'input') handOver(event.target); };
  return h(tag, { id, class: code && 'code', lang, type, list: list && `${id}-list`, spellcheck: code ? 'false' : null, autocomplete: 'off', 'aria-describedby': hint && `${id}-hint`, '.value': known, '.known': known, '.hand': set, onchange: leave, onkeydown, ...more });
}

function text(field) {
  const proposals = field.list && h('datalist', { id: `${field.id}-list` }, field.list.map((name) => h('option', { value: name })));
  return wrap(field, typed('input', { type: 'text', ...field }), proposals);
}

function area(field) {
  return wrap(field, typed('textarea', field, { rows: field.rows ?? 2 }));
}

function options(list, value, none) {
  const known = !value || list.some(({ id }) => id === value);
  const entry = (id, name) => h('option', { value: id, '.selected': id === (value ?? '') }, name);
  return [
    none !== null && entry('', none ?? say('none')),
    ...list.map(({ id, name }) => entry(id, name)),
    !known && entry(value, say('unknownChoice', { value })),
  ];
}

function choice(field) {
  const { id, value, set, none, options: list, hint } = field;
  return wrap(field, h('select', { id, 'aria-describedby': hint && `${id}-hint`, onchange: (event) => set(event.target.value) }, options(list, value, none)));
}

function check({ id, label, value, set, hint }) {
  return h('div', { class: 'prop' }, h('label', { class: 'choice' }, h('input', { id, type: 'checkbox', '.checked': Boolean(value), onchange: (event) => set(event.target.checked) }), label), hint && h('p', { class: 'hint' }, hint));
}

/** How much and of what: «14» «giorni». What no length of time has is said at once, and when the field is left it says
 * again what holds. */
function amount(id, { number, unit }, label, set) {
  const fits = (text) => Number.isInteger(Number(text)) && Number(text) > 0 && Number(text) < 10_000;
  const tell = (is) => { document.getElementById(`${id}-wrong`).textContent = is ? '' : say('wholeNumber', { number }); };
  const put = (text) => {
    tell(fits(text));
    if (fits(text)) set({ number: Number(text), unit });
    else Object.assign(document.getElementById(id), { value: number, known: String(number) });
  };
  const oninput = ({ target }) => tell(fits(target.value) || (!target.value && !target.validity.badInput)); // emptied, to be written anew
  const count = typed('input', { id, type: 'number', value: number, set: put }, { min: 1, max: 9999, oninput, 'aria-label': `${label}: ${say('number')}`, 'aria-describedby': `${id}-wrong` });
  const units = h('select', { id: `${id}-unit`, 'aria-label': `${label}: ${say('unit')}`, onchange: (event) => set({ number, unit: event.target.value }) }, options(Object.keys(span.UNITS).map((name) => ({ id: name, name: say(name) })), unit, null));
  return h('div', { class: 'amount' }, count, units, h('p', { class: 'amount-wrong', id: `${id}-wrong`, role: 'alert', '.about': `${subject} ${number} ${unit}` }));
}

/** None, a length of time, or an expression. */
function time(field) {
  const { id, label, value, set } = field;
  const known = span.read(value), mode = !value ? '' : known ? 'span' : 'feel';
  const change = { '': () => set(''), span: () => set('P7D'), feel: () => set(known ? `duration("${value}")` : 'today()') };
  const modes = [{ id: 'span', name: say('dueSpan') }, { id: 'feel', name: say('dueFeel') }];
  const select = h('select', { id, onchange: (event) => change[event.target.value]() }, options(modes, mode, field.none ?? say('dueNone')));
  const more = known ? amount(`${id}-n`, known, label, (now) => set(span.write(now)))
    : value ? wrap({ id: `${id}-feel`, label: say('expression'), hint: say('feelHint') }, typed('textarea', { id: `${id}-feel`, value, set, code: true, hint: true }, { rows: 2 })) : null;
  return wrap(field, select, more);
}

/** Reminders: a list of lengths of time before the due date, or an expression that gives them. */
function leads({ id, value, set }) {
  const spans = span.readLeads(value);
  if (!spans) return wrap({ id, label: say('remindersFeel') }, typed('textarea', { id, value, set, code: true }, { rows: 2 }));
  const put = (list) => set(list.map(span.write).join(','));
  const rows = spans.map((one, index) => {
    const label = say('reminder', { number: index + 1 });
    const out = h('button', { type: 'button', class: 'button small quiet', 'aria-label': `${say('remove')}: ${label}`, onclick: () => put(spans.filter((_, at) => at !== index)) }, say('remove'));
    return h('div', { class: 'row-of', role: 'group', 'aria-label': label }, amount(`${id}-${index}`, one, label, (now) => put(spans.with(index, now))), out);
  });
  const more = h('button', { id: `${id}-add`, type: 'button', class: 'button small', onclick: () => put([...spans, { number: 1, unit: 'days' }]) }, say('addReminder'));
  return h('div', { class: 'prop' }, h('p', { class: 'label' }, say('reminders')), spans.length ? rows : h('p', { class: 'hint' }, say('remindersOffice')), more);
}

const MAPPING = [{ name: 'target', code: true }, { name: 'expression', code: true }];

/** Rows of texts, a field for each of `columns`: a fact and the expression that gives it, a choice and its words. */
function rows({ id, label, value, set, columns = MAPPING }) {
  const lines = value.map((row, index) => {
    const name = say('mapping', { title: label, number: index + 1 });
    const inside = columns.map((column) => typed('input', { id: `${id}-${index}-${column.name}`, value: row[column.name], code: column.code, lang: column.lang, set: (text) => set(value.with(index, { ...row, [column.name]: text })) }, { 'aria-label': `${name}: ${say(column.name)}`, placeholder: say(column.name) }));
    const out = h('button', { type: 'button', class: 'button small quiet', 'aria-label': `${say('remove')}: ${name}`, onclick: () => set(value.filter((_, at) => at !== index)) }, say('remove'));
    return h('div', { class: `row-of of-${columns.length}`, role: 'group', 'aria-label': name }, inside, out);
  });
  const empty = Object.fromEntries(columns.map(({ name }) => [name, '']));
  return h('div', { class: 'prop' }, h('p', { class: 'label' }, label), lines, h('button', { id: `${id}-add`, type: 'button', class: 'button small', 'aria-label': `${say('add')}: ${label}`, onclick: () => set([...value, empty]) }, say('add')));
}

function button({ id, label, hint, press }) {
  return h('div', { class: 'prop' }, hint && h('p', { class: 'hint' }, hint), h('button', { id, type: 'button', class: 'button small', onclick: press }, label));
}

function note({ text: words, level }) {
  return h('p', { class: level ? 'finding' : 'hint', 'data-level': level }, words);
}
