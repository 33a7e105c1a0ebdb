import type { Words } from '../../../../ground/i18n/locales.ts'

/** The keys of the list, in words. What they do is in `templates/quarantine/list-script.js`. */
export const keysModel = (words: Words, mayAct: boolean): object[] =>
  KEYS.filter(({ what }) => mayAct || !ACTS.includes(what)).map(({ keys, what }) => ({
    keys,
    what: words.say(`quarantine.keys.${what}`),
  }))

const KEYS = [
  { keys: ['j'], what: 'next' },
  { keys: ['k'], what: 'previous' },
  { keys: ['o', 'Enter'], what: 'open' },
  { keys: ['x'], what: 'tick' },
  { keys: ['r'], what: 'release' },
  { keys: ['d'], what: 'delete' },
  { keys: ['/'], what: 'search' },
  { keys: ['?'], what: 'help' },
] as const

/** Those that release or delete. */
const ACTS: readonly string[] = ['tick', 'release', 'delete'] satisfies (typeof KEYS)[number]['what'][]
