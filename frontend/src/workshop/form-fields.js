// What the panel shows of each component of a form: the published subset (tasks/formjs.py), and what we add to it in
// `properties` (tasks/components.py).
import { say } from './translate.js';

const CHOICES = ['select', 'radio', 'checklist', 'taglist'];
const WRITTEN = ['textfield', 'textarea'];
const INPUTS = [...CHOICES, ...WRITTEN, 'number', 'datetime', 'checkbox'];
const CLASSES = ['P0', 'P1', 'P2', 'P3', 'P4', 'P5'];
const COLUMNS = [{ name: 'value', code: true }, { name: 'words_it' }, { name: 'words_en', lang: 'en' }];

/** The types that a coordinator may add. */
export const OFFERED = [...INPUTS, 'text', 'group', 'separator'];

/** {title, sections} for one component; `edit(properties)` changes it as one step of undo. */
export function describe(field, { edit, lists, findings, title }) {
  const put = {
    own: (name, value) => edit({ [name]: value === '' ? undefined : value }),
    property: (name, value) => edit({ properties: without({ ...field.properties, [name]: value }) }),
    rule: (name, value) => edit({ validate: without({ ...field.validate, [name]: value }) }),
  };
  const context = { field, put, edit, lists, properties: field.properties ?? {}, rules: field.validate ?? {} };
  const found = { id: 'findings', title: say('findings'), fields: findings.map(({ text, level }) => ({ kind: 'note', text, level })) };
  return { title, sections: [found, ...parts(context)] };
}

function parts(context) {
  const { type } = context.field;
  if (type === 'default') return [{ id: 'field', title: say('field'), fields: [{ kind: 'note', text: say('chooseField') }] }];
  if (type === 'text') return [{ id: 'field', title: say('words'), fields: [text(context, 'text', 'words', 'area'), english(context, 'text_en', 'wordsEn', 'area'), hide(context)] }];
  if (type === 'group') return [{ id: 'field', title: say('heading'), fields: [text(context, 'label', 'heading'), english(context, 'label_en', 'headingEn'), hide(context)] }];
  if (!INPUTS.includes(type)) return [{ id: 'field', title: say('field'), fields: [hide(context)] }];
  return [question(context), rules(context), choices(context), protection(context)];
}

function question(context) {
  const { field, put, rules: validate, edit } = context;
  const dated = field.type === 'datetime' ? { set: (label) => edit({ label, ...dateLabels(field, label) }) } : {};
  return {
    id: 'field', title: say('field'), fields: [
      { ...text(context, 'label', 'label'), value: field.label ?? field.dateLabel ?? field.timeLabel, ...dated },
      english(context, 'label_en', 'labelEn'),
      text(context, 'description', 'description', 'area'),
      english(context, 'description_en', 'descriptionEn', 'area'),
      { id: 'prop-required', kind: 'check', label: say(field.type === 'checkbox' ? 'mustTick' : 'required'), value: validate.required, set: (on) => put.rule('required', on || undefined) },
      hide(context),
      { id: 'prop-key', label: say('key'), code: true, hint: say('keyHint'), value: field.key, set: (key) => key && put.own('key', key) },
    ],
  };
}

const dateLabels = ({ subtype = 'date' }, label) => ({
  ...(subtype === 'time' ? {} : { dateLabel: label }), ...(subtype === 'date' ? {} : { timeLabel: label }),
});

function text({ field, put }, name, label, kind) {
  return { id: `prop-${name}`, kind, label: say(label), value: field[name], set: (value) => put.own(name, value) };
}

function english({ properties, put }, name, label, kind) {
  return { id: `prop-${name}`, kind, label: say(label), lang: 'en', value: properties[name], set: (value) => put.property(name, value) };
}

function hide({ field, put }) {
  const set = (value) => put.own('conditional', value ? { ...field.conditional, hide: `=${value}` } : '');
  return { id: 'prop-hide', kind: 'area', code: true, label: say('hide'), hint: say('hideHint'), value: field.conditional?.hide?.replace(/^=/, ''), set };
}

function rules(context) {
  const { field: { type }, put, rules: validate } = context;
  const rule = (name, more = {}) => ({ id: `prop-${name}`, label: say(name), code: true, value: validate[name], set: (value) => put.rule(name, value === '' ? undefined : numeric(value)), ...more });
  const fields = { textfield: [rule('minLength'), rule('maxLength'), ...formats(context)], textarea: [rule('minLength'), rule('maxLength')], number: numbers(context, rule), datetime: dates(context) }[type] ?? [];
  return { id: 'rules', title: say('rules'), fields };
}

