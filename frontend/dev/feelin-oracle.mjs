// Writes feelin's answer beside each case of tests/engine/feel_cases.json; the tests then need no node.
//   cd frontend/dev && npm install --no-package-lock && npm run oracle
import { readFileSync, writeFileSync } from 'node:fs';
import { evaluate, unaryTest } from 'feelin';

const KINDS = { FeelDate: 'date', FeelTime: 'time', FeelDateTime: 'date and time' };

function plain(value) {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'number') return Number.isFinite(value) ? value : { number: String(value) };
  if (typeof value === 'function') return { function: true };
  if (typeof value !== 'object') return value;
  const kind = value.constructor.name;
  if (kind in KINDS) return { [KINDS[kind]]: value.iso };
  if (kind === 'FeelDuration') return { duration: value.iso };
  if (kind === 'FeelRange') {
    const ends = [value['start included'] ? '[' : '(', value['end included'] ? ']' : ')'];
    return { range: [ends[0], plain(value.start), plain(value.end), ends[1]] };
  }
  if (kind !== 'Object') return { [kind]: String(value) };
  return { context: Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)])) };
}

function answer({ text, given = {}, 'under test': tested }) {
  try {
    if (tested === undefined) return plain(evaluate(text, given).value);
    return plain(unaryTest(text, { ...given, '?': evaluate(tested, given).value }).value);
  } catch (problem) {
    return { error: problem.message };
  }
}

const file = process.argv[2];
const cases = JSON.parse(readFileSync(file, 'utf-8')).map(({ feelin, ...each }) => ({ ...each, feelin: answer(each) }));
writeFileSync(file, `[\n${cases.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`);
console.log(`${cases.length} cases answered`);
