import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  describedSchema,
  exampleOf,
  inlineSchema,
  referenceTo,
} from '../../../../../src/doors/http/api/protocol/components.ts'
import { problemSchema } from '../../../../../src/doors/http/api/protocol/problem.ts'

test('an integer is bounded only where the schema says so', () => {
  expect(inlineSchema(z.int())).toEqual({ type: 'integer' })
  expect(inlineSchema(z.int().min(0).max(9))).toEqual({ type: 'integer', minimum: 0, maximum: 9 })
})

test('a time has a format and no pattern', () => {
  expect(inlineSchema(z.iso.datetime())).toEqual({ type: 'string', format: 'date-time' })
})

test('the description and example of a parameter are beside its schema, even if it is transformed', () => {
  const since = z.iso.datetime().transform(Date.parse).meta({ description: 'Since when.', example: 'x' })
  expect(describedSchema(since.optional())).toEqual({
    description: 'Since when.',
    example: 'x',
    schema: { type: 'string', format: 'date-time' },
  })
})

test('a component is referenced by its name and has an example; any other schema is refused', () => {
  expect(referenceTo(problemSchema)).toEqual({ $ref: '#/components/schemas/Problem' })
  expect(problemSchema.parse(exampleOf(problemSchema))).toEqual(exampleOf(problemSchema))
  expect(() => referenceTo(z.string())).toThrow('component()')
  expect(() => exampleOf(z.string())).toThrow('component()')
})
