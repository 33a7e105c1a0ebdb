import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { WORKS } from '../../../src/ground/health/work-watch.ts'
import { DELIVERY_OUTCOMES } from '../../../src/ground/metrics/meter.ts'
import { createPrometheus } from '../../../src/ground/metrics/prometheus.ts'
import { RELEASE_RESULTS } from '../../../src/ground/state/states.ts'
import { NOW } from '../../embedded/clock.ts'

/** A query and the texts shown with it, both of which name labels. */
interface Use {
  readonly where: string
  readonly expression: string
  /** Text with `{{label}}` in it. */
  readonly texts: readonly string[]
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly description?: string
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
  }[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string | object }[]
  }
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly labels: { readonly severity: string }
      readonly annotations: {
        readonly summary: string
        readonly description: string
        readonly runbook_url: string
      }
    }[]
  }[]
}

const read = (name: string) => readFileSync(new URL(`../../../ops/${name}`, import.meta.url), 'utf8')

const dashboard: Dashboard = JSON.parse(read('grafana-dashboard.json'))
const rules = (parse(read('prometheus-alerts.yaml')) as Rules).groups.flatMap(group => group.rules)

const uses: Use[] = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({
      where: `panel ${title}`,
      expression: expr,
      texts: [legendFormat],
    })),
  ),
  ...rules.map(({ alert, expr, annotations }) => ({
    where: `alert ${alert}`,
    expression: expr,
    texts: Object.values(annotations).map(text => text.replaceAll('$labels.', '')),
  })),
]

/** What a registry exports once every kind of event has happened: the values of each label, by metric. */
let exported: Map<string, Map<string, Set<string>>>
/** The declared names of our own metrics. */
let own: string[]

beforeAll(async () => {
  const prometheus = createPrometheus({
    parts: async () => [
      ...['storage', 'state', 'queue', 'smtp', ...WORKS].map(part => ({ part, code: undefined })),
      { part: 'amavisd', host: 'mx1.example.com', code: undefined },
    ],
    figures: async () => ({
      digests: { pending: 1, failed: 1 },
      releases: { releasing: 1, queued: 1, failed: 1, uncertain: 1 },
      itemsWaiting: 1,
      unlisted: 1,
      requestsWaiting: 1,
      oldestRequestAt: 1,
      oldestPendingAt: NOW,
      runsFinishedAt: new Map([['daily', NOW]]),
    }),
    queue: async () => 1,
    pools: () => ({ storage: { size: 1, idle: 1, waiting: 1 } }),
    smtp: () => ({ open: 1, allowed: 10 }),
    clock: () => NOW,
  })
  for (const outcome of DELIVERY_OUTCOMES) prometheus.meter.delivered(outcome, 1)
  for (const outcome of RELEASE_RESULTS) prometheus.meter.released(outcome, 1)
  const { text } = await prometheus.page()
  own = declared(text).filter(name => name.startsWith('amavis_digest_'))
  exported = labelsOf(text)
})

test('each query uses exported metrics, with labels and values that they have', () => {
  for (const { where, expression } of uses) {
    const selectors = selectorsOf(expression)
    expect(selectors.length, where).toBeGreaterThan(0)
    for (const { metric, matchers } of selectors) {
      const labels = exported.get(metric)
      expect(labels, `${where}: ${metric}`).toBeDefined()
      for (const { label, values } of matchers) {
        if (ADDED.has(label)) continue
        expect([...(labels?.get(label) ?? [])], `${where}: ${label}`).toEqual(expect.arrayContaining(values))
      }
    }
  }
})

test('each query groups by labels that its metrics have, and shows no others', () => {
  for (const { where, expression, texts } of uses) {
    const known = new Set([
      ...ADDED,
      ...selectorsOf(expression).flatMap(({ metric }) => [...(exported.get(metric)?.keys() ?? [])]),
    ])
    const groups = [...expression.matchAll(/\bby \(([^)]*)\)/g)].map(([, names = '']) => names.split(/, */))
    const shown = texts.flatMap(text => [...text.matchAll(/\{\{ *([a-z_]+)/g)].map(([, name = '']) => name))
    for (const label of [...groups.flat(), ...shown]) expect([...known], where).toContain(label)
    // Only labels that are left after grouping can be shown.
    if (groups.length > 0) for (const label of shown) expect(groups.flat(), where).toContain(label)
  }
})

test('each of our metrics is on the dashboard or in an alert', () => {
  const used = new Set(uses.flatMap(({ expression }) => selectorsOf(expression).map(({ metric }) => metric)))
  expect(own.length).toBeGreaterThan(10)
  expect(own.filter(name => !used.has(name) && !used.has(`${name}_bucket`))).toEqual([])
})

test('each panel has a title and a description; each alert has a summary, a description and a severity', () => {
  for (const { title, description, targets } of dashboard.panels) {
    expect(title).not.toBe('')
    if (targets) expect(description, title).toMatch(/\.$/)
  }
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^AmavisDigest[A-Z]/)
    expect(labels.severity, alert).toMatch(/^(warning|critical)$/)
    expect(annotations.summary, alert).not.toBe('')
    expect(annotations.description, alert).toMatch(/\.$|\?$|shorter\.$/)
  }
})

test('each alert has a runbook: a section of the guide, which names no other alert', () => {
  const guide = readFileSync(new URL('../../../docs/guides/alerts.md', import.meta.url), 'utf8')
  const sections = [...guide.matchAll(/^## (\w+)$/gm)].map(([, title]) => title)
  expect(sections).toEqual(rules.map(({ alert }) => alert))
  for (const { alert, annotations } of rules) {
    expect(annotations.runbook_url).toBe(
      `file:///opt/amavis-digest/docs/guides/alerts.md#${alert.toLowerCase()}`,
    )
  }
})

test('the dashboard lets the user choose the data source, and names none itself', () => {
  expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', query: 'prometheus' })
  const sources = [...read('grafana-dashboard.json').matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid)
  expect(new Set(sources)).toEqual(new Set(['$' + '{datasource}', 'amavis-digest']))
})

/** Labels that Prometheus adds to everything it scrapes. */
const ADDED = new Set(['job', 'instance'])

/** Prometheus's own metric, which says whether a scrape succeeded. */
const FOREIGN = new Map([['up', new Map<string, Set<string>>()]])

interface Selector {
  readonly metric: string
  readonly matchers: readonly { readonly label: string; readonly values: string[] }[]
}

function selectorsOf(expression: string): Selector[] {
  const found = expression.matchAll(/\b((?:amavis_digest|process|nodejs)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?/g)
  return [...found].map(([, metric = '', braces = '']) => ({
    metric,
    matchers: [...braces.matchAll(/([a-z_]+) *(?:=~|=|!=|!~) *"([^"]*)"/g)].map(
      ([, label = '', values = '']) => ({
        label,
        values: values.split('|'),
      }),
    ),
  }))
}

const declared = (text: string): string[] =>
  [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name)

function labelsOf(text: string): Map<string, Map<string, Set<string>>> {
  const metrics = new Map<string, Map<string, Set<string>>>(FOREIGN)
  for (const [, metric = '', braces = ''] of text.matchAll(/^([a-z][a-z0-9_]*)(?:\{(.*)\})? \S+$/gm)) {
    const labels = metrics.get(metric) ?? new Map<string, Set<string>>()
    metrics.set(metric, labels)
    for (const [, label = '', value = ''] of braces.matchAll(/([a-z_]+)="([^"]*)"/g)) {
      labels.set(label, (labels.get(label) ?? new Set()).add(value))
    }
  }
  return metrics
}
