// ISO 8601 durations of one unit, as people say them: P14D is 14 days. Anything else stays an expression.
export const UNITS = { minutes: 'PT#M', hours: 'PT#H', days: 'P#D', weeks: 'P#W', months: 'P#M', years: 'P#Y' };
const PARTS = Object.entries(UNITS).map(([unit, form]) => [unit, new RegExp(`^${form.replace('#', '(\\d{1,4})')}$`)]);

/** {number, unit} of a duration of one unit, or null. */
export function read(text) {
  for (const [unit, form] of PARTS) {
    const found = form.exec((text ?? '').trim());
    if (found) return { number: Number(found[1]), unit };
  }
  return null;
}

export const write = ({ number, unit }) => UNITS[unit].replace('#', number);

/** The durations of `P3D,P1D`, or null where one of them is an expression. */
export function readLeads(text) {
  const parts = (text ?? '').split(',').filter((part) => part.trim());
  const spans = parts.map(read);
  return spans.every(Boolean) ? spans : null;
}
