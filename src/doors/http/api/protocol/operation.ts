import { z } from 'zod'
import type { ApiScope } from '../../../../desks/admin/api-keys/api-scopes.ts'
import type { Desk } from '../../../../desks/admin/desk.ts'
import type { LearningDesk } from '../../../../desks/learning/learning-desk.ts'
import type { QuarantineDesk } from '../../../../desks/quarantine/quarantine-desk.ts'
import type { RequestDesk } from '../../../../desks/requests/request-desk.ts'
import type { SenderDesk } from '../../../../desks/senders/sender-desk.ts'
import type { Editor } from '../../../../rules/reach/reach.ts'
import type { AdminViewer } from '../../../../rules/reach/viewer.ts'
import type { ProblemCode } from './problem-words.ts'
import type { Tag } from './tags.ts'

/**
 * One operation of the API. Both the router and the OpenAPI document are made from it, so that the document cannot
 * differ from what the server does.
 */
export interface Operation {
  readonly method: Method
  /** Below `/api/v1`, with `{name}` for a parameter. */
  readonly path: string
  readonly operationId: string
  readonly tag: Tag
  readonly summary: string
  readonly description?: string | undefined
  readonly scope: ApiScope
  /** Another scope that is enough, too. */
  readonly orScope?: ApiScope | undefined
  /** True when the resource has a version: reading it returns an ETag, and changing it takes `If-Match`. */
  readonly isVersioned: boolean
  readonly params: z.ZodObject<Fields>
  readonly query: z.ZodObject<Fields>
  readonly body: z.ZodType | undefined
  /** Whether a request without a body counts as one with an empty object. */
  readonly isBodyOptional: boolean
  /** The most octets that the body may have. */
  readonly longestBody: number
  readonly replies: Readonly<Record<number, ReplyForm>>
  /** The problems of this operation, in addition to those that every operation can have. */
  readonly problems: readonly ProblemCode[]
  readonly handle: (context: Context, input: Input) => Promise<Reply>
}

/** The dependencies of every operation. */
export interface Context {
  readonly desk: Desk
  readonly quarantine: QuarantineDesk
  readonly requests: RequestDesk
  readonly senders: SenderDesk
  readonly learning: LearningDesk
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** The time zone of readers who have not set one. */
  readonly standardTimeZone: string
}

/** The parameters of a path or a query, by name. */
type Fields = Readonly<Record<string, z.ZodType>>

export type Method = 'get' | 'put' | 'patch' | 'post' | 'delete'

/** An answer as the OpenAPI document describes it. */
export interface ReplyForm {
  readonly description: string
  /** A component. Undefined: the answer has no body, or is a file. */
  readonly schema?: z.ZodType
  /** The media type of an answer that is not JSON. */
  readonly file?: 'application/octet-stream' | 'text/plain'
  /** Default: the example of the component. */
  readonly example?: object
}

/** A request whose key, path, query and body have been checked. */
export interface Input<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly by: Editor
  /** The caller, for the quarantine. */
  readonly viewer: AdminViewer
  /** The version that the caller has read. Zero: nothing may exist yet. Undefined: any version. */
  readonly expected: number | undefined
}

/** The answer of an operation. */
export interface Reply {
  /** Default: 200, or 204 without a body. */
  readonly status?: number
  /** Undefined: none. */
  readonly body?: object
  /** Instead of a body, octets: see `file` of the form. */
  readonly file?: { readonly name: string; readonly content: Buffer }
  /** Instead of a body, text that is not JSON. */
  readonly text?: string
  /** For the ETag. */
  readonly version?: number
  /** True when the body is a problem document. */
  readonly isProblem?: true
}

/** The values of a schema with these properties. */
export type ValuesOf<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>

interface Spec<Params extends z.ZodRawShape, Query extends z.ZodRawShape, Body extends z.ZodType>
  extends Pick<
    Operation,
    'method' | 'path' | 'operationId' | 'tag' | 'summary' | 'description' | 'scope' | 'orScope' | 'replies'
  > {
  readonly isVersioned?: boolean
  readonly longestBody?: number
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly isBodyOptional?: boolean
  readonly problems?: readonly ProblemCode[]
  readonly handle: (
    context: Context,
    input: Input<ValuesOf<Params>, ValuesOf<Query>, z.output<Body>>,
  ) => Promise<Reply>
}

/** The values of a schema, read-only: what an operation may return. */
export type Json<Value> = Value extends readonly (infer Item)[]
  ? readonly Json<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: Json<Value[Name]> }
    : Value

/** No properties. */
export type Nothing = Record<never, never>

/** Makes an operation. The input of `handle` has the types of the schemas that check it. */
export function operation<
  Params extends z.ZodRawShape = Nothing,
  Query extends z.ZodRawShape = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: Spec<Params, Query, Body>): Operation {
  const { handle, params, query, body, problems = [], isVersioned = false, ...rest } = spec
  return {
    longestBody: LONGEST_BODY,
    isBodyOptional: false,
    ...rest,
    isVersioned,
    params: z.strictObject(params ?? {}),
    query: z.strictObject(query ?? {}),
    body,
    problems,
    handle: (context, input) =>
      handle(context, input as Input<ValuesOf<Params>, ValuesOf<Query>, z.output<Body>>),
  }
}

/** In octets. No body of a single change is as long. */
const LONGEST_BODY = 256 * 1024
