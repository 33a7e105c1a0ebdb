/** Milliseconds, like every time span without another stated unit. */
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
/** 24 hours; a day on which the clocks change has another length. */
export const DAY = 24 * HOUR

/** Milliseconds in `90s`, `15m`, `24h`, `14d`; undefined when the text is not of that form. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,6}(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/.exec(text.trim()) ?? []
  if (!amount || !unit) return undefined
  return Math.round(Number(amount) * (UNITS[unit] ?? 0))
}

/** A span of time in the largest unit that divides it evenly: `30m`, `90s`, `0s`. */
export function durationText(span: number): string {
  const isDivisible = (unit: string) => span > 0 && span % (UNITS[unit] ?? 1) === 0
  const unit = ['d', 'h', 'm', 's', 'ms'].find(isDivisible) ?? 's'
  return `${span / (UNITS[unit] ?? 1)}${unit}`
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
}
