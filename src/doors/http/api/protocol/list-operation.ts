import { z } from 'zod'
import type { PageRequest } from '../../../../desks/admin/listing/paging.ts'
import type { Page } from '../../../../ground/database/walk-by-key.ts'
import { component, describedSchema, exampleOf } from './components.ts'
import { cursorOf, placeOf } from './cursor.ts'
import { paging } from './fields.ts'
import {
  type Context,
  type Input,
  type Json,
  type Nothing,
  type Operation,
  operation,
  type ValuesOf,
} from './operation.ts'

/** What differs from one list to the next. */
export interface ListSpec<
  Params extends z.ZodRawShape,
  Filters extends z.ZodRawShape,
  Item extends z.ZodType,
  Row,
  More extends object,
> extends Pick<Operation, 'path' | 'operationId' | 'tag' | 'summary' | 'description'> {
  readonly params?: Params
  /** Query parameters besides `limit` and `cursor`. */
  readonly filters?: Filters
  readonly problems?: Operation['problems']
  /** The name of a page in the OpenAPI document. */
  readonly page: string
  readonly item: Item
  /** Describes what else the desk returns with a page, besides its rows and the place of the next one. */
  readonly more?: { readonly [Name in keyof More]: z.ZodType<More[Name]> }
  /** Gets a page from the desk. */
  readonly list: (
    context: Context,
    input: ListInput<ValuesOf<Params>, ValuesOf<Filters>>,
  ) => Promise<Page<Row> & NoInfer<More>>
  readonly json: (row: Row) => Json<z.output<Item>>
}

/** A request for a page: its filters and where it begins. */
export type ListInput<Params, Filters> = Pick<Input<Params, Filters & PageRequest>, 'params' | 'query' | 'by'>

/**
 * Makes the operation that returns a list, one page at a time. Each list defines its filters, where its rows come from
 * and what an item looks like. Cursors and the form of a page are the same for every list.
 */
export function listOperation<
  Item extends z.ZodType,
  Row,
  Params extends z.ZodRawShape = Nothing,
  Filters extends z.ZodRawShape = Nothing,
  More extends object = Nothing,
>({ filters, page, item, more, list, json, ...spec }: ListSpec<Params, Filters, Item, Row, More>): Operation {
  const schema = pageComponent(page, item, more)
  return operation({
    ...spec,
    method: 'get',
    scope: 'read',
    query: { ...filters, ...paging },
    replies: { 200: { description: 'Returns a page of the list.', schema } },
    handle: async (context, { params, query: { cursor, ...query }, by }) => {
      // The query is that of both shapes, which the compiler does not see through the type parameters.
      const pageRequest = { ...query, after: placeOf(cursor) } as unknown as ValuesOf<Filters> & PageRequest
      const { rows, next, ...rest } = await list(context, { params, query: pageRequest, by })
      // The desk may return more than the document describes.
      const described = Object.entries(rest).filter(
        ([name]) => more !== undefined && Object.hasOwn(more, name),
      )
      return { body: { items: rows.map(json), next: cursorOf(next), ...Object.fromEntries(described) } }
    },
  })
}

function pageComponent(name: string, item: z.ZodType, more: Readonly<Record<string, z.ZodType>> = {}) {
  const items = z.array(item).describe('The items of this page, in the order of the list.')
  const next = z.string().nullable().describe('The `cursor` of the next page. Null on the last page.')
  const others = Object.entries(more).map(([key, schema]) => [key, describedSchema(schema).example] as const)
  const example = { items: [exampleOf(item)], next: null, ...Object.fromEntries<unknown>(others) }
  return component(name, z.object({ items, next, ...more }).describe('A page of a list.'), example)
}
