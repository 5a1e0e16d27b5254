/**
 * Beginnings and ends of notices, each as one line of text. Names and messages of servers come from outside, so control
 * characters for a terminal are removed.
 */
import { Printable } from "@effect-ownet/core"
import type { Notice } from "../../Notices.ts"
import type { Limits } from "../../Places.ts"
import * as EventText from "../EventText.ts"

type Side = EventText.Side
type Of = Pick<Notice, "property" | "title" | "unit">

const { amount, span } = EventText
const { printable } = Printable

export const exceeded = (title: string, seen: EventText.Value, side: Side, limit: number, limits: Limits): string => {
  const lasting = limits.for === undefined || limits.for === 0 ? "" : `, for ${span(limits.for)} now`
  const { property, unit, value } = seen
  return printable(`${title}: ${property} is ${amount(value, unit)}, ${side} ${amount(limit, unit)}${lasting}`)
}

export const within = (title: string, { property, unit, value }: EventText.Value): string =>
  printable(`${title}: ${property} is ${amount(value, unit)}, within its limits again`)

export const limitChanged = ({ property, title, unit }: Of, limit: number | undefined): string =>
  printable(
    limit === undefined
      ? `${title}: the limit of ${property} was removed`
      : `${title}: the limit of ${property} was changed to ${amount(limit, unit)}`
  )

export const filled = (title: string, device: string): string => printable(`${title} is now measured by ${device}`)

export const forgotten = ({ title }: Of): string => printable(`${title} is no longer a place`)

export const noNews = (title: string, seconds: number): string =>
  printable(`${title}: no good reading for ${span(seconds)}`)

export const news = (title: string, seconds: number): string =>
  printable(`${title} is measured again, after ${span(seconds)}`)

export const noNewsUnwatched = (title: string): string => printable(`${title}: missing readings are no longer reported`)

export const raised = (title: string): string => printable(`${title} is in alarm`)

export const cleared = (title: string, seconds: number): string =>
  printable(`${title} is no longer in alarm, after ${span(seconds)}`)

export const alarmsUnwatched = ({ title }: Of): string => printable(`${title}: alarms are no longer reported`)

type Where = Pick<Notice, "bus" | "server">

const name = ({ bus, server }: Where): string => bus === undefined ? `${server}` : `${bus} of ${server}`

export const fails = (where: Where, problem: string): string => printable(`${name(where)} fails: ${problem}`)

export const works = (where: Where, seconds: number): string =>
  printable(`${name(where)} works again, after ${span(seconds)}`)

export const serverRemoved = (where: Where): string => printable(`${where.server} is no longer followed`)

export const outagesUnwatched = (where: Where): string => printable(`${name(where)}: outages are no longer reported`)
