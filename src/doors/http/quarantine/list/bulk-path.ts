import { type ListPlace, listQuery } from './list-place.ts'

/** The path of the progress of what was begun, from which the list is found again. */
export function bulkPath(root: string, id: string, place: ListPlace): string {
  const list = String(listQuery({ ...place, after: undefined }))
  return `${root}/bulk/${encodeURIComponent(id)}${list === '' ? '' : `?${new URLSearchParams({ list })}`}`
}
