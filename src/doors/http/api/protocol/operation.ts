import { z } from 'zod'
import type { ApiScope } from '../../../../desks/admin/api-keys/api-keys.ts'
import type { Desk } from '../../../../desks/admin/desk.ts'
import type { ErrorCode } from '../../../../ground/errors.ts'
import type { Editor } from '../../../../rules/reach/reach.ts'

/**
 * One thing that the API does. The router and the OpenAPI document are both made from it, so that what is written is
 * what holds.
 */
export interface Operation {
  readonly method: Method
  /** Below `/api/v1`, with `{name}` for what stands in its place. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string | undefined
  readonly scope: ApiScope
  /** Whether what it is about has a version: an ETag when it is read, `If-Match` when it is changed. */
  readonly isVersioned: boolean
  readonly params: z.ZodObject<Fields>
  readonly query: z.ZodObject<Fields>
  readonly body: z.ZodType | undefined
  /** Octets of the body. */
  readonly longestBody: number
  readonly replies: Readonly<Record<number, ReplyForm>>
  /** What can go wrong here, besides what can go wrong everywhere. */
  readonly problems: readonly ErrorCode[]
  readonly handle: (context: Context, input: Input) => Promise<Reply>
}

/** What the operations work with. */
export interface Context {
  readonly desk: Desk
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** The time zone of readers who have set none. */
  readonly standardTimeZone: string
}

/** What a path or a query holds, by name. */
type Fields = Readonly<Record<string, z.ZodType>>

export type Method = 'get' | 'put' | 'patch' | 'post' | 'delete'

export interface ReplyForm {
  readonly description: string
  /** Undefined: no body. */
  readonly schema?: z.ZodType
}

/** A request whose key, path, query and body have been looked at. */
export interface Input<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly by: Editor
  /** The version that the caller has looked at; 0: there shall be none yet; undefined: whatever it is. */
  readonly expected: number | undefined
}

export interface Reply {
  /** Default: 200. */
  readonly status?: number
  /** Undefined: none. */
  readonly body?: object
  /** For the ETag. */
  readonly version?: number
  /** The body is a problem document. */
  readonly isProblem?: true
}

type Of<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>

interface Spec<Params extends z.ZodRawShape, Query extends z.ZodRawShape, Body extends z.ZodType>
  extends Pick<
    Operation,
    'method' | 'path' | 'operationId' | 'tag' | 'summary' | 'description' | 'scope' | 'replies'
  > {
  readonly isVersioned?: boolean
  readonly longestBody?: number
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly problems?: readonly ErrorCode[]
  readonly handle: (context: Context, input: Input<Of<Params>, Of<Query>, z.output<Body>>) => Promise<Reply>
}

type Nothing = Record<never, never>

/** Ties what `handle` gets to the schemas that check it. */
export function operation<
  Params extends z.ZodRawShape = Nothing,
  Query extends z.ZodRawShape = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: Spec<Params, Query, Body>): Operation {
  const { handle, params, query, body, problems = [], isVersioned = false, ...rest } = spec
  return {
    longestBody: LONGEST_BODY,
    ...rest,
    isVersioned,
    params: z.strictObject(params ?? {}),
    query: z.strictObject(query ?? {}),
    body,
    problems,
    handle: (context, input) => handle(context, input as Input<Of<Params>, Of<Query>, z.output<Body>>),
  }
}

/** Octets; nothing that is changed one by one is as long. */
const LONGEST_BODY = 256 * 1024
