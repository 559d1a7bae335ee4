/** A number for people: three digits that count, thousands set apart. */
export function numberWords(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const rounded = Number(value.toPrecision(3));
  return (Math.abs(value) >= 1000 ? Math.round(value) : rounded).toLocaleString('en-US', {
    maximumFractionDigits: Math.min(digits, 3),
  });
}
