import { HOUR } from '../../src/ground/durations.ts'
import type { DigestTable } from '../../src/ground/state/state-tables.ts'
import { run } from '../../src/work/digest/make/run.ts'
import { NOW } from './clock.ts'
import { hold } from './held-mail.ts'
import { prefer } from './preferences.ts'
import { type EmbeddedProgram, embeddedProgram } from './program.ts'

export const ALICE = 'alice@example.com'
export const DEPUTY = 'deputy@example.net'

/** Alice's digest of two messages and its copy for a deputy, made and not sent. */
export async function copiedDigest(): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  await prefer(program.state, ALICE, { copy_to: JSON.stringify([DEPUTY]), phrase: 'The blue teapot' })
  await holdForAlice(program, 'One', 'Two')
  await run(program.deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  return program
}

export const holdForAlice = ({ storage }: EmbeddedProgram, ...subjects: readonly string[]) =>
  hold(storage, ...subjects.map(subject => ({ recipient: ALICE, receivedAt: NOW - HOUR, subject })))

/** The rows of the digest and of the copy. With several digests, the latest. */
export async function digestAndCopy({ rows }: EmbeddedProgram): Promise<{
  readonly digest: DigestTable
  readonly copy: DigestTable
}> {
  const all = (await rows('digest_digest')).sort((a, b) => Number(b.created_at) - Number(a.created_at))
  const [digest, copy] = [all.find(row => row.copy_of === null), all.find(row => row.copy_of !== null)]
  if (!digest || !copy) throw new Error('expected a digest and a copy')
  return { digest, copy }
}
