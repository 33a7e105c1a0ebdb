import { expect, onTestFinished, test } from 'vitest'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import { type ClickRecorder, createClickRecorder } from '../../../src/work/clicks/click-recorder.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { deliver } from '../../../src/work/digest/send/deliver.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { readableLog } from '../../log-lines.ts'

test('a click is recorded with its digest, the domain and how long after the delivery it came', async () => {
  const { recorder, links, time, rows, digestId } = await recording()
  time.now += 3_000
  recorder.recordClick({ page: 'release', method: 'GET', token: links.release })
  recorder.recordClick({ page: 'canary', method: 'HEAD', token: links.canary })
  time.now += HOUR
  recorder.recordClick({ page: 'preferences', method: 'POST', token: links.preferences })
  await recorder[Symbol.asyncDispose]()
  const common = { digest_id: digestId, domain: 'example.com' }
  expect(await rows('digest_click')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        ...common,
        page: 'release',
        method: 'GET',
        at: NOW + 3_000,
        after_ms: 3_000,
      }),
      expect.objectContaining({ ...common, page: 'canary', method: 'HEAD', after_ms: 3_000 }),
      expect.objectContaining({ ...common, page: 'preferences', method: 'POST', after_ms: HOUR + 3_000 }),
    ]),
  )
})

test('a token that does not verify, is for another page or has expired is not recorded', async () => {
  const { recorder, links, time, rows } = await recording()
  recorder.recordClick({ page: 'release', method: 'GET', token: `${links.release.slice(0, -2)}xx` })
  recorder.recordClick({ page: 'release', method: 'GET', token: 'no token' })
  recorder.recordClick({ page: 'digest', method: 'GET', token: links.release })
  time.now += 14 * DAY
  recorder.recordClick({ page: 'release', method: 'GET', token: links.release })
  await recorder[Symbol.asyncDispose]()
  expect(await rows('digest_click')).toEqual([])
})

test('a flood of clicks is cut off, and a failing database is logged once; no page is affected', async () => {
  const { recorder, links, rows, log, state } = await recording()
  for (let index = 0; index < 5_010; index += 1) {
    recorder.recordClick({ page: 'digest', method: 'GET', token: links.digest })
  }
  await recorder[Symbol.asyncDispose]()
  expect(await rows('digest_click')).toHaveLength(5_000)
  expect(log()).toContain('"clicks":10')
  await state.sql.schema.dropTable('digest_click').execute()
  recorder.recordClick({ page: 'digest', method: 'GET', token: links.digest })
  await recorder[Symbol.asyncDispose]()
  expect(log().match(/could not be recorded/g)).toHaveLength(1)
})

/** A recorder, and the links of a digest that has just been delivered. */
async function recording() {
  const program = await embeddedProgram()
  const { deps } = program
  await hold(program.storage, { recipient: 'alice@example.com', receivedAt: NOW - HOUR })
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  await deliver(deps, { dueAt: NOW })
  const html = program.mailer.attempts[0]?.html ?? ''
  const tokenOf = (path: string) => new RegExp(`/${path}/([^"]+)"`).exec(html)?.[1] ?? ''
  const { log, lines } = readableLog()
  const recorder: ClickRecorder = createClickRecorder({ ...deps, log })
  onTestFinished(() => recorder[Symbol.asyncDispose]())
  const [digest] = await program.rows('digest_digest')
  return {
    ...program,
    recorder,
    log: () => lines.join(''),
    digestId: digest?.digest_id,
    links: {
      release: tokenOf('release'),
      digest: tokenOf('digest'),
      preferences: tokenOf('preferences'),
      canary: tokenOf('more'),
    },
  }
}
