/** The strings of a JSON array in a column; undefined when it is null or somebody has put something else there. */
export function jsonList(text: string | null): string[] | undefined {
  try {
    const list: unknown = JSON.parse(text ?? '')
    return Array.isArray(list) && list.every(entry => typeof entry === 'string') ? list : undefined
  } catch {
    return undefined
  }
}
