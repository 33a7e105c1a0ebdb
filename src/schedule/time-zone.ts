/** Whether this is a time zone whose clocks we know: an IANA name. */
export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return text.length <= LONGEST
  } catch {
    return false
  }
}

/** Characters; our tables take no more. */
const LONGEST = 64
