import { memo } from '../../../ground/concurrency/memo.ts'
import { formatSize, formatTime, type Place, type TimeStyle } from '../../../ground/display/format.ts'
import { DAY, MINUTE } from '../../../ground/durations.ts'
import type { Words } from '../../../ground/i18n/locales.ts'

/** Times as the rows of a digest show them, in one language and time zone. */
export interface RowTimes {
  /** "Tue, Mar 10, 7:30 AM" */
  moment(at: number): string
  /** "Tue, Mar 10" */
  day(at: number): string
  /** When a message came: the weekday suffices for the last days. */
  received(at: number, digestMadeAt: number): string
  /** Until when it can be released: the last whole day, or day and time when that is near. */
  until(at: number, digestMadeAt: number): string
}

/** The times of a place. They are kept, because the messages and readers of a run share most of them. */
export const rowTimes = (place: Place): RowTimes =>
  places(`${place.language} ${place.timeZone}`, () => timesOf({ ...place, now: undefined }))

const MOST_PLACES = 500
const places = memo<RowTimes>(MOST_PLACES)

function timesOf(place: Place): RowTimes {
  const shown = (style: TimeStyle) => byMinute(time => formatTime(time, style, place))
  const weekClock = byMinute(time => formatTime(time, 'weekClock', place).replaceAll(' ', NO_BREAK))
  const moment = shown('moment')
  const day = shown('dayOfMonth')
  const deadline = byMinute(time => formatTime(time, 'deadline', place).replace(' ', NO_BREAK))
  return {
    moment,
    day: shown('shortDate'),
    received: (at, madeAt) => (Math.abs(madeAt - at) < 6 * DAY ? weekClock(at) : moment(at)),
    until: (at, madeAt) => (at - madeAt < 2 * DAY ? deadline(at) : day(at - DAY)),
  }
}

/** No time of a digest is more precise than a minute, and formatting one takes 1 µs. */
function byMinute(format: (time: number) => string): (time: number) => string {
  const kept = memo<string, number>(MOST_MINUTES)
  return time => kept(Math.floor(time / MINUTE), () => format(time))
}

/** More than there are in a day. */
const MOST_MINUTES = 2000

/** Only a large message is worth mentioning: its reader may not want it on a phone. */
export const largeSize = (octets: number, language: string): string =>
  octets < LARGE ? '' : formatSize(octets, language).replaceAll(' ', NO_BREAK)

const LARGE = 1_000_000

/** A no-break space, so that no line ends between a number and its unit or month. */
const NO_BREAK = '\u00A0'

/** The words on buttons, looked up once for each language. */
export interface ButtonWords {
  readonly release: string
  readonly checkFirst: string
  readonly ask: string
}

const buttons = new WeakMap<Words, ButtonWords>()

export function buttonWords(words: Words): ButtonWords {
  let own = buttons.get(words)
  if (!own) {
    own = {
      release: words.say('digest.release'),
      checkFirst: words.say('digest.review'),
      ask: words.say('digest.ask'),
    }
    buttons.set(words, own)
  }
  return own
}
