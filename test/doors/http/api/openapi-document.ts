import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { openApiDocument } from '../../../../src/doors/http/api/openapi.ts'
import { OPERATIONS } from '../../../../src/doors/http/api/operations.ts'
import type { Schema } from './json-arbitrary.ts'

export const SERVER = 'https://quarantine.example.com/api/v1'

/** The document as its readers get it: after JSON. */
export const DOCUMENT: Document = JSON.parse(JSON.stringify(openApiDocument(OPERATIONS, SERVER)))

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly securitySchemes: Readonly<Record<string, object>>
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>
  }
}

interface OperationObject {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly security: readonly object[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly example?: unknown
  readonly schema: Schema
}

export type Content = Readonly<Record<string, MediaType>>

interface MediaType {
  /** Undefined: octets. */
  readonly schema?: { readonly $ref: string }
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly $ref: string }>>
}

export interface Described {
  readonly method: string
  readonly path: string
  readonly operation: OperationObject
}

/** All operations, in the order of the document. */
export function operations(): Described[] {
  return Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  )
}

/** Resolves a reference to a part of the document. */
export function at(uri: string): unknown {
  const parts = uri.replace(/^#\//, '').split('/')
  return parts.reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>>)?.[name], DOCUMENT)
}

export function schemaAt(uri: string): Schema {
  const schema = at(uri)
  if (!schema) throw new Error(`there is no ${uri}`)
  return schema as Schema
}

const validators = new Map<string, ValidateFunction>()

/** Checks a component, and refuses properties that are not described. */
export function validatorOf(uri: string): ValidateFunction {
  const known = validators.get(uri) ?? ajv.compile({ $ref: `https://example.com/document${uri}` })
  validators.set(uri, known)
  return known
}

export const validating = () => addFormats.default(new Ajv2020({ strict: false, allErrors: true }))

const ajv = validating()
ajv.addSchema({ $id: 'https://example.com/document', ...closed(DOCUMENT) })

/** Closes every object: callers have to accept additional properties, but our answers must not have any. */
function closed<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(closed) as Value
  if (typeof value !== 'object' || value === null) return value
  const parts = Object.entries(value).map(([name, part]) => [name, closed(part)] as const)
  const isOpen = 'properties' in value && 'type' in value && !('additionalProperties' in value)
  return Object.fromEntries([...parts, ...(isOpen ? [['additionalProperties', false]] : [])]) as Value
}
