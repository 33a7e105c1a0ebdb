/** A part of a URL without its percent signs; as it is where they make no sense. */
export function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
