/**
 * The rule by which buses and servers are out. A lasting outage makes one notice. A server that fails explains failures of its
 * buses, and both explain why nothing is read from their devices.
 */
import { type Device, type Follow, type Outage, Place as Where } from "@effect-ownet/core"
import * as Option from "effect/Option"
import type { Notice } from "../../Notices.ts"
import type * as Book from "./Book.ts"
import * as NoticeText from "./NoticeText.ts"

/** Seconds after which a bus without a reported failure counts as working, and an absent server counts as removed. */
const settling = 60

interface Failure {
  readonly since: number
  readonly problem: string
  /** Elapsed time when it began, or when nothing else explained it any longer. */
  from: number
}

interface Server {
  failure: Failure | undefined
  /** Elapsed time at the first answer to a search, or at the return. */
  works: number | undefined
  readonly buses: Map<string, Failure>
}

export interface Settings {
  readonly outages?: boolean | undefined
  readonly outagesFor?: number | undefined
}

/** The last known location of a device. */
export interface Seen {
  readonly server: string
  readonly place: Device.AnyDevice["place"]
}

const seconds = (date: Date): number => date.getTime() / 1000

const isOn = (bus: string, place: Device.AnyDevice["place"]): boolean =>
  Option.exists(Where.fromString(bus), (outer) => Where.contains(outer, place))

const isWithin = (bus: string, outer: string): boolean => bus.startsWith(`${outer}/`)

const aboutServer = (server: string): Book.About => ({ kind: "ServerOut", server })
const aboutBus = (server: string, bus: string): Book.About => ({ kind: "BusOut", server, bus })

export class OutageRule {
  private readonly book: Book.Book
  private readonly servers = new Map<string, Server>()

  constructor(book: Book.Book) {
    this.book = book
  }

  private server(name: string): Server {
    let server = this.servers.get(name)
    if (server === undefined) {
      server = { failure: undefined, works: undefined, buses: new Map() }
      this.servers.set(name, server)
    }
    return server
  }

  added(name: string): void {
    this.server(name)
  }

  removed(name: string): void {
    this.servers.delete(name)
    for (const notice of this.notices()) {
      if (notice.server === name) this.book.end(notice, NoticeText.serverRemoved(notice))
    }
  }

  /** Takes in that a server has answered a search. */
  found(name: string): void {
    const server = this.server(name)
    if (server.failure !== undefined) return
    server.works ??= this.book.elapsed
    this.endRestored(aboutServer(name))
  }

  /** Takes in that a server had answered a search before this began. A current failure is reported separately. */
  knownToWork(name: string): void {
    const server = this.server(name)
    if (server.failure === undefined) server.works ??= this.book.elapsed
  }

  /** Takes in that a device has been read, so its bus and its server work. */
  read({ place, server }: Seen): void {
    this.found(server)
    for (const notice of this.notices()) {
      const { bus } = notice
      if (bus === undefined || notice.server !== server || !isOn(bus, place)) continue
      this.endRestored(aboutBus(server, bus))
    }
  }

  /** Ends a restored notice whose subject has been seen to work. */
  private endRestored(about: Book.About): void {
    const notice = this.book.find(about)
    if (notice !== undefined && this.book.isRestored(notice)) this.recover(notice)
  }

  private recover(notice: Notice): void {
    this.book.end(notice, NoticeText.works(notice, this.book.now - notice.since))
  }

  take(event: Follow.Of<Outage.Outage>): void {
    const server = this.server(event.server)
    switch (event._tag) {
      case "ServerFailed":
        server.failure = this.fail(event, aboutServer(event.server))
        server.works = undefined
        return
      case "BusFailed":
        server.buses.set(event.bus, this.fail(event, aboutBus(event.server, event.bus)))
        return
      case "ServerRecovered":
        server.failure = undefined
        server.works = this.book.elapsed
        for (const failure of server.buses.values()) failure.from = this.book.elapsed
        return this.recovered(aboutServer(event.server))
      case "BusRecovered":
        server.buses.delete(event.bus)
        for (const [bus, failure] of server.buses) if (isWithin(bus, event.bus)) failure.from = this.book.elapsed
        return this.recovered(aboutBus(event.server, event.bus))
    }
  }

  private fail(
    { at, error }: { readonly at: Date; readonly error: { readonly message: string } },
    about: Book.About
  ): Failure {
    const notice = this.book.find(about)
    if (notice !== undefined) this.book.confirm(notice)
    return { since: seconds(at), problem: error.message, from: this.book.elapsed }
  }

  private recovered(about: Book.About): void {
    const notice = this.book.find(about)
    if (notice !== undefined) this.recover(notice)
  }

  private notices(): ReadonlyArray<Notice> {
    return [...this.book.open.values()].filter(({ kind }) => kind === "BusOut" || kind === "ServerOut")
  }

  /** Whether a known outage prevents readings there. If the device has not been seen yet, whether it may be at such a place. */
  explains(seen: Seen | undefined, { outages = true }: Settings): boolean {
    if (!outages) return false
    if (seen === undefined) {
      return [...this.servers.values()].some(({ buses, failure }) => failure !== undefined || buses.size > 0)
    }
    const server = this.servers.get(seen.server)
    return server !== undefined &&
      (server.failure !== undefined || [...server.buses.keys()].some((bus) => isOn(bus, seen.place)))
  }

  /** Begins and ends outages by time alone. */
  tick({ outages = true, outagesFor = 30 }: Settings): void {
    if (!outages) {
      for (const notice of this.notices()) this.book.end(notice, NoticeText.outagesUnwatched(notice))
      return
    }
    for (const notice of this.book.elapsed < settling ? [] : this.notices()) this.settle(notice)
    for (const [name, { buses, failure }] of this.servers) {
      if (failure !== undefined) {
        this.mature(aboutServer(name), failure, outagesFor)
        continue
      }
      for (const [bus, failure] of buses) {
        if (![...buses.keys()].some((outer) => isWithin(bus, outer))) {
          this.mature(aboutBus(name, bus), failure, outagesFor)
        }
      }
    }
  }

  private settle(notice: Notice): void {
    const server = this.servers.get(notice.server ?? "")
    if (server === undefined) return this.book.end(notice, NoticeText.serverRemoved(notice))
    const { buses, works } = server
    if (notice.bus === undefined || works === undefined || buses.has(notice.bus)) return
    if (this.book.isRestored(notice) && this.book.elapsed - works >= settling) this.recover(notice)
  }

  private mature(about: Book.About, { from, problem, since }: Failure, outagesFor: number): void {
    if (this.book.elapsed - from < outagesFor || this.book.find(about) !== undefined) return
    this.book.begin({ ...about, isUrgent: false, since, text: NoticeText.fails(about, problem) })
  }
}
