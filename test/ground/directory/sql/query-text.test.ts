import { describe, expect, test } from 'vitest'
import { mysql } from '../../../../src/ground/database/mysql.ts'
import { postgres } from '../../../../src/ground/database/postgres.ts'
import { sqlite } from '../../../../src/ground/database/sqlite.ts'
import { queryPieces } from '../../../../src/ground/directory/sql/query-text.ts'

const lexisOf = (backend: typeof mysql, url: string) =>
  backend.open(new URL(url), { connections: 1 }).dialect.lexis

const LEXES = {
  MariaDB: lexisOf(mysql, 'mysql://u@127.0.0.1/d'),
  PostgreSQL: lexisOf(postgres, 'postgres://u@127.0.0.1/d'),
  SQLite: lexisOf(sqlite, 'sqlite:///nowhere'),
}

describe.each(Object.entries(LEXES))('a query for %s', (name, lexis) => {
  const pieces = (query: string) => queryPieces(query, lexis)

  test('is split where an address goes, however often', () => {
    expect(pieces('select a from b where c = :address or d=:address')).toEqual([
      'select a from b where c = ',
      ' or d=',
      '',
    ])
  })

  test('may have line breaks, parentheses and WITH', () => {
    expect(pieces('\n  with x as (select 1)\n select * from x where :address = y\n')).toHaveLength(2)
    if (name !== 'SQLite') expect(pieces('(select :address as reader)')).toHaveLength(2)
  })

  test('has no address in strings, quoted names and comments', () => {
    for (const hidden of [
      `':address'`,
      `'it''s :address'`,
      `":address"`,
      `/* :address */`,
      `/* ' */`,
      `-- :address ? it's\n`,
    ])
      expect(pieces(`select ${hidden}, :address`)).toEqual([`select ${hidden}, `, ''])
  })

  test('may have longer names that begin alike, and types', () => {
    expect(pieces(`select ':x', :address, x::address from b`)).toHaveLength(2)
  })

  test('loses a semicolon and comments at its end', () => {
    for (const end of [';', ' ; ', ';\n-- done', ' /* done */ ;;', ' -- done', '\n-- it’s done; really\n'])
      expect(pieces(`select :address as reader${end}`)).toEqual(['select ', ' as reader'])
  })

  test.each([
    ['select :address; select 1', 'one query'],
    ['select :address; delete from mailbox', 'one query'],
    ['delete from mailbox where a = :address', 'begin with SELECT'],
    ['update mailbox set a = :address', 'begin with SELECT'],
    ['call p(:address)', 'begin with SELECT'],
    ['selection of :address', 'begin with SELECT'],
    ['-- select\nexplain :address', 'begin with SELECT'],
    ['', 'begin with SELECT'],
    [' ; ', 'begin with SELECT'],
    ['select 1', 'no :address outside'],
    [`select ':address'`, 'no :address outside'],
    ['select :addresses', 'no :address outside'],
    [`select :address, 'it`, 'does not end'],
    ['select :address /* and', 'does not end'],
  ])('is refused: %s', (query, reason) => {
    expect(() => pieces(query)).toThrow(reason)
  })
})

test('quotes and comments are those of the database', () => {
  const pieces = (query: string, lexis: keyof typeof LEXES) => queryPieces(query, LEXES[lexis])
  expect(pieces(String.raw`select 'it\'s :address', :address`, 'MariaDB')).toHaveLength(2)
  expect(pieces('select `:address`, :address # :address', 'MariaDB')).toHaveLength(2)
  expect(pieces('select 1--1, :address', 'MariaDB')).toHaveLength(2)
  expect(() => pieces('select /*! :address */ 1', 'MariaDB')).toThrow('does not end')
  expect(pieces(String.raw`select 'C:\', :address`, 'PostgreSQL')).toHaveLength(2)
  expect(pieces(String.raw`select e'it\'s '':address', :address`, 'PostgreSQL')).toHaveLength(2)
  expect(pieces('select $$:address$$, $a$ $$ :address $a$, :address', 'PostgreSQL')).toHaveLength(2)
  expect(pieces(`select data #> '{a}', data ? 'b', :address::text`, 'PostgreSQL')).toHaveLength(2)
  expect(() => pieces('select /* /* */ */ :address', 'PostgreSQL')).toThrow('does not end')
  expect(pieces('select [:address], :address', 'SQLite')).toHaveLength(2)
})

test('a placeholder of the driver would take an address’s place', () => {
  expect(() => queryPieces('select ? , :address', LEXES.MariaDB)).toThrow('placeholder')
  expect(() => queryPieces('select ?1 , :address', LEXES.SQLite)).toThrow('placeholder')
  expect(() => queryPieces('select $1 , :address', LEXES.PostgreSQL)).toThrow('placeholder')
})