/** A number as one; an expression as it is. */
const numeric = (value) => (/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value);

function formats({ rules: validate, edit, put, field }) {
  const set = (kind) => edit({ validate: without({ ...field.validate, validationType: kind, pattern: kind === 'custom' ? validate.pattern : undefined, patternErrorMessage: kind === 'custom' ? validate.patternErrorMessage : undefined }) });
  const kind = validate.validationType ?? (validate.pattern ? 'custom' : '');
  const fields = [{ id: 'prop-check', kind: 'choice', label: say('check'), value: kind, options: ['email', 'phone', 'custom'].map((id) => ({ id, name: say(id) })), set }];
  if (kind !== 'custom') return fields;
  return [...fields,
    { id: 'prop-pattern', label: say('pattern'), code: true, value: validate.pattern, set: (value) => put.rule('pattern', value) },
    { id: 'prop-pattern-message', label: say('patternMessage'), value: validate.patternErrorMessage, set: (value) => put.rule('patternErrorMessage', value) }];
}

function numbers({ field, put }, rule) {
  return [rule('min'), rule('max'),
    { id: 'prop-decimals', label: say('decimals'), type: 'number', value: field.decimalDigits, set: (value) => put.own('decimalDigits', value === '' ? '' : Number(value)) },
    { id: 'prop-increment', label: say('increment'), code: true, value: field.increment, set: (value) => put.own('increment', value) }];
}

function dates({ field, put, edit, properties }) {
  const { subtype = 'date', label = field.dateLabel ?? field.timeLabel ?? '' } = field;
  const turn = (now) => edit({ subtype: now, ...(now === 'time' ? { dateLabel: undefined } : {}), ...(now === 'date' ? { timeLabel: undefined } : {}), ...dateLabels({ subtype: now }, label) });
  return [
    { id: 'prop-subtype', kind: 'choice', label: say('dateKind'), none: null, value: subtype, options: ['date', 'time', 'datetime'].map((id) => ({ id, name: say(id) })), set: turn },
    { id: 'prop-not-past', kind: 'check', label: say('notPast'), value: field.disallowPassedDates, set: (on) => put.own('disallowPassedDates', on || '') },
    { id: 'prop-not-future', kind: 'check', label: say('notFuture'), value: properties.not_future === 'true', set: (on) => put.property('not_future', on ? 'true' : '') },
    { id: 'prop-start', kind: 'choice', label: say('start'), none: say('nothing'), value: properties.start, options: ['today', 'now'].map((id) => ({ id, name: say(id) })), set: (value) => put.property('start', value) },
  ];
}

function choices({ field, edit, lists, properties, put }) {
  const section = { id: 'choices', title: say('choices'), fields: [] };
  if (!CHOICES.includes(field.type)) return section;
  section.fields.push({ id: 'prop-list', kind: 'choice', label: say('list'), none: say('ownChoices'), value: properties.list, options: lists.map((id) => ({ id, name: id })), set: (value) => put.property('list', value) });
  if (properties.list) return section;
  const value = (field.values ?? []).map((each) => ({ value: each.value, words_it: each.label, words_en: properties[`option_en.${each.value}`] ?? '' }));
  const set = (rows) => {
    const kept = Object.entries(properties).filter(([name]) => !name.startsWith('option_en.'));
    const said = rows.filter((row) => row.words_en).map((row) => [`option_en.${row.value}`, row.words_en]);
    edit({ values: rows.map((row) => ({ label: row.words_it, value: row.value })), properties: Object.fromEntries([...kept, ...said]) });
  };
  section.fields.push({ id: 'prop-values', kind: 'rows', label: say('choices'), columns: COLUMNS, value, set });
  return section;
}

function protection({ field, properties, put }) {
  const fields = [{ id: 'prop-class', kind: 'choice', label: say('cls'), none: null, value: properties.class ?? 'P3', options: CLASSES.map((id) => ({ id, name: say(id) })), set: (value) => put.property('class', value) }];
  if (!WRITTEN.includes(field.type)) {
    fields.push({ id: 'prop-fact', kind: 'check', label: say('fact'), hint: say('factHint'), value: properties.fact === 'true', set: (on) => put.property('fact', on ? 'true' : '') });
  }
  return { id: 'protection', title: say('protection'), fields };
}

const without = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== ''));
