import { z } from 'zod'
import type { Answer, DirectoryReader, Step, StepKind } from '../../ground/directory/directory.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'

/**
 * An answer as our table has it. If there are too many steps for the column, they are left out: they only explain the
 * answer. Undefined when the readers alone are too many.
 */
export function answerText({ readers, by }: Answer): string | undefined {
  const texts = [
    { readers, by },
    { readers, by: [] },
  ].map(answer => JSON.stringify(answer))
  return texts.find(text => Buffer.byteLength(text) <= MAX_OCTETS)
}

/** MySQL's `text` holds 65,535 octets. */
const MAX_OCTETS = 65_535

/** Undefined for a text that is not an answer: people may change tables, and another version may write more. */
export function parseAnswer(text: string): Answer | undefined {
  try {
    return ANSWER.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const ADDRESS = z.string().refine(text => readerAddress(text) === text)

const TEXT = z.string().optional()

const READER = z.object({
  address: ADDRESS,
  isOff: z.boolean(),
  language: TEXT,
  timeZone: TEXT,
  name: TEXT,
  client: TEXT,
}) satisfies z.ZodType<DirectoryReader>

const STEP_KINDS = {
  mailbox: 'mailbox',
  off: 'off',
  alias: 'alias',
  aliasdomain: 'aliasdomain',
  catchall: 'catchall',
  forward: 'forward',
  cc: 'cc',
  extension: 'extension',
  relay: 'relay',
  list: 'list',
  outside: 'outside',
  loop: 'loop',
  'too-many': 'too-many',
  unknown: 'unknown',
} as const satisfies { readonly [Kind in StepKind]: Kind }

const STEP = z.object({
  is: z.enum(STEP_KINDS),
  from: z.string(),
  to: z.string().nullable(),
  row: z.string().nullable(),
}) satisfies z.ZodType<Step>

const ANSWER = z.object({ readers: z.array(READER), by: z.array(STEP) }) satisfies z.ZodType<Answer>
