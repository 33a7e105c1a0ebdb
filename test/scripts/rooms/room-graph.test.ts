import { describe, expect, test } from 'vitest'
import {
  adapterImports,
  type FileGraph,
  faultsOf,
  fileCyclesOf,
  roomCyclesOf,
} from '../../../scripts/rooms/room-graph.ts'

test('floors that look down and rooms that import one way have no fault', () => {
  const files = graph({
    'cli.ts': ['app.ts', 'doors/cli/run/run.ts'],
    'app.ts': ['doors/http/server.ts', 'ground/mail/smtp.ts'],
    'doors/cli/run/run.ts': ['work/digest/make/run.ts', 'ground/errors.ts'],
    'doors/http/server.ts': ['desks/reader/desk.ts'],
    'desks/reader/desk.ts': ['work/digest/make/run.ts'],
    'work/digest/make/run.ts': ['rules/time/cron.ts'],
    'rules/time/cron.ts': ['ground/errors.ts'],
    'ground/mail/smtp.ts': ['ground/errors.ts'],
    'ground/errors.ts': [],
  })
  expect(faultsOf(files)).toEqual([])
})

test.each([
  ['ground/mail/smtp.ts', 'rules/time/cron.ts'],
  ['work/digest/run.ts', 'desks/admin/desk.ts'],
  ['doors/cli/run/run.ts', 'app.ts'],
  ['work/digest/run.ts', 'composition/work-of.ts'],
])('an import that looks up is refused: %s of %s', (from, to) => {
  expect(faultsOf(graph({ [from]: [to], [to]: [] }))).toContain(
    `${from} imports ${to}: a floor imports only floors below it.`,
  )
})

test('files that import each other are a cycle, also through others', () => {
  const files = graph({
    'work/a/one.ts': ['work/a/two.ts'],
    'work/a/two.ts': ['work/a/three.ts'],
    'work/a/three.ts': ['work/a/one.ts'],
    'work/a/four.ts': ['work/a/one.ts'],
  })
  expect(fileCyclesOf(files)).toEqual([['work/a/one.ts', 'work/a/three.ts', 'work/a/two.ts']])
  expect(faultsOf(files)).toHaveLength(1)
})

test('rooms that import each other through different files are a cycle, even if no files are', () => {
  const files = graph({
    'work/a/one.ts': ['work/b/one.ts'],
    'work/b/two.ts': ['work/a/two.ts'],
    'work/a/two.ts': [],
    'work/b/one.ts': [],
  })
  expect(fileCyclesOf(files)).toEqual([])
  expect(roomCyclesOf(files)).toEqual([['work/a', 'work/b']])
})

test('a cycle of outer rooms is found even if the inner rooms import in one direction', () => {
  const files = graph({
    'work/a/x/one.ts': ['work/b/x/one.ts'],
    'work/b/y/one.ts': ['work/a/y/one.ts'],
    'work/b/x/one.ts': [],
    'work/a/y/one.ts': [],
  })
  expect(roomCyclesOf(files)).toEqual([['work/a', 'work/b']])
})

test('a folder and the folder in it are two rooms', () => {
  const files = graph({
    'work/a/one.ts': ['work/a/in/two.ts'],
    'work/a/in/two.ts': ['work/a/three.ts'],
    'work/a/three.ts': [],
  })
  expect(roomCyclesOf(files)).toEqual([['work/a', 'work/a/in']])
})

test('a room of 25 files is full', () => {
  const room = (count: number) =>
    graph(Object.fromEntries(Array.from({ length: count }, (_, index) => [`work/a/file-${index}.ts`, []])))
  expect(faultsOf(room(25))).toEqual([])
  expect(faultsOf(room(26))).toEqual(['work/a has 26 files; a room has 25 at most.'])
})

describe('only the composition names adapters', () => {
  const files = graph({
    'app.ts': ['ground/database/connect.ts'],
    'work/collect/collect.ts': ['ground/database/database.ts'],
    'ground/database/connect.ts': ['ground/database/mysql.ts', 'ground/database/database.ts'],
    'ground/database/mysql.ts': ['ground/database/database.ts'],
    'ground/database/database.ts': [],
  })
  const packages = graph({
    'ground/database/mysql.ts': ['mysql2/promise'],
    'work/collect/collect.ts': ['kysely'],
  })

  test('a port may be imported by every floor, an adapter by what puts the program together', () => {
    expect(adapterImports(files, packages)).toEqual([])
  })

  test.each(['ground/database/mysql.ts', 'ground/database/connect.ts'])(
    'a floor may not import %s, which uses a driver itself or by another file',
    adapter => {
      const faulty = new Map(files).set('work/collect/collect.ts', [adapter])
      expect(adapterImports(faulty, packages)).toEqual([
        `work/collect/collect.ts imports ${adapter}: only the composition names adapters. Use the port.`,
      ])
    },
  )

  test('a floor above the ground may not import a driver', () => {
    const faulty = new Map(packages).set('work/collect/collect.ts', ['node:net'])
    expect(adapterImports(files, faulty)).toEqual([
      'work/collect/collect.ts imports node:net: only the composition names adapters. Use the port.',
    ])
  })
})

const graph = (files: Readonly<Record<string, readonly string[]>>): FileGraph =>
  new Map(Object.entries(files))
