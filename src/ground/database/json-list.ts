/** The texts that a column holds as JSON; undefined where none is there, or what somebody wrote into it by hand is no such list. */
export function jsonList(text: string | null): string[] | undefined {
  try {
    const list: unknown = JSON.parse(text ?? '')
    return Array.isArray(list) && list.every(entry => typeof entry === 'string') ? list : undefined
  } catch {
    return undefined
  }
}
