// Two kinds of words. Libraries speak English and ask a service for another language: their dictionaries are the
// `italian-*.js` files. What this workshop says itself stands in `words.js`, in both languages.
import WORDS from './words.js';

export const language = document.documentElement.lang === 'en' ? 'en' : 'it';

/** Sentences of the libraries that no dictionary knows yet: `approdoUntranslated` in the console, and in a test. */
export const untranslated = new Set();
window.approdoUntranslated = untranslated;

/** The `translate` service of bpmn-js and dmn-js, with one dictionary. */
export function speak(dictionary) {
  return { translate: ['value', (text, values) => fill(look(dictionary, text), values)] };
}

/** A library's sentence in the user's language; what is not known stays as it is and is remembered. `patterns` of a
 * dictionary are for sentences with something in them: [regular expression, words]. */
export function look(dictionary, text, quiet) {
  if (language === 'en' || !text.trim()) return text;
  if (typeof dictionary[text] === 'string') return dictionary[text];
  const [form, words] = dictionary.patterns?.find(([one]) => one.test(text)) ?? [];
  if (form) return text.replace(form, words);
  if (!quiet && !Object.values(dictionary).includes(text)) untranslated.add(text);
  return text;
}

/** A sentence of ours. */
export function say(name, values) {
  if (!WORDS[name]) throw new Error(`words.js does not know «${name}»`);
  return fill(WORDS[name][language === 'en' ? 1 : 0], values);
}

const fill = (text, values = {}) => text.replace(/{([^}]+)}/g, (all, name) => values[name] ?? all);

/** The two names of something that is drawn: models are Italian, and say their English beside it. */
export function named(word, values) {
  const [name, nameEn] = WORDS[word].map((text) => fill(text, values));
  return { name, 'approdo:nameEn': nameEn };
}
