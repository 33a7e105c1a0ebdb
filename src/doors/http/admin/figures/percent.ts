import type { Writer } from '../../web/writer.ts'

/** A share that is not 0 is not shown as 0 %. */
export function percent(part: number, whole: number, { words }: Writer): string {
  const share = whole === 0 ? 0 : part / whole
  const digits = share > 0 && share < 0.01 ? { maximumSignificantDigits: 1 } : {}
  return new Intl.NumberFormat(words.language, { style: 'percent', ...digits }).format(share)
}
