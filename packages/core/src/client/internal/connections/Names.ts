/**
 * Entries by names that are parts of texts. An entry is found without extracting its name from the text: most requested names are
 * new, and a map would cost more than everything else in a call's turn.
 */

export interface Named<A> {
  readonly name: string
  readonly hash: number
  /** The next entry whose hash ends in the same bits. */
  sibling: A | undefined
}

/** Number of chains, a power of two. */
const chains = 256

export class Names<A extends Named<A>> {
  private readonly first: Array<A | undefined> = Array.from({ length: chains }, () => undefined)
  private readonly make: (name: string, hash: number) => A

  constructor(make: (name: string, hash: number) => A) {
    this.make = make
  }

  /** Gives the entry whose name is in a text from `start` to before `end`, and creates it if there is none. */
  at(text: string, start: number, end: number): A {
    const hash = hashOf(text, start, end)
    const known = this.find(hash, text, start, end)
    if (known !== undefined) return known
    const made = this.make(text.slice(start, end), hash)
    const chain = hash & (chains - 1)
    made.sibling = this.first[chain]
    this.first[chain] = made
    return made
  }

  get(name: string): A | undefined {
    return this.find(hashOf(name, 0, name.length), name, 0, name.length)
  }

  private find(hash: number, text: string, start: number, end: number): A | undefined {
    let entry = this.first[hash & (chains - 1)]
    while (entry !== undefined) {
      const { name } = entry
      if (entry.hash === hash && name.length === end - start && text.startsWith(name, start)) return entry
      entry = entry.sibling
    }
    return undefined
  }

  /** Forgets an entry, which must exist. */
  delete(entry: A): void {
    const chain = entry.hash & (chains - 1)
    let before = this.first[chain]
    if (before === entry) this.first[chain] = entry.sibling
    else {
      while (before !== undefined && before.sibling !== entry) before = before.sibling
      if (before !== undefined) before.sibling = entry.sibling
    }
    entry.sibling = undefined
  }
}

const hashOf = (text: string, start: number, end: number): number => {
  let hash = 0
  for (let at = start; at < end; at++) hash = (hash * 31 + text.charCodeAt(at)) | 0
  return hash
}
