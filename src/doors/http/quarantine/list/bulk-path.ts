import { type ListPlace, listPath } from './list-place.ts'

/** The path of the progress of what was begun, from which the list is found again. */
export function bulkPath(root: string, id: string, place: ListPlace): string {
  const list = listPath('', { ...place, after: undefined }).slice(1)
  return `${root}/bulk/${encodeURIComponent(id)}${list === '' ? '' : `?${new URLSearchParams({ list })}`}`
}
