import type { Writer } from '../../web/writer.ts'

/** A state as one word, coloured as good, bad or waiting. */
export interface Badge {
  readonly label: string
  /** A class of the style sheet; empty if neither good nor bad. */
  readonly mood: string
}

/** How a release went. */
export const releaseBadge = (state: string, { words }: Writer): Badge => ({
  label: words.say(`admin.release.${state}`),
  mood: RELEASE_MOODS[state] ?? '',
})

const RELEASE_MOODS: Readonly<Record<string, string>> = {
  released: 'good',
  failed: 'bad',
  uncertain: 'bad',
  queued: 'wait',
  releasing: 'wait',
}

/** What became of a digest. */
export const digestBadge = (state: string, { words }: Writer): Badge => ({
  label: words.say(`admin.digest.${state}`),
  mood: DIGEST_MOODS[state] ?? '',
})

const DIGEST_MOODS: Readonly<Record<string, string>> = { sent: 'good', failed: 'bad', pending: 'wait' }
