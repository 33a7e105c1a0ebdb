import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createPrometheus } from '../../src/ground/metrics/prometheus.ts'

const RULES = fileURLToPath(new URL('../../ops/prometheus-alerts.yaml', import.meta.url))

test('promtool accepts the rules of alerts', () => {
  const { status, stdout, stderr } = promtool(['check', 'rules', '--lint=all', '--lint-fatal', RULES])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/SUCCESS: \d\d rules found/)
})

test('promtool finds no fault in the names and types of our metrics', async () => {
  const prometheus = createPrometheus({
    parts: async () => [{ part: 'smtp', code: undefined }],
    figures: async () => ({
      digests: { pending: 1, failed: 1 },
      releases: { releasing: 1, queued: 1, failed: 1, uncertain: 1 },
      itemsWaiting: 1,
      unlisted: 1,
      requestsWaiting: 1,
      oldestRequestAt: 0,
      oldestPendingAt: 0,
      runsFinishedAt: new Map([['daily', 0]]),
    }),
    queue: async () => 1,
    pools: () => ({ storage: { size: 1, idle: 1, waiting: 1 } }),
    smtp: () => ({ open: 1, allowed: 1 }),
    clock: () => 0,
  })
  prometheus.meter.delivered('sent', 1)
  prometheus.meter.released('released', 1)
  const { text } = await prometheus.page()
  const { stderr } = promtool(['check', 'metrics'], text)
  const faults = stderr.split('\n').filter(line => line !== '')
  expect(faults).toEqual([])
})

const promtool = (args: readonly string[], input = '') =>
  spawnSync('/usr/bin/promtool', args, { input, encoding: 'utf8' })
