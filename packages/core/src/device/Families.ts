/**
 * The families of devices that owserver 3.2p4 knows, with the names and types of all their properties. A bundle contains
 * only those that its program names.
 *
 * @since 0.1.0
 */
// Written by `test/record-families.ts`; do not edit.
import type * as Elements from "./Elements.ts"
import type * as Family from "./Family.ts"

/** Properties of every device that can be read. */
interface CommonRead {
  readonly "address": string
  readonly "alias": string
  readonly "crc8": string
  readonly "family": string
  readonly "id": string
  readonly "locator": string
  readonly "r_address": string
  readonly "r_id": string
  readonly "r_locator": string
  readonly "type": string
}

/** Properties of every device that can be written. */
interface CommonWrite {
  readonly "alias": string
}

type DS2401Read = CommonRead

type DS2401Write = CommonWrite

/**
 * Properties of a DS2401.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2401 extends Family.Properties {
  readonly read: DS2401Read
  readonly write: DS2401Write
}

/**
 * DS2401, family 01: a serial number.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2401: Family.Family<DS2401> = {
  codes: ["01"],
  chip: "DS2401",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS1991Read extends CommonRead {
  readonly [element: `subkey0/id.${string}`]: Uint8Array
  readonly [element: `subkey0/secure_data.${string}`]: Uint8Array
  readonly [element: `subkey1/id.${string}`]: Uint8Array
  readonly [element: `subkey1/secure_data.${string}`]: Uint8Array
  readonly [element: `subkey2/id.${string}`]: Uint8Array
  readonly [element: `subkey2/secure_data.${string}`]: Uint8Array
}

interface DS1991Write extends CommonWrite {
  readonly [element: `subkey0/id.${string}`]: Uint8Array
  readonly [element: `subkey0/password.${string}`]: Uint8Array
  readonly [element: `subkey0/reset.${string}`]: boolean
  readonly [element: `subkey0/secure_data.${string}`]: Uint8Array
  readonly [element: `subkey1/id.${string}`]: Uint8Array
  readonly [element: `subkey1/password.${string}`]: Uint8Array
  readonly [element: `subkey1/reset.${string}`]: boolean
  readonly [element: `subkey1/secure_data.${string}`]: Uint8Array
  readonly [element: `subkey2/id.${string}`]: Uint8Array
  readonly [element: `subkey2/password.${string}`]: Uint8Array
  readonly [element: `subkey2/reset.${string}`]: boolean
  readonly [element: `subkey2/secure_data.${string}`]: Uint8Array
}

/**
 * Properties of a DS1991.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1991 extends Family.Properties {
  readonly read: DS1991Read
  readonly write: DS1991Write
}

/**
 * DS1991, family 02: an iButton with three protected memories.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1991: Family.Family<DS1991> = {
  codes: ["02"],
  chip: "DS1991",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
subkey0/id bx rw 8 s
subkey0/password bx wo 8 s
subkey0/reset yx wo 1 s
subkey0/secure_data bx rw 48 s
subkey1/id bx rw 8 s
subkey1/password bx wo 8 s
subkey1/reset yx wo 1 s
subkey1/secure_data bx rw 48 s
subkey2/id bx rw 8 s
subkey2/password bx wo 8 s
subkey2/reset yx wo 1 s
subkey2/secure_data bx rw 48 s
type a ro 32 f
`
}

interface DS2404Read extends CommonRead, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "alarm": number
  readonly "auto": boolean
  readonly "cycle": number
  readonly "date": Date
  readonly "delay": boolean
  readonly "interval/date": Date
  readonly "interval/udate": number
  readonly "memory": Uint8Array
  readonly "readonly/clock": boolean
  readonly "readonly/cycle": boolean
  readonly "readonly/interval": boolean
  readonly "readonly/memory": boolean
  readonly "running": boolean
  readonly "set_alarm": number
  readonly "start": boolean
  readonly "trigger/cycle": number
  readonly "trigger/date": Date
  readonly "trigger/interval_date": Date
  readonly "trigger/interval_udate": number
  readonly "trigger/udate": number
  readonly "udate": number
}

interface DS2404Write extends CommonWrite, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "auto": boolean
  readonly "cycle": number
  readonly "date": Date
  readonly "delay": boolean
  readonly "interval/date": Date
  readonly "interval/udate": number
  readonly "memory": Uint8Array
  readonly "readonly/clock": boolean
  readonly "readonly/cycle": boolean
  readonly "readonly/interval": boolean
  readonly "readonly/memory": boolean
  readonly "running": boolean
  readonly "set_alarm": number
  readonly "start": boolean
  readonly "trigger/cycle": number
  readonly "trigger/date": Date
  readonly "trigger/interval_date": Date
  readonly "trigger/interval_udate": number
  readonly "trigger/udate": number
  readonly "udate": number
}

/**
 * Properties of a DS2404.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2404 extends Family.Properties {
  readonly read: DS2404Read
  readonly write: DS2404Write
}

/**
 * DS2404, family 04: a clock with memory.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2404: Family.Family<DS2404> = {
  codes: ["04"],
  chip: "DS2404",
  records: `
address a ro 16 f
alarm u ro 12 v 0..111
alias l rw 256 f
auto y rw 1 s
crc8 a ro 2 f
cycle u rw 12 t 0..4294967295
date d rw 24 v
delay y rw 1 s
family a ro 2 f
id a ro 12 f
interval/date d rw 24 v
interval/udate u rw 12 t 0..4294967295 s
locator a ro 16 f
memory b rw 512 v
pages/page b16 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
readonly/clock y rw 1 s
readonly/cycle y rw 1 s
readonly/interval y rw 1 s
readonly/memory y rw 1 s
running y rw 1 s
set_alarm u rw 12 s 0..111
start y rw 1 s
trigger/cycle u rw 12 t 0..4294967295
trigger/date d rw 24 v
trigger/interval_date d rw 24 v
trigger/interval_udate u rw 12 t 0..4294967295 s
trigger/udate u rw 12 t 0..4294967295
type a ro 32 f
udate u rw 12 t 0..4294967295
`
}

interface DS2405Read extends CommonRead {
  readonly "PIO": boolean
  readonly "sensed": boolean
}

interface DS2405Write extends CommonWrite {
  readonly "PIO": boolean
}

/**
 * Properties of a DS2405.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2405 extends Family.Properties {
  readonly read: DS2405Read
  readonly write: DS2405Write
}

/**
 * DS2405, family 05: a switch.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2405: Family.Family<DS2405> = {
  codes: ["05"],
  chip: "DS2405",
  records: `
PIO y rw 1 s
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sensed y ro 1 v
type a ro 32 f
`
}

interface DS1993Read extends CommonRead, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "memory": Uint8Array
}

interface DS1993Write extends CommonWrite, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS1993.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1993 extends Family.Properties {
  readonly read: DS1993Read
  readonly write: DS1993Write
}

/**
 * DS1993, family 06: an iButton with 4 kbit of memory.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1993: Family.Family<DS1993> = {
  codes: ["06"],
  chip: "DS1993",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 512 v
pages/page b16 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS1992Read extends CommonRead, Elements.Numbered<"pages/page", 4, Uint8Array> {
  readonly "memory": Uint8Array
}

interface DS1992Write extends CommonWrite, Elements.Numbered<"pages/page", 4, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS1992.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1992 extends Family.Properties {
  readonly read: DS1992Read
  readonly write: DS1992Write
}

/**
 * DS1992, family 08: an iButton with 1 kbit of memory.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1992: Family.Family<DS1992> = {
  codes: ["08"],
  chip: "DS1992",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 128 v
pages/page b4 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS2502Read extends CommonRead, Elements.Numbered<"pages/page", 4, Uint8Array> {
  readonly "memory": Uint8Array
}

interface DS2502Write extends CommonWrite, Elements.Numbered<"pages/page", 4, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS2502.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2502 extends Family.Properties {
  readonly read: DS2502Read
  readonly write: DS2502Write
}

/**
 * DS2502, family 09: 1 kbit of memory to be written once.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2502: Family.Family<DS2502> = {
  codes: ["09"],
  chip: "DS2502",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 128 v
pages/page b4 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS1995Read extends CommonRead, Elements.Numbered<"pages/page", 64, Uint8Array> {
  readonly "memory": Uint8Array
}

interface DS1995Write extends CommonWrite, Elements.Numbered<"pages/page", 64, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS1995.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1995 extends Family.Properties {
  readonly read: DS1995Read
  readonly write: DS1995Write
}

/**
 * DS1995, family 0A: an iButton with 16 kbit of memory.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1995: Family.Family<DS1995> = {
  codes: ["0A"],
  chip: "DS1995",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 2048 v
pages/page b64 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS2505Read
  extends CommonRead, Elements.Numbered<"pages/page", 64, Uint8Array>, Elements.Numbered<"status/page", 11, Uint8Array>
{
  readonly "memory": Uint8Array
}

interface DS2505Write
  extends CommonWrite, Elements.Numbered<"pages/page", 64, Uint8Array>, Elements.Numbered<"status/page", 11, Uint8Array>
{
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS2505.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2505 extends Family.Properties {
  readonly read: DS2505Read
  readonly write: DS2505Write
}

/**
 * DS2505, family 0B: 16 kbit of memory to be written once.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2505: Family.Family<DS2505> = {
  codes: ["0B"],
  chip: "DS2505",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 2048 v
pages/page b64 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
status/page b11 rw 8 s
type a ro 32 f
`
}

interface DS1996Read extends CommonRead, Elements.Numbered<"pages/page", 256, Uint8Array> {
  readonly "memory": Uint8Array
}

interface DS1996Write extends CommonWrite, Elements.Numbered<"pages/page", 256, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS1996.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1996 extends Family.Properties {
  readonly read: DS1996Read
  readonly write: DS1996Write
}

/**
 * DS1996, family 0C: an iButton with 64 kbit of memory.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1996: Family.Family<DS1996> = {
  codes: ["0C"],
  chip: "DS1996",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 8192 v
pages/page b256 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS2506Read
  extends CommonRead, Elements.Numbered<"pages/page", 256, Uint8Array>, Elements.Numbered<"status/page", 11, Uint8Array>
{
  readonly "memory": Uint8Array
}

interface DS2506Write
  extends
    CommonWrite,
    Elements.Numbered<"pages/page", 256, Uint8Array>,
    Elements.Numbered<"status/page", 11, Uint8Array>
{
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS2506.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2506 extends Family.Properties {
  readonly read: DS2506Read
  readonly write: DS2506Write
}

/**
 * DS2506, family 0F: 64 kbit of memory to be written once.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2506: Family.Family<DS2506> = {
  codes: ["0F"],
  chip: "DS2506",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 8192 v
pages/page b256 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
status/page b11 rw 32 s
type a ro 32 f
`
}

interface DS18S20Read extends CommonRead {
  readonly "errata/die": string
  readonly "errata/trim": number
  readonly "errata/trimblanket": boolean
  readonly "errata/trimvalid": boolean
  readonly "latesttemp": number
  readonly "power": boolean
  readonly "scratchpad": Uint8Array
  readonly "temperature": number
  readonly "temphigh": number
  readonly "templow": number
}

interface DS18S20Write extends CommonWrite {
  readonly "errata/trim": number
  readonly "errata/trimblanket": boolean
  readonly "temphigh": number
  readonly "templow": number
}

/**
 * Properties of a DS18S20.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS18S20 extends Family.Properties {
  readonly read: DS18S20Read
  readonly write: DS18S20Write
}

/**
 * DS18S20, family 10: a thermometer of 9 bits.
 *
 * @category families
 * @since 0.1.0
 */
export const DS18S20: Family.Family<DS18S20> = {
  codes: ["10"],
  chip: "DS18S20",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
errata/die a ro 2 f
errata/trim u rw 12 v 0..65535
errata/trimblanket y rw 1 v
errata/trimvalid y ro 1 v
family a ro 2 f
id a ro 12 f
latesttemp t ro 12 v -55..125
locator a ro 16 f
power y ro 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
scratchpad b ro 9 v
temperature t ro 12 v -55..125
temphigh t rw 12 s -128..127
templow t rw 12 s -128..127
type a ro 32 f
`
}

interface DS2406Read
  extends
    CommonRead,
    Elements.LetteredBits<"PIO", 2>,
    Elements.Numbered<"T8A/volt", 8, number>,
    Elements.LetteredBits<"flipflop", 2>,
    Elements.LetteredBits<"latch", 2>,
    Elements.Numbered<"pages/page", 4, Uint8Array>,
    Elements.LetteredBits<"sensed", 2>
{
  readonly "TAI8570/DA5534/pressure": number
  readonly "TAI8570/DA5534/temperature": number
  readonly "TAI8570/DA5540/pressure": number
  readonly "TAI8570/DA5540/temperature": number
  readonly "TAI8570/pressure": number
  readonly "TAI8570/sibling": string
  readonly "TAI8570/temperature": number
  readonly "channels": number
  readonly "memory": Uint8Array
  readonly "power": boolean
  readonly "set_alarm": number
}

interface DS2406Write
  extends
    CommonWrite,
    Elements.LetteredBits<"PIO", 2>,
    Elements.LetteredBits<"latch", 2>,
    Elements.Numbered<"pages/page", 4, Uint8Array>
{
  readonly "memory": Uint8Array
  readonly "set_alarm": number
}

/**
 * Properties of a DS2406.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2406 extends Family.Properties {
  readonly read: DS2406Read
  readonly write: DS2406Write
}

/**
 * DS2406, family 12: two switches with memory.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2406: Family.Family<DS2406> = {
  codes: ["12"],
  chip: "DS2406",
  records: `
PIO y2BL rw 1 s
T8A/volt f8 ro 12 v 0..5 V -
TAI8570/DA5534/pressure p ro 12 v
TAI8570/DA5534/temperature t ro 12 v
TAI8570/DA5540/pressure p ro 12 v
TAI8570/DA5540/temperature t ro 12 v
TAI8570/pressure p ro 12 v
TAI8570/sibling a ro 16 s
TAI8570/temperature t ro 12 v
address a ro 16 f
alias l rw 256 f
aux D oo 8 v
channels u ro 12 s 1..2
crc8 a ro 2 f
family a ro 2 f
flipflop y2BL ro 1 v
id a ro 12 f
latch y2BL rw 1 v
locator a ro 16 f
memory b rw 128 v
pages/page b4 rw 32 v
power y ro 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sensed y2BL ro 1 v
set_alarm u rw 12 s 0..331
type a ro 32 f
`
}

interface DS2430ARead extends CommonRead {
  readonly "application": Uint8Array
  readonly "memory": Uint8Array
  readonly "status": number
}

interface DS2430AWrite extends CommonWrite {
  readonly "application": Uint8Array
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS2430A.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2430A extends Family.Properties {
  readonly read: DS2430ARead
  readonly write: DS2430AWrite
}

/**
 * DS2430A, family 14: 256 bit of EEPROM.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2430A: Family.Family<DS2430A> = {
  codes: ["14"],
  chip: "DS2430A",
  records: `
address a ro 16 f
alias l rw 256 f
application b rw 8 s
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
status u ro 12 s 0..255
type a ro 32 f
`
}

interface DS1963SRead
  extends CommonRead, Elements.Numbered<"pages/count", 16, number>, Elements.Numbered<"pages/page", 16, Uint8Array>
{
  readonly "memory": Uint8Array
}

interface DS1963SWrite extends CommonWrite, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "memory": Uint8Array
  readonly "pages/password": Uint8Array
  readonly "password": Uint8Array
}

/**
 * Properties of a DS1963S.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1963S extends Family.Properties {
  readonly read: DS1963SRead
  readonly write: DS1963SWrite
}

/**
 * DS1963S, family 18: an iButton with 4 kbit of memory and SHA-1.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1963S: Family.Family<DS1963S> = {
  codes: ["18"],
  chip: "DS1963S",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 512 v
pages/count u16 ro 12 v 0..4294967295
pages/page b16 rw 32 v
pages/password b wo 8 s
password b wo 8 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS1963LRead
  extends CommonRead, Elements.Numbered<"pages/count", 16, number>, Elements.Numbered<"pages/page", 16, Uint8Array>
{
  readonly "memory": Uint8Array
}

interface DS1963LWrite extends CommonWrite, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS1963L.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1963L extends Family.Properties {
  readonly read: DS1963LRead
  readonly write: DS1963LWrite
}

/**
 * DS1963L, family 1A: an iButton with 4 kbit of memory and write counters.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1963L: Family.Family<DS1963L> = {
  codes: ["1A"],
  chip: "DS1963L",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 512 v
pages/count u16 ro 12 v 0..4294967295
pages/page b16 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS2436Read extends CommonRead, Elements.Numbered<"pages/page", 3, Uint8Array> {
  readonly "counter/cycles": number
  readonly "temperature": number
  readonly "volts": number
}

interface DS2436Write extends CommonWrite, Elements.Numbered<"pages/page", 3, Uint8Array> {
  readonly "counter/increment": boolean
  readonly "counter/reset": boolean
}

/**
 * Properties of a DS2436.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2436 extends Family.Properties {
  readonly read: DS2436Read
  readonly write: DS2436Write
}

/**
 * DS2436, family 1B: a battery's identity and monitor.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2436: Family.Family<DS2436> = {
  codes: ["1B"],
  chip: "DS2436",
  records: `
address a ro 16 f
alias l rw 256 f
counter/cycles u ro 12 s 0..65535
counter/increment y wo 1 v
counter/reset y wo 1 v
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
pages/page b3 rw 32 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
temperature t ro 12 v -128..127.996
type a ro 32 f
volts f ro 12 v 0..10.23 V
`
}

interface DS28E04Read
  extends
    CommonRead,
    Elements.NumberedBits<"PIO", 2>,
    Elements.NumberedBits<"latch", 2>,
    Elements.Numbered<"pages/page", 16, Uint8Array>,
    Elements.NumberedBits<"sensed", 2>
{
  readonly "memory": Uint8Array
  readonly "polarity": boolean
  readonly "por": boolean
  readonly "power": boolean
  readonly "set_alarm": number
}

interface DS28E04Write
  extends
    CommonWrite,
    Elements.NumberedBits<"PIO", 2>,
    Elements.NumberedBits<"latch", 2>,
    Elements.Numbered<"pages/page", 16, Uint8Array>
{
  readonly "memory": Uint8Array
  readonly "por": boolean
  readonly "set_alarm": number
}

/**
 * Properties of a DS28E04.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS28E04 extends Family.Properties {
  readonly read: DS28E04Read
  readonly write: DS28E04Write
}

/**
 * DS28E04, family 1C: 4 kbit of EEPROM with two switches.
 *
 * @category families
 * @since 0.1.0
 */
export const DS28E04: Family.Family<DS28E04> = {
  codes: ["1C"],
  chip: "DS28E04",
  records: `
PIO y2B rw 1 s
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
latch y2B rw 1 v
locator a ro 16 f
memory b rw 550 v
pages/page b16 rw 32 v
polarity y ro 1 v
por y rw 1 v
power y ro 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sensed y2B ro 1 v
set_alarm u rw 12 s 0..333
type a ro 32 f
`
}

interface DS2423Read
  extends
    CommonRead,
    Elements.Lettered<"counter", 2, number>,
    Elements.Numbered<"pages/count", 16, number>,
    Elements.Numbered<"pages/page", 16, Uint8Array>
{
  readonly "memory": Uint8Array
  readonly "mincount": number
}

interface DS2423Write extends CommonWrite, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "memory": Uint8Array
  readonly "mincount": number
}

/**
 * Properties of a DS2423.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2423 extends Family.Properties {
  readonly read: DS2423Read
  readonly write: DS2423Write
}

/**
 * DS2423, family 1D: 4 kbit of memory with two counters.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2423: Family.Family<DS2423> = {
  codes: ["1D"],
  chip: "DS2423",
  records: `
address a ro 16 f
alias l rw 256 f
counter u2L ro 12 v 0..4294967295
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 512 v
mincount u rw 12 v 0..4294967295
pages/count u16 ro 12 v 0..4294967295
pages/page b16 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS2437Read extends CommonRead, Elements.Numbered<"pages/page", 8, Uint8Array> {
  readonly "CA": boolean
  readonly "EE": boolean
  readonly "IAD": boolean
  readonly "VAD": number
  readonly "VDD": number
  readonly "date": Date
  readonly "disconnect/date": Date
  readonly "disconnect/udate": number
  readonly "endcharge/date": Date
  readonly "endcharge/udate": number
  readonly "latesttemp": number
  readonly "temperature": number
  readonly "udate": number
  readonly "vis": number
}

interface DS2437Write extends CommonWrite, Elements.Numbered<"pages/page", 8, Uint8Array> {
  readonly "CA": boolean
  readonly "EE": boolean
  readonly "IAD": boolean
  readonly "date": Date
  readonly "disconnect/date": Date
  readonly "disconnect/udate": number
  readonly "endcharge/date": Date
  readonly "endcharge/udate": number
  readonly "udate": number
}

/**
 * Properties of a DS2437.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2437 extends Family.Properties {
  readonly read: DS2437Read
  readonly write: DS2437Write
}

/**
 * DS2437, family 1E: a battery monitor.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2437: Family.Family<DS2437> = {
  codes: ["1E"],
  chip: "DS2437",
  records: `
CA y rw 1 s
EE y rw 1 s
IAD y rw 1 s
VAD f ro 12 v 0..10.23 V
VDD f ro 12 v 0..10.23 V
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
date d rw 24 v
disconnect/date d rw 24 v
disconnect/udate u rw 12 v 0..4294967295
endcharge/date d rw 24 v
endcharge/udate u rw 12 v 0..4294967295
family a ro 2 f
id a ro 12 f
latesttemp t ro 12 v -55..125
locator a ro 16 f
pages/page b8 rw 8 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
temperature t ro 12 v -55..125
type a ro 32 f
udate u rw 12 t 0..4294967295
vis f ro 12 v -0.25..0.25 V
`
}

interface DS2409Read
  extends
    CommonRead,
    Elements.NumberedBits<"branch", 2>,
    Elements.NumberedBits<"event", 2>,
    Elements.NumberedBits<"sensed", 2>
{
  readonly "control": number
}

interface DS2409Write extends CommonWrite, Elements.NumberedBits<"branch", 2> {
  readonly "clearevent": boolean
  readonly "control": number
  readonly "discharge": boolean
}

/**
 * Properties of a DS2409.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2409 extends Family.Properties {
  readonly read: DS2409Read
  readonly write: DS2409Write
}

/**
 * DS2409, family 1F: a coupler with two branches.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2409: Family.Family<DS2409> = {
  codes: ["1F"],
  chip: "DS2409",
  records: `
address a ro 16 f
alias l rw 256 f
aux D oo 8 v
branch y2B rw 1 v
clearevent y wo 1 s
control u rw 12 s 0..3
crc8 a ro 2 f
discharge y wo 1 s
event y2B ro 1 v
family a ro 2 f
id a ro 12 f
locator a ro 16 f
main D oo 8 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sensed y2B ro 1 v
type a ro 32 f
`
}

interface DS2450Read
  extends
    CommonRead,
    Elements.Lettered<"8bit/latestvolt", 4, number>,
    Elements.Lettered<"8bit/latestvolt2", 4, number>,
    Elements.Lettered<"8bit/volt", 4, number>,
    Elements.Lettered<"8bit/volt2", 4, number>,
    Elements.Lettered<"PIO", 4, boolean>,
    Elements.Lettered<"alarm/high", 4, boolean>,
    Elements.Lettered<"alarm/low", 4, boolean>,
    Elements.Lettered<"latestvolt", 4, number>,
    Elements.Lettered<"latestvolt2", 4, number>,
    Elements.Numbered<"pages/page", 4, Uint8Array>,
    Elements.Lettered<"set_alarm/high", 4, boolean>,
    Elements.Lettered<"set_alarm/low", 4, boolean>,
    Elements.Lettered<"set_alarm/volt2high", 4, number>,
    Elements.Lettered<"set_alarm/volt2low", 4, number>,
    Elements.Lettered<"set_alarm/volthigh", 4, number>,
    Elements.Lettered<"set_alarm/voltlow", 4, number>,
    Elements.Lettered<"volt", 4, number>,
    Elements.Lettered<"volt2", 4, number>
{
  readonly "CO2/Vdd": boolean
  readonly "CO2/ppm": number
  readonly "CO2/status": number
  readonly "memory": Uint8Array
  readonly "power": boolean
}

interface DS2450Write
  extends
    CommonWrite,
    Elements.Lettered<"PIO", 4, boolean>,
    Elements.Lettered<"alarm/high", 4, boolean>,
    Elements.Lettered<"alarm/low", 4, boolean>,
    Elements.Numbered<"pages/page", 4, Uint8Array>,
    Elements.Lettered<"set_alarm/high", 4, boolean>,
    Elements.Lettered<"set_alarm/low", 4, boolean>,
    Elements.Lettered<"set_alarm/volt2high", 4, number>,
    Elements.Lettered<"set_alarm/volt2low", 4, number>,
    Elements.Lettered<"set_alarm/volthigh", 4, number>,
    Elements.Lettered<"set_alarm/voltlow", 4, number>
{
  readonly "memory": Uint8Array
  readonly "power": boolean
  readonly "set_alarm/unset": boolean
}

/**
 * Properties of a DS2450.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2450 extends Family.Properties {
  readonly read: DS2450Read
  readonly write: DS2450Write
}

/**
 * DS2450, family 20: four inputs of an A/D converter.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2450: Family.Family<DS2450> = {
  codes: ["20"],
  chip: "DS2450",
  records: `
8bit/latestvolt f4L ro 12 v 0..5.12 V
8bit/latestvolt2 f4L ro 12 v 0..2.56 V
8bit/volt f4L ro 12 v 0..5.12 V
8bit/volt2 f4L ro 12 v 0..2.56 V
CO2/Vdd y ro 1 v
CO2/ppm u ro 12 v 0..5119 ppm
CO2/status f ro 12 v
PIO y4L rw 1 s
address a ro 16 f
alarm/high y4L rw 1 v
alarm/low y4L rw 1 v
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
latestvolt f4L ro 12 v 0..5.12 V
latestvolt2 f4L ro 12 v 0..2.56 V
locator a ro 16 f
memory b rw 32 v
pages/page b4 rw 8 v
power y rw 1 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
set_alarm/high y4L rw 1 s
set_alarm/low y4L rw 1 s
set_alarm/unset y wo 1 s
set_alarm/volt2high f4L rw 12 s 0..2.55 V
set_alarm/volt2low f4L rw 12 s 0..2.55 V
set_alarm/volthigh f4L rw 12 s 0..5.1 V
set_alarm/voltlow f4L rw 12 s 0..5.1 V
type a ro 32 f
volt f4L ro 12 v 0..5.12 V
volt2 f4L ro 12 v 0..2.56 V
`
}

interface DS1921Read
  extends
    CommonRead,
    Elements.Numbered<"histogram/counts", 63, number>,
    Elements.Numbered<"histogram/temperature", 63, number>,
    Elements.Numbered<"log/date", 2048, Date>,
    Elements.Numbered<"log/temperature", 2048, number>,
    Elements.Numbered<"log/udate", 2048, number>,
    Elements.Numbered<"overtemp/count", 12, number>,
    Elements.Numbered<"overtemp/date", 12, Date>,
    Elements.Numbered<"overtemp/end", 12, Date>,
    Elements.Numbered<"overtemp/udate", 12, number>,
    Elements.Numbered<"pages/page", 16, Uint8Array>,
    Elements.Numbered<"undertemp/count", 12, number>,
    Elements.Numbered<"undertemp/date", 12, Date>,
    Elements.Numbered<"undertemp/end", 12, Date>,
    Elements.Numbered<"undertemp/udate", 12, number>
{
  readonly "about/measuring": boolean
  readonly "about/resolution": number
  readonly "about/samples": number
  readonly "about/temphigh": number
  readonly "about/templow": number
  readonly "about/version": string
  readonly "alarm_dow": number
  readonly "alarm_hour": number
  readonly "alarm_minute": number
  readonly "alarm_second": number
  readonly "alarm_state": number
  readonly "alarm_trigger": number
  readonly "clock/date": Date
  readonly "clock/running": boolean
  readonly "clock/udate": number
  readonly "histogram/elements": number
  readonly "histogram/gap": number
  readonly "log/elements": number
  readonly "memory": Uint8Array
  readonly "mission/date": Date
  readonly "mission/delay": number
  readonly "mission/enable": boolean
  readonly "mission/frequency": number
  readonly "mission/rollover": boolean
  readonly "mission/running": boolean
  readonly "mission/samples": number
  readonly "mission/sampling": boolean
  readonly "mission/temphigh": boolean
  readonly "mission/templow": boolean
  readonly "mission/udate": number
  readonly "overtemp/elements": number
  readonly "overtemp/temperature": number
  readonly "set_alarm/date": boolean
  readonly "set_alarm/temphigh": boolean
  readonly "set_alarm/templow": boolean
  readonly "temperature": number
  readonly "undertemp/elements": number
  readonly "undertemp/temperature": number
}

interface DS1921Write extends CommonWrite, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "alarm_dow": number
  readonly "alarm_hour": number
  readonly "alarm_minute": number
  readonly "alarm_second": number
  readonly "alarm_state": number
  readonly "alarm_trigger": number
  readonly "clock/date": Date
  readonly "clock/running": boolean
  readonly "clock/udate": number
  readonly "memory": Uint8Array
  readonly "mission/clear": boolean
  readonly "mission/delay": number
  readonly "mission/easystart": number
  readonly "mission/enable": boolean
  readonly "mission/frequency": number
  readonly "mission/rollover": boolean
  readonly "mission/running": boolean
  readonly "mission/temphigh": boolean
  readonly "mission/templow": boolean
  readonly "overtemp/temperature": number
  readonly "set_alarm/date": boolean
  readonly "set_alarm/temphigh": boolean
  readonly "set_alarm/templow": boolean
  readonly "undertemp/temperature": number
}

/**
 * Properties of a DS1921.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1921 extends Family.Properties {
  readonly read: DS1921Read
  readonly write: DS1921Write
}

/**
 * DS1921, family 21: a Thermochron, which logs temperatures.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1921: Family.Family<DS1921> = {
  codes: ["21"],
  chip: "DS1921",
  records: `
about/measuring y ro 1 v
about/resolution g ro 12 f 0.125..0.5
about/samples u ro 12 v 0..16777215
about/temphigh t ro 12 f 26..85
about/templow t ro 12 f -40..15
about/version a ro 11 s
address a ro 16 f
alarm_dow u rw 12 s 0..7
alarm_hour u rw 12 s 0..114
alarm_minute u rw 12 s 0..89
alarm_second u rw 12 s 0..89
alarm_state u rw 12 s 0..255
alarm_trigger u rw 12 s 0..4
alias l rw 256 f
clock/date d rw 24 t
clock/running y rw 1 v
clock/udate u rw 12 t 0..4294967295
crc8 a ro 2 f
family a ro 2 f
histogram/counts u63 ro 12 v 0..65535
histogram/elements u ro 12 f 63..63
histogram/gap g ro 12 f 0.5..2
histogram/temperature t63 ro 12 f -40..84
id a ro 12 f
locator a ro 16 f
log/date d2048 ro 24 v
log/elements u ro 12 v 0..2048
log/temperature t2048 ro 12 v -40..87.5
log/udate u2048 ro 12 v 0..4294967295
memory b rw 512 v
mission/clear y wo 1 v
mission/date d ro 24 v
mission/delay u rw 12 v 0..65535 min
mission/easystart u wo 12 s 0..255 min
mission/enable y rw 1 v
mission/frequency u rw 12 v 0..255 min
mission/rollover y rw 1 v
mission/running y rw 1 v
mission/samples u ro 12 v 0..16777215
mission/sampling y ro 1 v
mission/temphigh y rw 1 v
mission/templow y rw 1 v
mission/udate u ro 12 v 0..4294967295
overtemp/count u12 ro 12 v 0..255
overtemp/date d12 ro 24 v
overtemp/elements u ro 12 v 0..12
overtemp/end d12 ro 24 v
overtemp/temperature t rw 12 s -40..87.5
overtemp/udate u12 ro 12 v 0..4294967295
pages/page b16 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
set_alarm/date y rw 1 v
set_alarm/temphigh y rw 1 v
set_alarm/templow y rw 1 v
set_alarm/trigger y oo 1 v
temperature t ro 12 v -40..87.5
type a ro 32 f
undertemp/count u12 ro 12 v 0..255
undertemp/date d12 ro 24 v
undertemp/elements u ro 12 v 0..12
undertemp/end d12 ro 24 v
undertemp/temperature t rw 12 s -40..87.5
undertemp/udate u12 ro 12 v 0..4294967295
`
}

interface DS1822Read extends CommonRead {
  readonly "errata/die": string
  readonly "errata/trim": number
  readonly "errata/trimblanket": boolean
  readonly "errata/trimvalid": boolean
  readonly "fasttemp": number
  readonly "latesttemp": number
  readonly "power": boolean
  readonly "scratchpad": Uint8Array
  readonly "temperature": number
  readonly "temperature10": number
  readonly "temperature11": number
  readonly "temperature12": number
  readonly "temperature9": number
  readonly "temphigh": number
  readonly "templow": number
  readonly "tempres": number
}

interface DS1822Write extends CommonWrite {
  readonly "errata/trim": number
  readonly "errata/trimblanket": boolean
  readonly "temphigh": number
  readonly "templow": number
  readonly "tempres": number
}

/**
 * Properties of a DS1822.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1822 extends Family.Properties {
  readonly read: DS1822Read
  readonly write: DS1822Write
}

/**
 * DS1822, family 22: a thermometer of 9 to 12 bits and less accuracy.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1822: Family.Family<DS1822> = {
  codes: ["22"],
  chip: "DS1822",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
errata/die a ro 2 f
errata/trim u rw 12 v 0..65535
errata/trimblanket y rw 1 v
errata/trimvalid y ro 1 v
family a ro 2 f
fasttemp t ro 12 v -55..125
id a ro 12 f
latesttemp t ro 12 v -55..125
locator a ro 16 f
power y ro 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
scratchpad b ro 9 v
temperature t ro 12 v -55..125
temperature10 t ro 12 v -55..125
temperature11 t ro 12 v -55..125
temperature12 t ro 12 v -55..125
temperature9 t ro 12 v -55..125
temphigh t rw 12 s -128..127
templow t rw 12 s -128..127
tempres u rw 12 s 9..12 bit
type a ro 32 f
`
}

interface DS2433Read extends CommonRead, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "memory": Uint8Array
}

interface DS2433Write extends CommonWrite, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS2433.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2433 extends Family.Properties {
  readonly read: DS2433Read
  readonly write: DS2433Write
}

/**
 * DS2433, family 23: 4 kbit of EEPROM.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2433: Family.Family<DS2433> = {
  codes: ["23"],
  chip: "DS2433",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 512 v
pages/page b16 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS2415Read extends CommonRead {
  readonly "date": Date
  readonly "running": boolean
  readonly "udate": number
  readonly "user": number
}

interface DS2415Write extends CommonWrite {
  readonly "date": Date
  readonly "running": boolean
  readonly "udate": number
  readonly "user": number
}

/**
 * Properties of a DS2415.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2415 extends Family.Properties {
  readonly read: DS2415Read
  readonly write: DS2415Write
}

/**
 * DS2415, family 24: a clock.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2415: Family.Family<DS2415> = {
  codes: ["24"],
  chip: "DS2415",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
date d rw 24 v
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
running y rw 1 v
type a ro 32 f
udate u rw 12 t 0..4294967295
user u rw 12 v 0..15
`
}

interface DS2438Read extends CommonRead, Elements.Numbered<"pages/page", 8, Uint8Array> {
  readonly "B1-R1-A/gain": number
  readonly "B1-R1-A/offset": number
  readonly "B1-R1-A/pressure": number
  readonly "CA": boolean
  readonly "DATANAB/humidity": number
  readonly "EE": boolean
  readonly "HIH3600/humidity": number
  readonly "HIH4000/humidity": number
  readonly "HIH5030/humidity": number
  readonly "HTM1735/humidity": number
  readonly "IAD": boolean
  readonly "MultiSensor/type": string
  readonly "S3-R1-A/current": number
  readonly "S3-R1-A/gain": number
  readonly "S3-R1-A/illuminance": number
  readonly "VAD": number
  readonly "VDD": number
  readonly "date": Date
  readonly "disconnect/date": Date
  readonly "disconnect/udate": number
  readonly "endcharge/date": Date
  readonly "endcharge/udate": number
  readonly "humidity": number
  readonly "latesttemp": number
  readonly "offset": number
  readonly "temperature": number
  readonly "udate": number
  readonly "vis": number
}

interface DS2438Write extends CommonWrite, Elements.Numbered<"pages/page", 8, Uint8Array> {
  readonly "B1-R1-A/gain": number
  readonly "B1-R1-A/offset": number
  readonly "CA": boolean
  readonly "DATANAB/reset": boolean
  readonly "EE": boolean
  readonly "IAD": boolean
  readonly "S3-R1-A/gain": number
  readonly "date": Date
  readonly "disconnect/date": Date
  readonly "disconnect/udate": number
  readonly "endcharge/date": Date
  readonly "endcharge/udate": number
  readonly "offset": number
  readonly "udate": number
}

/**
 * Properties of a DS2438.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2438 extends Family.Properties {
  readonly read: DS2438Read
  readonly write: DS2438Write
}

/**
 * DS2438, families 26 and A6: a battery monitor, in many sensors of humidity, light and pressure.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2438: Family.Family<DS2438> = {
  codes: ["26", "A6"],
  chip: "DS2438",
  records: `
B1-R1-A/gain p rw 12 s -32.767..32.767 ~
B1-R1-A/offset p rw 12 s -1638.35..1638.35
B1-R1-A/pressure p ro 12 v
CA y rw 1 s
DATANAB/humidity f ro 12 v -5..105 %RH -
DATANAB/reset y wo 1 s -
EE y rw 1 s
HIH3600/humidity f ro 12 v -5..105 %RH
HIH4000/humidity f ro 12 v -5..105 %RH
HIH5030/humidity f ro 12 v -5..105 %RH
HTM1735/humidity f ro 12 v -5..105 %RH
IAD y rw 1 s
MultiSensor/type a ro 12 s
S3-R1-A/current f ro 12 v -641.03..641.03 µA
S3-R1-A/gain f rw 12 s 0..6553.5 lux/µA
S3-R1-A/illuminance f ro 12 v 1..4200990 lux
VAD f ro 12 v 0..10.23 V
VDD f ro 12 v 0..10.23 V
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
date d rw 24 v
disconnect/date d rw 24 v
disconnect/udate u rw 12 v 0..4294967295
endcharge/date d rw 24 v
endcharge/udate u rw 12 v 0..4294967295
family a ro 2 f
humidity f ro 12 v -5..105 %RH
id a ro 12 f
latesttemp t ro 12 v -55..125
locator a ro 16 f
offset u rw 12 s
pages/page b8 rw 8 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
temperature t ro 12 v -55..125
type a ro 32 f
udate u rw 12 t 0..4294967295
vis f ro 12 v -0.25..0.25 V
`
}

interface DS2417Read extends CommonRead {
  readonly "date": Date
  readonly "enable": boolean
  readonly "interval": number
  readonly "itime": number
  readonly "running": boolean
  readonly "udate": number
}

interface DS2417Write extends CommonWrite {
  readonly "date": Date
  readonly "enable": boolean
  readonly "interval": number
  readonly "itime": number
  readonly "running": boolean
  readonly "udate": number
}

/**
 * Properties of a DS2417.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2417 extends Family.Properties {
  readonly read: DS2417Read
  readonly write: DS2417Write
}

/**
 * DS2417, family 27: a clock with an interval interrupt.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2417: Family.Family<DS2417> = {
  codes: ["27"],
  chip: "DS2417",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
date d rw 24 v
enable y rw 1 v
family a ro 2 f
id a ro 12 f
interval i rw 12 v 0..7
itime i rw 12 v 0..131072 s
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
running y rw 1 v
type a ro 32 f
udate u rw 12 t 0..4294967295
`
}

interface DS18B20Read extends CommonRead {
  readonly "errata/die": string
  readonly "errata/trim": number
  readonly "errata/trimblanket": boolean
  readonly "errata/trimvalid": boolean
  readonly "fasttemp": number
  readonly "latesttemp": number
  readonly "power": boolean
  readonly "scratchpad": Uint8Array
  readonly "temperature": number
  readonly "temperature10": number
  readonly "temperature11": number
  readonly "temperature12": number
  readonly "temperature9": number
  readonly "temphigh": number
  readonly "templow": number
  readonly "tempres": number
}

interface DS18B20Write extends CommonWrite {
  readonly "errata/trim": number
  readonly "errata/trimblanket": boolean
  readonly "temphigh": number
  readonly "templow": number
  readonly "tempres": number
}

/**
 * Properties of a DS18B20.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS18B20 extends Family.Properties {
  readonly read: DS18B20Read
  readonly write: DS18B20Write
}

/**
 * DS18B20, family 28: a thermometer of 9 to 12 bits.
 *
 * @category families
 * @since 0.1.0
 */
export const DS18B20: Family.Family<DS18B20> = {
  codes: ["28"],
  chip: "DS18B20",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
errata/die a ro 2 f
errata/trim u rw 12 v 0..65535
errata/trimblanket y rw 1 v
errata/trimvalid y ro 1 v
family a ro 2 f
fasttemp t ro 12 v -55..125
id a ro 12 f
latesttemp t ro 12 v -55..125
locator a ro 16 f
power y ro 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
scratchpad b ro 9 v
temperature t ro 12 v -55..125
temperature10 t ro 12 v -55..125
temperature11 t ro 12 v -55..125
temperature12 t ro 12 v -55..125
temperature9 t ro 12 v -55..125
temphigh t rw 12 s -128..127
templow t rw 12 s -128..127
tempres u rw 12 s 9..12 bit
type a ro 32 f
`
}

interface DS2408Read
  extends
    CommonRead,
    Elements.NumberedBits<"PIO", 8>,
    Elements.NumberedBits<"latch", 8>,
    Elements.NumberedBits<"sensed", 8>
{
  readonly "por": boolean
  readonly "power": boolean
  readonly "set_alarm": number
  readonly "strobe": boolean
}

interface DS2408Write
  extends
    CommonWrite,
    Elements.Numbered<"LCD_H/redefchar", 8, Uint8Array>,
    Elements.Numbered<"LCD_H/redefchar_hex", 8, Uint8Array>,
    Elements.NumberedBits<"PIO", 8>,
    Elements.NumberedBits<"latch", 8>
{
  readonly "LCD_H/clear": boolean
  readonly "LCD_H/home": boolean
  readonly "LCD_H/message": string
  readonly "LCD_H/onoff": number
  readonly "LCD_H/screen": string
  readonly "LCD_H/screenyx": string
  readonly "LCD_M/clear": boolean
  readonly "LCD_M/home": boolean
  readonly "LCD_M/message": string
  readonly "LCD_M/screen": string
  readonly "out_of_testmode": boolean
  readonly "por": boolean
  readonly "set_alarm": number
  readonly "strobe": boolean
}

/**
 * Properties of a DS2408.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2408 extends Family.Properties {
  readonly read: DS2408Read
  readonly write: DS2408Write
}

/**
 * DS2408, family 29: eight switches, which also drive displays.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2408: Family.Family<DS2408> = {
  codes: ["29"],
  chip: "DS2408",
  records: `
LCD_H/clear y wo 1 s
LCD_H/home y wo 1 s
LCD_H/message a wo 128 s
LCD_H/onoff u wo 12 s
LCD_H/redefchar b8 wo 8 s
LCD_H/redefchar_hex b8 wo 8 s
LCD_H/screen a wo 128 s
LCD_H/screenyx a wo 128 s
LCD_M/clear y wo 1 s
LCD_M/home y wo 1 s
LCD_M/message a wo 128 s
LCD_M/screen a wo 128 s
PIO y8B rw 1 s
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
latch y8B rw 1 v
locator a ro 16 f
out_of_testmode y wo 1 v
por y rw 1 s
power y ro 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sensed y8B ro 1 v
set_alarm u rw 12 s 0..333333333
strobe y rw 1 s
type a ro 32 f
`
}

interface DS2890Read extends CommonRead {
  readonly "chargepump": boolean
  readonly "wiper": number
}

interface DS2890Write extends CommonWrite {
  readonly "chargepump": boolean
  readonly "wiper": number
}

/**
 * Properties of a DS2890.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2890 extends Family.Properties {
  readonly read: DS2890Read
  readonly write: DS2890Write
}

/**
 * DS2890, family 2C: a digital potentiometer.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2890: Family.Family<DS2890> = {
  codes: ["2C"],
  chip: "DS2890",
  records: `
address a ro 16 f
alias l rw 256 f
chargepump y rw 1 s
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
wiper u rw 12 s 0..255
`
}

interface DS2431Read extends CommonRead, Elements.Numbered<"pages/page", 4, Uint8Array> {
  readonly "memory": Uint8Array
}

interface DS2431Write extends CommonWrite, Elements.Numbered<"pages/page", 4, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS2431.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2431 extends Family.Properties {
  readonly read: DS2431Read
  readonly write: DS2431Write
}

/**
 * DS2431, family 2D: 1 kbit of EEPROM.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2431: Family.Family<DS2431> = {
  codes: ["2D"],
  chip: "DS2431",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 128 v
pages/page b4 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS2770Read
  extends CommonRead, Elements.Numbered<"lock", 3, boolean>, Elements.Numbered<"pages/page", 3, Uint8Array>
{
  readonly "amphours": number
  readonly "cini": boolean
  readonly "cstat0": boolean
  readonly "cstat1": boolean
  readonly "ctype": boolean
  readonly "current": number
  readonly "currentbias": number
  readonly "defaultpmod": boolean
  readonly "memory": Uint8Array
  readonly "pmod": boolean
  readonly "temperature": number
  readonly "timer": number
  readonly "typeB/range_high": number
  readonly "typeB/range_low": number
  readonly "typeB/temperature": number
  readonly "typeE/range_high": number
  readonly "typeE/range_low": number
  readonly "typeE/temperature": number
  readonly "typeJ/range_high": number
  readonly "typeJ/range_low": number
  readonly "typeJ/temperature": number
  readonly "typeK/range_high": number
  readonly "typeK/range_low": number
  readonly "typeK/temperature": number
  readonly "typeN/range_high": number
  readonly "typeN/range_low": number
  readonly "typeN/temperature": number
  readonly "typeR/range_high": number
  readonly "typeR/range_low": number
  readonly "typeR/temperature": number
  readonly "typeS/range_high": number
  readonly "typeS/range_low": number
  readonly "typeS/temperature": number
  readonly "typeT/range_high": number
  readonly "typeT/range_low": number
  readonly "typeT/temperature": number
  readonly "vbias": number
  readonly "vis": number
  readonly "volt": number
  readonly "volthours": number
}

interface DS2770Write
  extends CommonWrite, Elements.Numbered<"lock", 3, boolean>, Elements.Numbered<"pages/page", 3, Uint8Array>
{
  readonly "amphours": number
  readonly "charge": boolean
  readonly "cini": boolean
  readonly "cstat0": boolean
  readonly "cstat1": boolean
  readonly "ctype": boolean
  readonly "currentbias": number
  readonly "defaultpmod": boolean
  readonly "memory": Uint8Array
  readonly "pmod": boolean
  readonly "refresh": boolean
  readonly "timer": number
  readonly "vbias": number
  readonly "volthours": number
}

/**
 * Properties of a DS2770.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2770 extends Family.Properties {
  readonly read: DS2770Read
  readonly write: DS2770Write
}

/**
 * DS2770, family 2E: a battery monitor and charge controller.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2770: Family.Family<DS2770> = {
  codes: ["2E"],
  chip: "DS2770",
  records: `
address a ro 16 f
alias l rw 256 f
amphours f rw 12 v -8.192..8.19175 Ah
charge y wo 1 s
cini y rw 1 s
crc8 a ro 2 f
cstat0 y rw 1 s
cstat1 y rw 1 s
ctype y rw 1 s
current f ro 12 v A
currentbias f rw 12 v A
defaultpmod y rw 1 s
family a ro 2 f
id a ro 12 f
locator a ro 16 f
lock y3 rw 1 s
memory b rw 256 v
pages/page b3 rw 16 v
pmod y rw 1 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
refresh y wo 1 s
temperature t ro 12 v -128..127.875
timer f rw 12 v h
type a ro 32 f
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v 0..1820
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v -270..1000
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v -210..1200
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v -270..1370
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v -270..1300
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v -50..1760
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v -50..1760
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v -270..400
vbias f rw 12 s V
vis f ro 12 v V
volt f ro 12 v 0..4.99224 V
volthours f rw 12 v -0.2048..0.204794 Vh
`
}

interface DS2760Read
  extends CommonRead, Elements.Numbered<"lock", 2, boolean>, Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "WS603/LED/model": number
  readonly "WS603/LED/status": number
  readonly "WS603/calibration/direction": number
  readonly "WS603/calibration/wind_speed": number
  readonly "WS603/direction": number
  readonly "WS603/light/intensity": number
  readonly "WS603/light/threshold": number
  readonly "WS603/temperature": number
  readonly "WS603/volt": number
  readonly "WS603/wind_speed": number
  readonly "amphours": number
  readonly "cc": boolean
  readonly "ce": boolean
  readonly "coc": boolean
  readonly "current": number
  readonly "currentbias": number
  readonly "dc": boolean
  readonly "de": boolean
  readonly "defaultpmod": boolean
  readonly "defaultswen": boolean
  readonly "doc": boolean
  readonly "memory": Uint8Array
  readonly "mstr": boolean
  readonly "ov": boolean
  readonly "pmod": boolean
  readonly "ps": boolean
  readonly "sensed": boolean
  readonly "swen": boolean
  readonly "temperature": number
  readonly "typeB/range_high": number
  readonly "typeB/range_low": number
  readonly "typeB/temperature": number
  readonly "typeE/range_high": number
  readonly "typeE/range_low": number
  readonly "typeE/temperature": number
  readonly "typeJ/range_high": number
  readonly "typeJ/range_low": number
  readonly "typeJ/temperature": number
  readonly "typeK/range_high": number
  readonly "typeK/range_low": number
  readonly "typeK/temperature": number
  readonly "typeN/range_high": number
  readonly "typeN/range_low": number
  readonly "typeN/temperature": number
  readonly "typeR/range_high": number
  readonly "typeR/range_low": number
  readonly "typeR/temperature": number
  readonly "typeS/range_high": number
  readonly "typeS/range_low": number
  readonly "typeS/temperature": number
  readonly "typeT/range_high": number
  readonly "typeT/range_low": number
  readonly "typeT/temperature": number
  readonly "uv": boolean
  readonly "vbias": number
  readonly "vis": number
  readonly "volt": number
  readonly "volthours": number
}

interface DS2760Write
  extends
    CommonWrite,
    Elements.Numbered<"WS603/LED/control", 4, number>,
    Elements.Numbered<"lock", 2, boolean>,
    Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "PIO": boolean
  readonly "WS603/calibration/direction": number
  readonly "WS603/calibration/wind_speed": number
  readonly "amphours": number
  readonly "cc": boolean
  readonly "ce": boolean
  readonly "coc": boolean
  readonly "currentbias": number
  readonly "dc": boolean
  readonly "de": boolean
  readonly "defaultpmod": boolean
  readonly "defaultswen": boolean
  readonly "doc": boolean
  readonly "memory": Uint8Array
  readonly "ov": boolean
  readonly "ps": boolean
  readonly "uv": boolean
  readonly "vbias": number
  readonly "volthours": number
}

/**
 * Properties of a DS2760.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2760 extends Family.Properties {
  readonly read: DS2760Read
  readonly write: DS2760Write
}

/**
 * DS2760, family 30: a monitor of lithium batteries, also in the wind station WS603.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2760: Family.Family<DS2760> = {
  codes: ["30"],
  chip: "DS2760",
  records: `
PIO y wo 1 v
WS603/LED/control u4 wo 12 s 0..255
WS603/LED/model u ro 12 v 0..255
WS603/LED/status u ro 12 v 0..255
WS603/calibration/direction u rw 12 v 0..255
WS603/calibration/wind_speed u rw 12 v 0..255 %
WS603/direction u ro 12 v 0..255
WS603/light/intensity u ro 12 v 0..255
WS603/light/threshold u ro 12 v 0..255
WS603/temperature t ro 12 v -128..127.875
WS603/volt u ro 12 v 0..255
WS603/wind_speed f ro 12 v 0..369.7
address a ro 16 f
alias l rw 256 f
amphours f rw 12 v -8.192..8.19175 Ah
cc y rw 1 v
ce y rw 1 v
coc y rw 1 v
crc8 a ro 2 f
current f ro 12 v -2.56..2.56 A
currentbias f rw 12 v -0.08..0.079375 A
dc y rw 1 v
de y rw 1 v
defaultpmod y rw 1 s
defaultswen y rw 1 s
doc y rw 1 v
family a ro 2 f
id a ro 12 f
locator a ro 16 f
lock y2 rw 1 s
memory b rw 256 v
mstr y ro 1 v
ov y rw 1 v
pages/page b2 rw 16 v
pmod y ro 1 s
ps y rw 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sensed y ro 1 v
swen y ro 1 s
temperature t ro 12 v -128..127.875
type a ro 32 f
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v 0..1820
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v -270..1000
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v -210..1200
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v -270..1370
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v -270..1300
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v -50..1760
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v -50..1760
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v -270..400
uv y rw 1 v
vbias f rw 12 s -0.002..0.001985 V
vis f ro 12 v -0.064..0.064 V
volt f ro 12 v 0..4.99224 V
volthours f rw 12 v -0.2048..0.204794 Vh
`
}

interface DS2720Read
  extends CommonRead, Elements.Numbered<"lock", 2, boolean>, Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "cc": boolean
  readonly "ce": boolean
  readonly "dc": boolean
  readonly "de": boolean
  readonly "doc": boolean
  readonly "memory": Uint8Array
  readonly "ot": boolean
  readonly "ov": boolean
  readonly "psf": boolean
  readonly "uv": boolean
}

interface DS2720Write
  extends CommonWrite, Elements.Numbered<"lock", 2, boolean>, Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "cc": boolean
  readonly "ce": boolean
  readonly "dc": boolean
  readonly "de": boolean
  readonly "doc": boolean
  readonly "memory": Uint8Array
  readonly "ot": boolean
  readonly "ov": boolean
  readonly "psf": boolean
  readonly "uv": boolean
}

/**
 * Properties of a DS2720.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2720 extends Family.Properties {
  readonly read: DS2720Read
  readonly write: DS2720Write
}

/**
 * DS2720, family 31: a protection of lithium batteries.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2720: Family.Family<DS2720> = {
  codes: ["31"],
  chip: "DS2720",
  records: `
address a ro 16 f
alias l rw 256 f
cc y rw 1 v
ce y rw 1 v
crc8 a ro 2 f
dc y rw 1 v
de y rw 1 v
doc y rw 1 v
family a ro 2 f
id a ro 12 f
locator a ro 16 f
lock y2 rw 1 s
memory b rw 256 v
ot y rw 1 v
ov y rw 1 v
pages/page b2 rw 4 v
psf y rw 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
uv y rw 1 v
`
}

interface DS2780Read
  extends CommonRead, Elements.Numbered<"lock", 2, boolean>, Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "aef": boolean
  readonly "chgtf": boolean
  readonly "dc": boolean
  readonly "learnf": boolean
  readonly "memory": Uint8Array
  readonly "nben": boolean
  readonly "pmod": boolean
  readonly "porf": boolean
  readonly "rnaop": boolean
  readonly "sef": boolean
  readonly "sensed": boolean
  readonly "temperature": number
  readonly "typeB/range_high": number
  readonly "typeB/range_low": number
  readonly "typeB/temperature": number
  readonly "typeE/range_high": number
  readonly "typeE/range_low": number
  readonly "typeE/temperature": number
  readonly "typeJ/range_high": number
  readonly "typeJ/range_low": number
  readonly "typeJ/temperature": number
  readonly "typeK/range_high": number
  readonly "typeK/range_low": number
  readonly "typeK/temperature": number
  readonly "typeN/range_high": number
  readonly "typeN/range_low": number
  readonly "typeN/temperature": number
  readonly "typeR/range_high": number
  readonly "typeR/range_low": number
  readonly "typeR/temperature": number
  readonly "typeS/range_high": number
  readonly "typeS/range_low": number
  readonly "typeS/temperature": number
  readonly "typeT/range_high": number
  readonly "typeT/range_low": number
  readonly "typeT/temperature": number
  readonly "uven": boolean
  readonly "uvf": boolean
  readonly "vbias": number
  readonly "vis": number
  readonly "vis_avg": number
  readonly "volt": number
  readonly "volthours": number
}

interface DS2780Write
  extends CommonWrite, Elements.Numbered<"lock", 2, boolean>, Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "PIO": boolean
  readonly "aef": boolean
  readonly "chgtf": boolean
  readonly "dc": boolean
  readonly "learnf": boolean
  readonly "memory": Uint8Array
  readonly "nben": boolean
  readonly "pmod": boolean
  readonly "porf": boolean
  readonly "rnaop": boolean
  readonly "sef": boolean
  readonly "uven": boolean
  readonly "uvf": boolean
  readonly "vbias": number
  readonly "volthours": number
}

/**
 * Properties of a DS2780.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2780 extends Family.Properties {
  readonly read: DS2780Read
  readonly write: DS2780Write
}

/**
 * DS2780, family 32: a fuel gauge.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2780: Family.Family<DS2780> = {
  codes: ["32"],
  chip: "DS2780",
  records: `
PIO y wo 1 v
address a ro 16 f
aef y rw 1 v
alias l rw 256 f
chgtf y rw 1 v
crc8 a ro 2 f
dc y rw 1 v
family a ro 2 f
id a ro 12 f
learnf y rw 1 v
locator a ro 16 f
lock y2 rw 1 s
memory b rw 256 v
nben y rw 1 v
pages/page b2 rw 16 v
pmod y rw 1 v
porf y rw 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
rnaop y rw 1 v
sef y rw 1 v
sensed y ro 1 v
temperature t ro 12 v -128..127.875
type a ro 32 f
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v 0..1820
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v -270..1000
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v -210..1200
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v -270..1370
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v -270..1300
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v -50..1760
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v -50..1760
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v -270..400
uven y rw 1 v
uvf y rw 1 v
vbias f rw 12 s -0.0002..0.0001985 V
vis f ro 12 v -0.0512..0.0512 V
vis_avg f ro 12 v -0.0512..0.0512 V
volt f ro 12 v 0..4.99224 V
volthours f rw 12 v Vh
`
}

interface DS2755Read
  extends CommonRead, Elements.Numbered<"lock", 3, boolean>, Elements.Numbered<"pages/page", 3, Uint8Array>
{
  readonly "alarm_set": number
  readonly "defaultpmod": boolean
  readonly "ios": boolean
  readonly "memory": Uint8Array
  readonly "ovd": boolean
  readonly "pie0": boolean
  readonly "pie1": boolean
  readonly "pmod": boolean
  readonly "por": boolean
  readonly "rnaop": boolean
  readonly "sensed": boolean
  readonly "temperature": number
  readonly "typeB/range_high": number
  readonly "typeB/range_low": number
  readonly "typeB/temperature": number
  readonly "typeE/range_high": number
  readonly "typeE/range_low": number
  readonly "typeE/temperature": number
  readonly "typeJ/range_high": number
  readonly "typeJ/range_low": number
  readonly "typeJ/temperature": number
  readonly "typeK/range_high": number
  readonly "typeK/range_low": number
  readonly "typeK/temperature": number
  readonly "typeN/range_high": number
  readonly "typeN/range_low": number
  readonly "typeN/temperature": number
  readonly "typeR/range_high": number
  readonly "typeR/range_low": number
  readonly "typeR/temperature": number
  readonly "typeS/range_high": number
  readonly "typeS/range_low": number
  readonly "typeS/temperature": number
  readonly "typeT/range_high": number
  readonly "typeT/range_low": number
  readonly "typeT/temperature": number
  readonly "uben": boolean
  readonly "uven": boolean
  readonly "vbias": number
  readonly "vis": number
  readonly "vis_avg": number
  readonly "volt": number
  readonly "volthours": number
}

interface DS2755Write
  extends CommonWrite, Elements.Numbered<"lock", 3, boolean>, Elements.Numbered<"pages/page", 3, Uint8Array>
{
  readonly "PIO": boolean
  readonly "alarm_set": number
  readonly "defaultpmod": boolean
  readonly "ios": boolean
  readonly "memory": Uint8Array
  readonly "ovd": boolean
  readonly "por": boolean
  readonly "uben": boolean
  readonly "uven": boolean
  readonly "vbias": number
  readonly "volthours": number
}

/**
 * Properties of a DS2755.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2755 extends Family.Properties {
  readonly read: DS2755Read
  readonly write: DS2755Write
}

/**
 * DS2755, family 35: a battery fuel gauge.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2755: Family.Family<DS2755> = {
  codes: ["35"],
  chip: "DS2755",
  records: `
PIO y wo 1 v
address a ro 16 f
alarm_set f rw 12 v -128..127
alias l rw 256 f
crc8 a ro 2 f
defaultpmod y rw 1 s
family a ro 2 f
id a ro 12 f
ios y rw 1 s
locator a ro 16 f
lock y3 rw 1 s
memory b rw 256 v
ovd y rw 1 s
pages/page b3 rw 32 v
pie0 y ro 1 s
pie1 y ro 1 s
pmod y ro 1 s
por y rw 1 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
rnaop y ro 1 s
sensed y ro 1 v
temperature t ro 12 v -128..127.875
type a ro 32 f
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v 0..1820
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v -270..1000
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v -210..1200
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v -270..1370
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v -270..1300
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v -50..1760
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v -50..1760
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v -270..400
uben y rw 1 s
uven y rw 1 s
vbias f rw 12 s -0.0002496..0.00024765 V
vis f ro 12 v -0.064..0.064 V
vis_avg f ro 12 v -0.064..0.064 V
volt f ro 12 v 0..4.99224 V
volthours f rw 12 v -0.2048..0.204794 Vh
`
}

interface DS2740Read extends CommonRead {
  readonly "PIO": boolean
  readonly "memory": Uint8Array
  readonly "smod": boolean
  readonly "vis": number
  readonly "vis_B": number
  readonly "volthours": number
}

interface DS2740Write extends CommonWrite {
  readonly "PIO": boolean
  readonly "memory": Uint8Array
  readonly "smod": boolean
  readonly "volthours": number
}

/**
 * Properties of a DS2740.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2740 extends Family.Properties {
  readonly read: DS2740Read
  readonly write: DS2740Write
}

/**
 * DS2740, family 36: a coulomb counter.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2740: Family.Family<DS2740> = {
  codes: ["36"],
  chip: "DS2740",
  records: `
PIO y rw 1 v
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 256 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
smod y rw 1 v
type a ro 32 f
vis f ro 12 v V
vis_B f ro 12 v V
volthours f rw 12 v -0.2048..0.204794 Vh
`
}

interface DS1977Read extends CommonRead, Elements.Numbered<"pages/page", 511, Uint8Array> {
  readonly "memory": Uint8Array
  readonly "set_password/enabled": boolean
  readonly "version": number
}

interface DS1977Write extends CommonWrite, Elements.Numbered<"pages/page", 511, Uint8Array> {
  readonly "memory": Uint8Array
  readonly "set_password/enabled": boolean
  readonly "set_password/full": Uint8Array
  readonly "set_password/read": Uint8Array
  readonly "use_password/full": Uint8Array
  readonly "use_password/read": Uint8Array
}

/**
 * Properties of a DS1977.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1977 extends Family.Properties {
  readonly read: DS1977Read
  readonly write: DS1977Write
}

/**
 * DS1977, family 37: an iButton with 32 kB of protected EEPROM.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1977: Family.Family<DS1977> = {
  codes: ["37"],
  chip: "DS1977",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 32704 v
pages/page b511 rw 64 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
set_password/enabled y rw 1 s
set_password/full b wo 8 s
set_password/read b wo 8 s
type a ro 32 f
use_password/full b wo 8 s
use_password/read b wo 8 s
version u ro 12 s
`
}

interface DS2413Read extends CommonRead, Elements.LetteredBits<"PIO", 2>, Elements.LetteredBits<"sensed", 2> {}

interface DS2413Write extends CommonWrite, Elements.LetteredBits<"PIO", 2> {}

/**
 * Properties of a DS2413.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2413 extends Family.Properties {
  readonly read: DS2413Read
  readonly write: DS2413Write
}

/**
 * DS2413, family 3A: two switches.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2413: Family.Family<DS2413> = {
  codes: ["3A"],
  chip: "DS2413",
  records: `
PIO y2BL rw 1 v
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sensed y2BL ro 1 v
type a ro 32 f
`
}

interface DS1825Read extends CommonRead, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "fasttemp": number
  readonly "fault": boolean
  readonly "ground_short": boolean
  readonly "latesttemp": number
  readonly "memory": Uint8Array
  readonly "open_circuit": boolean
  readonly "power": boolean
  readonly "prog_addr": number
  readonly "scratchpad": Uint8Array
  readonly "temperature": number
  readonly "temperature10": number
  readonly "temperature11": number
  readonly "temperature12": number
  readonly "temperature9": number
  readonly "temphigh": number
  readonly "templow": number
  readonly "tempres": number
  readonly "thermocouple": number
  readonly "vdd_short": boolean
}

interface DS1825Write extends CommonWrite, Elements.Numbered<"pages/page", 16, Uint8Array> {
  readonly "memory": Uint8Array
  readonly "temphigh": number
  readonly "templow": number
  readonly "tempres": number
}

/**
 * Properties of a DS1825.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1825 extends Family.Properties {
  readonly read: DS1825Read
  readonly write: DS1825Write
}

/**
 * DS1825, family 3B: a thermometer with an address of four bits; also MAX31826, and MAX31850 for thermocouples.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1825: Family.Family<DS1825> = {
  codes: ["3B"],
  chip: "DS1825",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
fasttemp t ro 12 v -55..125 -
fault y ro 1 v
ground_short y ro 1 v
id a ro 12 f
latesttemp t ro 12 v -55..125
locator a ro 16 f
memory b rw 128 v -
open_circuit y ro 1 v
pages/page b16 rw 8 v -
power y ro 1 v
prog_addr u ro 12 s 0..15
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
scratchpad b ro 9 v
temperature t ro 12 v -55..125
temperature10 t ro 12 v -55..125 -
temperature11 t ro 12 v -55..125 -
temperature12 t ro 12 v -55..125
temperature9 t ro 12 v -55..125 -
temphigh t rw 12 s -128..127 -
templow t rw 12 s -128..127 -
tempres u rw 12 s 9..12 bit
thermocouple t ro 12 v ~
type a ro 32 f
vdd_short y ro 1 v
`
}

interface DS2781Read
  extends CommonRead, Elements.Numbered<"lock", 2, boolean>, Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "aef": boolean
  readonly "memory": Uint8Array
  readonly "pmod": boolean
  readonly "porf": boolean
  readonly "sef": boolean
  readonly "sensed": boolean
  readonly "temperature": number
  readonly "typeB/range_high": number
  readonly "typeB/range_low": number
  readonly "typeB/temperature": number
  readonly "typeE/range_high": number
  readonly "typeE/range_low": number
  readonly "typeE/temperature": number
  readonly "typeJ/range_high": number
  readonly "typeJ/range_low": number
  readonly "typeJ/temperature": number
  readonly "typeK/range_high": number
  readonly "typeK/range_low": number
  readonly "typeK/temperature": number
  readonly "typeN/range_high": number
  readonly "typeN/range_low": number
  readonly "typeN/temperature": number
  readonly "typeR/range_high": number
  readonly "typeR/range_low": number
  readonly "typeR/temperature": number
  readonly "typeS/range_high": number
  readonly "typeS/range_low": number
  readonly "typeS/temperature": number
  readonly "typeT/range_high": number
  readonly "typeT/range_low": number
  readonly "typeT/temperature": number
  readonly "uven": boolean
  readonly "uvf": boolean
  readonly "vbias": number
  readonly "vis": number
  readonly "vis_avg": number
  readonly "vis_offset": number
  readonly "volt": number
  readonly "volthours": number
}

interface DS2781Write
  extends CommonWrite, Elements.Numbered<"lock", 2, boolean>, Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "PIO": boolean
  readonly "aef": boolean
  readonly "memory": Uint8Array
  readonly "pmod": boolean
  readonly "porf": boolean
  readonly "sef": boolean
  readonly "uven": boolean
  readonly "uvf": boolean
  readonly "vbias": number
  readonly "vis_offset": number
  readonly "volthours": number
}

/**
 * Properties of a DS2781.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2781 extends Family.Properties {
  readonly read: DS2781Read
  readonly write: DS2781Write
}

/**
 * DS2781, family 3D: a fuel gauge for two cells.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2781: Family.Family<DS2781> = {
  codes: ["3D"],
  chip: "DS2781",
  records: `
PIO y wo 1 v
address a ro 16 f
aef y rw 1 v
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
lock y2 rw 1 s
memory b rw 256 v
pages/page b2 rw 16 v
pmod y rw 1 v
porf y rw 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sef y rw 1 v
sensed y ro 1 v
temperature t ro 12 v -128..127.875
type a ro 32 f
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v 0..1820
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v -270..1000
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v -210..1200
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v -270..1370
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v -270..1300
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v -50..1760
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v -50..1760
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v -270..400
uven y rw 1 v
uvf y rw 1 v
vbias f rw 12 s -0.0002..0.0001985 V
vis f ro 12 v -0.0512..0.0512 V
vis_avg f ro 12 v -0.0512..0.0512 V
vis_offset f rw 12 v -0.00019968..0.00019812 V
volt f ro 12 v 0..9.98448 V
volthours f rw 12 v Vh
`
}

interface DS1923Read extends CommonRead, Elements.Numbered<"pages/page", 18, Uint8Array> {
  readonly "clock/date": Date
  readonly "clock/running": boolean
  readonly "clock/udate": number
  readonly "humidity": number
  readonly "mission/delay": number
  readonly "mission/rollover": boolean
  readonly "mission/running": boolean
  readonly "mission/samplinghumidity": boolean
  readonly "mission/samplingtemp": boolean
  readonly "temperature": number
}

interface DS1923Write extends CommonWrite, Elements.Numbered<"pages/page", 18, Uint8Array> {
  readonly "clock/date": Date
  readonly "clock/running": boolean
  readonly "clock/udate": number
  readonly "mission/delay": number
  readonly "mission/rollover": boolean
  readonly "mission/running": boolean
}

/**
 * Properties of a DS1923.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1923 extends Family.Properties {
  readonly read: DS1923Read
  readonly write: DS1923Write
}

/**
 * DS1923, family 41: a Hygrochron, which logs temperature and humidity.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1923: Family.Family<DS1923> = {
  codes: ["41"],
  chip: "DS1923",
  records: `
address a ro 16 f
alias l rw 256 f
clock/date d rw 24 t
clock/running y rw 1 s
clock/udate u rw 12 t 0..4294967295
crc8 a ro 2 f
family a ro 2 f
humidity f ro 12 v 0..100 %RH
id a ro 12 f
locator a ro 16 f
mission/delay u rw 12 v 0..16777215 min
mission/rollover y rw 1 s
mission/running y rw 1 v
mission/samplinghumidity y ro 1 v
mission/samplingtemp y ro 1 v
pages/page b18 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
temperature t ro 12 v -41..87
type a ro 32 f
`
}

interface DS28EA00Read
  extends
    CommonRead,
    Elements.LetteredBits<"PIO", 2>,
    Elements.LetteredBits<"latch", 2>,
    Elements.LetteredBits<"sensed", 2>
{
  readonly "fasttemp": number
  readonly "latesttemp": number
  readonly "power": boolean
  readonly "temperature": number
  readonly "temperature10": number
  readonly "temperature11": number
  readonly "temperature12": number
  readonly "temperature9": number
  readonly "temphigh": number
  readonly "templow": number
  readonly "tempres": number
}

interface DS28EA00Write extends CommonWrite, Elements.LetteredBits<"PIO", 2>, Elements.LetteredBits<"latch", 2> {
  readonly "temphigh": number
  readonly "templow": number
  readonly "tempres": number
}

/**
 * Properties of a DS28EA00.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS28EA00 extends Family.Properties {
  readonly read: DS28EA00Read
  readonly write: DS28EA00Write
}

/**
 * DS28EA00, family 42: a thermometer with two switches, for chains.
 *
 * @category families
 * @since 0.1.0
 */
export const DS28EA00: Family.Family<DS28EA00> = {
  codes: ["42"],
  chip: "DS28EA00",
  records: `
PIO y2BL rw 1 v
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
fasttemp t ro 12 v -55..125
id a ro 12 f
latch y2BL rw 1 v
latesttemp t ro 12 v -55..125
locator a ro 16 f
power y ro 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sensed y2BL ro 1 v
temperature t ro 12 v -55..125
temperature10 t ro 12 v -55..125
temperature11 t ro 12 v -55..125
temperature12 t ro 12 v -55..125
temperature9 t ro 12 v -55..125
temphigh t rw 12 s -128..127
templow t rw 12 s -128..127
tempres u rw 12 s 9..12 bit
type a ro 32 f
`
}

interface DS28EC20Read extends CommonRead, Elements.Numbered<"pages/page", 80, Uint8Array> {
  readonly "memory": Uint8Array
}

interface DS28EC20Write extends CommonWrite, Elements.Numbered<"pages/page", 80, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS28EC20.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS28EC20 extends Family.Properties {
  readonly read: DS28EC20Read
  readonly write: DS28EC20Write
}

/**
 * DS28EC20, family 43: 20 kbit of EEPROM.
 *
 * @category families
 * @since 0.1.0
 */
export const DS28EC20: Family.Family<DS28EC20> = {
  codes: ["43"],
  chip: "DS28EC20",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 2560 v
pages/page b80 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS2751Read
  extends CommonRead, Elements.Numbered<"lock", 2, boolean>, Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "amphours": number
  readonly "current": number
  readonly "currentbias": number
  readonly "defaultpmod": boolean
  readonly "memory": Uint8Array
  readonly "pmod": boolean
  readonly "por": boolean
  readonly "sensed": boolean
  readonly "temperature": number
  readonly "typeB/range_high": number
  readonly "typeB/range_low": number
  readonly "typeB/temperature": number
  readonly "typeE/range_high": number
  readonly "typeE/range_low": number
  readonly "typeE/temperature": number
  readonly "typeJ/range_high": number
  readonly "typeJ/range_low": number
  readonly "typeJ/temperature": number
  readonly "typeK/range_high": number
  readonly "typeK/range_low": number
  readonly "typeK/temperature": number
  readonly "typeN/range_high": number
  readonly "typeN/range_low": number
  readonly "typeN/temperature": number
  readonly "typeR/range_high": number
  readonly "typeR/range_low": number
  readonly "typeR/temperature": number
  readonly "typeS/range_high": number
  readonly "typeS/range_low": number
  readonly "typeS/temperature": number
  readonly "typeT/range_high": number
  readonly "typeT/range_low": number
  readonly "typeT/temperature": number
  readonly "uven": boolean
  readonly "vbias": number
  readonly "vis": number
  readonly "volt": number
  readonly "volthours": number
}

interface DS2751Write
  extends CommonWrite, Elements.Numbered<"lock", 2, boolean>, Elements.Numbered<"pages/page", 2, Uint8Array>
{
  readonly "PIO": boolean
  readonly "amphours": number
  readonly "currentbias": number
  readonly "defaultpmod": boolean
  readonly "memory": Uint8Array
  readonly "por": boolean
  readonly "uven": boolean
  readonly "vbias": number
  readonly "volthours": number
}

/**
 * Properties of a DS2751.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS2751 extends Family.Properties {
  readonly read: DS2751Read
  readonly write: DS2751Write
}

/**
 * DS2751, family 51: a battery fuel gauge.
 *
 * @category families
 * @since 0.1.0
 */
export const DS2751: Family.Family<DS2751> = {
  codes: ["51"],
  chip: "DS2751",
  records: `
PIO y wo 1 v
address a ro 16 f
alias l rw 256 f
amphours f rw 12 v -8.192..8.19175 Ah
crc8 a ro 2 f
current f ro 12 v -2.56..2.56 A
currentbias f rw 12 v -0.08..0.079375 A
defaultpmod y rw 1 s
family a ro 2 f
id a ro 12 f
locator a ro 16 f
lock y2 rw 1 s
memory b rw 256 v
pages/page b2 rw 16 v
pmod y ro 1 s
por y rw 1 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
sensed y ro 1 v
temperature t ro 12 v -128..127.875
type a ro 32 f
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v 0..1820
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v -270..1000
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v -210..1200
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v -270..1370
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v -270..1300
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v -50..1760
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v -50..1760
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v -270..400
uven y rw 1 s
vbias f rw 12 s -0.002..0.001985 V
vis f ro 12 v -0.064..0.064 V
volt f ro 12 v 0..4.99224 V
volthours f rw 12 v -0.2048..0.204794 Vh
`
}

interface EDSRead
  extends
    CommonRead,
    Elements.NumberedBits<"EDS0080/alarm/current_hi", 8>,
    Elements.NumberedBits<"EDS0080/alarm/current_low", 8>,
    Elements.Numbered<"EDS0080/current", 8, number>,
    Elements.Numbered<"EDS0080/max_current", 8, number>,
    Elements.Numbered<"EDS0080/min_current", 8, number>,
    Elements.Numbered<"EDS0080/pages/page", 5, Uint8Array>,
    Elements.NumberedBits<"EDS0080/set_alarm/current_hi", 8>,
    Elements.NumberedBits<"EDS0080/set_alarm/current_low", 8>,
    Elements.Numbered<"EDS0080/threshold/current_hi", 16, number>,
    Elements.Numbered<"EDS0080/threshold/current_low", 16, number>,
    Elements.NumberedBits<"EDS0082/alarm/volts_hi", 8>,
    Elements.NumberedBits<"EDS0082/alarm/volts_low", 8>,
    Elements.Numbered<"EDS0082/max_volts", 8, number>,
    Elements.Numbered<"EDS0082/min_volts", 8, number>,
    Elements.Numbered<"EDS0082/pages/page", 5, Uint8Array>,
    Elements.NumberedBits<"EDS0082/set_alarm/volts_hi", 8>,
    Elements.NumberedBits<"EDS0082/set_alarm/volts_low", 8>,
    Elements.Numbered<"EDS0082/threshold/volts_hi", 16, number>,
    Elements.Numbered<"EDS0082/threshold/volts_low", 16, number>,
    Elements.Numbered<"EDS0082/volts", 8, number>,
    Elements.NumberedBits<"EDS0083/alarm/current_hi", 4>,
    Elements.NumberedBits<"EDS0083/alarm/current_low", 4>,
    Elements.Numbered<"EDS0083/current", 4, number>,
    Elements.Numbered<"EDS0083/max_current", 4, number>,
    Elements.Numbered<"EDS0083/min_current", 4, number>,
    Elements.Numbered<"EDS0083/pages/page", 5, Uint8Array>,
    Elements.NumberedBits<"EDS0083/set_alarm/current_hi", 4>,
    Elements.NumberedBits<"EDS0083/set_alarm/current_low", 4>,
    Elements.Numbered<"EDS0083/threshold/current_hi", 8, number>,
    Elements.Numbered<"EDS0083/threshold/current_low", 8, number>,
    Elements.NumberedBits<"EDS0085/alarm/volts_hi", 4>,
    Elements.NumberedBits<"EDS0085/alarm/volts_low", 4>,
    Elements.Numbered<"EDS0085/max_volts", 4, number>,
    Elements.Numbered<"EDS0085/min_volts", 4, number>,
    Elements.Numbered<"EDS0085/pages/page", 5, Uint8Array>,
    Elements.NumberedBits<"EDS0085/set_alarm/volts_hi", 4>,
    Elements.NumberedBits<"EDS0085/set_alarm/volts_low", 4>,
    Elements.Numbered<"EDS0085/threshold/volts_hi", 8, number>,
    Elements.Numbered<"EDS0085/threshold/volts_low", 8, number>,
    Elements.Numbered<"EDS0085/volts", 4, number>,
    Elements.NumberedBits<"EDS0090/alarm/hi", 8>,
    Elements.NumberedBits<"EDS0090/alarm/low", 8>,
    Elements.Numbered<"EDS0090/counter/pulses", 8, number>,
    Elements.NumberedBits<"EDS0090/counter/reset", 8>,
    Elements.NumberedBits<"EDS0090/input", 8>,
    Elements.NumberedBits<"EDS0090/latch/reset", 8>,
    Elements.NumberedBits<"EDS0090/latch/state", 8>,
    Elements.NumberedBits<"EDS0090/output/off", 8>,
    Elements.NumberedBits<"EDS0090/output/reset", 8>,
    Elements.NumberedBits<"EDS0090/output/set", 8>,
    Elements.NumberedBits<"EDS0090/set_alarm/hi", 8>,
    Elements.NumberedBits<"EDS0090/set_alarm/low", 8>,
    Elements.Numbered<"pages/page", 3, Uint8Array>
{
  readonly "EDS0064/LED/control": number
  readonly "EDS0064/LED/state": boolean
  readonly "EDS0064/alarm/temp_hi": boolean
  readonly "EDS0064/alarm/temp_low": boolean
  readonly "EDS0064/counter/seconds": number
  readonly "EDS0064/relay/control": number
  readonly "EDS0064/relay/state": boolean
  readonly "EDS0064/set_alarm/temp_hi": boolean
  readonly "EDS0064/set_alarm/temp_low": boolean
  readonly "EDS0064/temperature": number
  readonly "EDS0064/threshold/temp_hi": number
  readonly "EDS0064/threshold/temp_low": number
  readonly "EDS0065/LED/control": number
  readonly "EDS0065/LED/state": boolean
  readonly "EDS0065/alarm/dew_point_hi": boolean
  readonly "EDS0065/alarm/dew_point_low": boolean
  readonly "EDS0065/alarm/heat_index_hi": boolean
  readonly "EDS0065/alarm/heat_index_low": boolean
  readonly "EDS0065/alarm/humidex_hi": boolean
  readonly "EDS0065/alarm/humidex_low": boolean
  readonly "EDS0065/alarm/humidity_hi": boolean
  readonly "EDS0065/alarm/humidity_low": boolean
  readonly "EDS0065/alarm/temp_hi": boolean
  readonly "EDS0065/alarm/temp_low": boolean
  readonly "EDS0065/counter/seconds": number
  readonly "EDS0065/dew_point": number
  readonly "EDS0065/heat_index": number
  readonly "EDS0065/humidex": number
  readonly "EDS0065/humidity": number
  readonly "EDS0065/relay/control": number
  readonly "EDS0065/relay/state": boolean
  readonly "EDS0065/set_alarm/dew_point_hi": boolean
  readonly "EDS0065/set_alarm/dew_point_low": boolean
  readonly "EDS0065/set_alarm/heat_index_hi": boolean
  readonly "EDS0065/set_alarm/heat_index_low": boolean
  readonly "EDS0065/set_alarm/humidex_hi": boolean
  readonly "EDS0065/set_alarm/humidex_low": boolean
  readonly "EDS0065/set_alarm/humidity_hi": boolean
  readonly "EDS0065/set_alarm/humidity_low": boolean
  readonly "EDS0065/set_alarm/temp_hi": boolean
  readonly "EDS0065/set_alarm/temp_low": boolean
  readonly "EDS0065/temperature": number
  readonly "EDS0065/threshold/dew_point_hi": number
  readonly "EDS0065/threshold/dew_point_low": number
  readonly "EDS0065/threshold/heat_index_hi": number
  readonly "EDS0065/threshold/heat_index_low": number
  readonly "EDS0065/threshold/humidex_hi": number
  readonly "EDS0065/threshold/humidex_low": number
  readonly "EDS0065/threshold/humidity_hi": number
  readonly "EDS0065/threshold/humidity_low": number
  readonly "EDS0065/threshold/temp_hi": number
  readonly "EDS0065/threshold/temp_low": number
  readonly "EDS0066/LED/control": number
  readonly "EDS0066/LED/state": boolean
  readonly "EDS0066/alarm/inHg_hi": boolean
  readonly "EDS0066/alarm/inHg_low": boolean
  readonly "EDS0066/alarm/pressure_hi": boolean
  readonly "EDS0066/alarm/pressure_low": boolean
  readonly "EDS0066/alarm/temp_hi": boolean
  readonly "EDS0066/alarm/temp_low": boolean
  readonly "EDS0066/counter/seconds": number
  readonly "EDS0066/inHg": number
  readonly "EDS0066/pressure": number
  readonly "EDS0066/relay/control": number
  readonly "EDS0066/relay/state": boolean
  readonly "EDS0066/set_alarm/inHg_hi": boolean
  readonly "EDS0066/set_alarm/inHg_low": boolean
  readonly "EDS0066/set_alarm/pressure_hi": boolean
  readonly "EDS0066/set_alarm/pressure_low": boolean
  readonly "EDS0066/set_alarm/temp_hi": boolean
  readonly "EDS0066/set_alarm/temp_low": boolean
  readonly "EDS0066/temperature": number
  readonly "EDS0066/threshold/inHg_hi": number
  readonly "EDS0066/threshold/inHg_low": number
  readonly "EDS0066/threshold/pressure_hi": number
  readonly "EDS0066/threshold/pressure_low": number
  readonly "EDS0066/threshold/temp_hi": number
  readonly "EDS0066/threshold/temp_low": number
  readonly "EDS0067/LED/control": number
  readonly "EDS0067/LED/state": boolean
  readonly "EDS0067/alarm/light_hi": boolean
  readonly "EDS0067/alarm/light_low": boolean
  readonly "EDS0067/alarm/temp_hi": boolean
  readonly "EDS0067/alarm/temp_low": boolean
  readonly "EDS0067/counter/seconds": number
  readonly "EDS0067/light": number
  readonly "EDS0067/relay/control": number
  readonly "EDS0067/relay/state": boolean
  readonly "EDS0067/set_alarm/light_hi": boolean
  readonly "EDS0067/set_alarm/light_low": boolean
  readonly "EDS0067/set_alarm/temp_hi": boolean
  readonly "EDS0067/set_alarm/temp_low": boolean
  readonly "EDS0067/temperature": number
  readonly "EDS0067/threshold/light_hi ": number
  readonly "EDS0067/threshold/light_low": number
  readonly "EDS0067/threshold/temp_hi": number
  readonly "EDS0067/threshold/temp_low": number
  readonly "EDS0068/LED/control": number
  readonly "EDS0068/LED/state": boolean
  readonly "EDS0068/alarm/dew_point_hi": boolean
  readonly "EDS0068/alarm/dew_point_low": boolean
  readonly "EDS0068/alarm/heat_index_hi": boolean
  readonly "EDS0068/alarm/heat_index_low": boolean
  readonly "EDS0068/alarm/humidex_hi": boolean
  readonly "EDS0068/alarm/humidex_low": boolean
  readonly "EDS0068/alarm/humidity_hi": boolean
  readonly "EDS0068/alarm/humidity_low": boolean
  readonly "EDS0068/alarm/inHg_hi": boolean
  readonly "EDS0068/alarm/inHg_low": boolean
  readonly "EDS0068/alarm/light_hi": boolean
  readonly "EDS0068/alarm/light_low": boolean
  readonly "EDS0068/alarm/pressure_hi": boolean
  readonly "EDS0068/alarm/pressure_low": boolean
  readonly "EDS0068/alarm/temp_hi": boolean
  readonly "EDS0068/alarm/temp_low": boolean
  readonly "EDS0068/counter/seconds": number
  readonly "EDS0068/dew_point": number
  readonly "EDS0068/heat_index": number
  readonly "EDS0068/humidex": number
  readonly "EDS0068/humidity": number
  readonly "EDS0068/inHg": number
  readonly "EDS0068/light": number
  readonly "EDS0068/pressure": number
  readonly "EDS0068/relay/control": number
  readonly "EDS0068/relay/state": boolean
  readonly "EDS0068/set_alarm/dew_point_hi": boolean
  readonly "EDS0068/set_alarm/dew_point_low": boolean
  readonly "EDS0068/set_alarm/heat_index_hi": boolean
  readonly "EDS0068/set_alarm/heat_index_low": boolean
  readonly "EDS0068/set_alarm/humidex_hi": boolean
  readonly "EDS0068/set_alarm/humidex_low": boolean
  readonly "EDS0068/set_alarm/humidity_hi": boolean
  readonly "EDS0068/set_alarm/humidity_low": boolean
  readonly "EDS0068/set_alarm/inHg_hi": boolean
  readonly "EDS0068/set_alarm/inHg_low": boolean
  readonly "EDS0068/set_alarm/light_hi": boolean
  readonly "EDS0068/set_alarm/light_low": boolean
  readonly "EDS0068/set_alarm/pressure_hi": boolean
  readonly "EDS0068/set_alarm/pressure_low": boolean
  readonly "EDS0068/set_alarm/temp_hi": boolean
  readonly "EDS0068/set_alarm/temp_low": boolean
  readonly "EDS0068/temperature": number
  readonly "EDS0068/threshold/dew_point_hi": number
  readonly "EDS0068/threshold/dew_point_low": number
  readonly "EDS0068/threshold/heat_index_hi": number
  readonly "EDS0068/threshold/heat_index_low": number
  readonly "EDS0068/threshold/humidex_hi": number
  readonly "EDS0068/threshold/humidex_low": number
  readonly "EDS0068/threshold/humidity_hi": number
  readonly "EDS0068/threshold/humidity_low": number
  readonly "EDS0068/threshold/inHg_hi": number
  readonly "EDS0068/threshold/inHg_low": number
  readonly "EDS0068/threshold/light_hi": number
  readonly "EDS0068/threshold/light_low": number
  readonly "EDS0068/threshold/pressure_hi": number
  readonly "EDS0068/threshold/pressure_low": number
  readonly "EDS0068/threshold/temp_hi": number
  readonly "EDS0068/threshold/temp_low": number
  readonly "EDS0070/LED/control": number
  readonly "EDS0070/LED/state": boolean
  readonly "EDS0070/alarm/vib_hi": boolean
  readonly "EDS0070/alarm/vib_low": boolean
  readonly "EDS0070/counter/seconds": number
  readonly "EDS0070/relay/control": number
  readonly "EDS0070/relay/state": boolean
  readonly "EDS0070/set_alarm/vib_hi": boolean
  readonly "EDS0070/set_alarm/vib_low": boolean
  readonly "EDS0070/threshold/vib_hi": number
  readonly "EDS0070/threshold/vib_low": number
  readonly "EDS0070/vib_level": number
  readonly "EDS0070/vib_max": number
  readonly "EDS0070/vib_min": number
  readonly "EDS0070/vib_peak": number
  readonly "EDS0071/LED/control": number
  readonly "EDS0071/LED/state": boolean
  readonly "EDS0071/alarm/resistance_hi": boolean
  readonly "EDS0071/alarm/resistance_low": boolean
  readonly "EDS0071/alarm/temp_hi": boolean
  readonly "EDS0071/alarm/temp_low": boolean
  readonly "EDS0071/calibration/constant": number
  readonly "EDS0071/calibration/key": number
  readonly "EDS0071/counter/samples": number
  readonly "EDS0071/counter/seconds": number
  readonly "EDS0071/delay": number
  readonly "EDS0071/relay/control": number
  readonly "EDS0071/relay/state": boolean
  readonly "EDS0071/resistance": number
  readonly "EDS0071/set_alarm/resistance__hi": boolean
  readonly "EDS0071/set_alarm/resistance_low": boolean
  readonly "EDS0071/set_alarm/temp_hi": boolean
  readonly "EDS0071/set_alarm/temp_low": boolean
  readonly "EDS0071/temperature": number
  readonly "EDS0071/threshold/resistance_hi": number
  readonly "EDS0071/threshold/resistance_low": number
  readonly "EDS0071/threshold/temp_hi": number
  readonly "EDS0071/threshold/temp_low": number
  readonly "EDS0071/user_byte": number
  readonly "EDS0072/LED/control": number
  readonly "EDS0072/LED/state": boolean
  readonly "EDS0072/alarm/RTD_hi": boolean
  readonly "EDS0072/alarm/RTD_low": boolean
  readonly "EDS0072/alarm/temp_hi": boolean
  readonly "EDS0072/alarm/temp_low": boolean
  readonly "EDS0072/calibration/constant": number
  readonly "EDS0072/calibration/key": number
  readonly "EDS0072/counter/samples": number
  readonly "EDS0072/counter/seconds": number
  readonly "EDS0072/delay": number
  readonly "EDS0072/relay/control": number
  readonly "EDS0072/relay/state": boolean
  readonly "EDS0072/resistance": number
  readonly "EDS0072/set_alarm/RTD_hi": boolean
  readonly "EDS0072/set_alarm/RTD_low": boolean
  readonly "EDS0072/set_alarm/temp_hi": boolean
  readonly "EDS0072/set_alarm/temp_low": boolean
  readonly "EDS0072/temperature": number
  readonly "EDS0072/threshold/resistance_hi": number
  readonly "EDS0072/threshold/resistance_low": number
  readonly "EDS0072/threshold/temp_hi": number
  readonly "EDS0072/threshold/temp_low": number
  readonly "EDS0072/user_byte": number
  readonly "EDS0080/LED/control": number
  readonly "EDS0080/LED/state": boolean
  readonly "EDS0080/counter/seconds": number
  readonly "EDS0080/memory": Uint8Array
  readonly "EDS0080/relay/control": number
  readonly "EDS0080/relay/state": boolean
  readonly "EDS0082/LED/control": number
  readonly "EDS0082/LED/state": boolean
  readonly "EDS0082/counter/seconds": number
  readonly "EDS0082/memory": Uint8Array
  readonly "EDS0082/relay/control": number
  readonly "EDS0082/relay/state": boolean
  readonly "EDS0083/LED/control": number
  readonly "EDS0083/LED/state": boolean
  readonly "EDS0083/counter/seconds": number
  readonly "EDS0083/memory": Uint8Array
  readonly "EDS0083/relay/control": number
  readonly "EDS0083/relay/state": boolean
  readonly "EDS0085/LED/control": number
  readonly "EDS0085/LED/state": boolean
  readonly "EDS0085/counter/seconds": number
  readonly "EDS0085/memory": Uint8Array
  readonly "EDS0085/relay/control": number
  readonly "EDS0085/relay/state": boolean
  readonly "EDS0090/LED/control": number
  readonly "EDS0090/LED/state": boolean
  readonly "EDS0090/counter/seconds": number
  readonly "EDS0090/relay/control": number
  readonly "EDS0090/relay/state": boolean
  readonly "device_id": number
  readonly "device_type": string
  readonly "memory": Uint8Array
  readonly "tag": string
}

interface EDSWrite
  extends
    CommonWrite,
    Elements.Numbered<"EDS0080/pages/page", 5, Uint8Array>,
    Elements.NumberedBits<"EDS0080/set_alarm/current_hi", 8>,
    Elements.NumberedBits<"EDS0080/set_alarm/current_low", 8>,
    Elements.Numbered<"EDS0080/threshold/current_hi", 16, number>,
    Elements.Numbered<"EDS0080/threshold/current_low", 16, number>,
    Elements.Numbered<"EDS0082/pages/page", 5, Uint8Array>,
    Elements.NumberedBits<"EDS0082/set_alarm/volts_hi", 8>,
    Elements.NumberedBits<"EDS0082/set_alarm/volts_low", 8>,
    Elements.Numbered<"EDS0082/threshold/volts_hi", 16, number>,
    Elements.Numbered<"EDS0082/threshold/volts_low", 16, number>,
    Elements.Numbered<"EDS0083/pages/page", 5, Uint8Array>,
    Elements.NumberedBits<"EDS0083/set_alarm/current_hi", 4>,
    Elements.NumberedBits<"EDS0083/set_alarm/current_low", 4>,
    Elements.Numbered<"EDS0083/threshold/current_hi", 8, number>,
    Elements.Numbered<"EDS0083/threshold/current_low", 8, number>,
    Elements.Numbered<"EDS0085/pages/page", 5, Uint8Array>,
    Elements.NumberedBits<"EDS0085/set_alarm/volts_hi", 4>,
    Elements.NumberedBits<"EDS0085/set_alarm/volts_low", 4>,
    Elements.Numbered<"EDS0085/threshold/volts_hi", 8, number>,
    Elements.Numbered<"EDS0085/threshold/volts_low", 8, number>,
    Elements.NumberedBits<"EDS0090/counter/reset", 8>,
    Elements.NumberedBits<"EDS0090/latch/reset", 8>,
    Elements.NumberedBits<"EDS0090/output/reset", 8>,
    Elements.NumberedBits<"EDS0090/output/set", 8>,
    Elements.NumberedBits<"EDS0090/set_alarm/hi", 8>,
    Elements.NumberedBits<"EDS0090/set_alarm/low", 8>,
    Elements.Numbered<"pages/page", 3, Uint8Array>
{
  readonly "EDS0064/LED/control": number
  readonly "EDS0064/LED/state": boolean
  readonly "EDS0064/alarm/clear": boolean
  readonly "EDS0064/relay/control": number
  readonly "EDS0064/relay/state": boolean
  readonly "EDS0064/set_alarm/temp_hi": boolean
  readonly "EDS0064/set_alarm/temp_low": boolean
  readonly "EDS0064/threshold/temp_hi": number
  readonly "EDS0064/threshold/temp_low": number
  readonly "EDS0065/LED/control": number
  readonly "EDS0065/LED/state": boolean
  readonly "EDS0065/alarm/clear": boolean
  readonly "EDS0065/relay/control": number
  readonly "EDS0065/relay/state": boolean
  readonly "EDS0065/set_alarm/dew_point_hi": boolean
  readonly "EDS0065/set_alarm/dew_point_low": boolean
  readonly "EDS0065/set_alarm/heat_index_hi": boolean
  readonly "EDS0065/set_alarm/heat_index_low": boolean
  readonly "EDS0065/set_alarm/humidex_hi": boolean
  readonly "EDS0065/set_alarm/humidex_low": boolean
  readonly "EDS0065/set_alarm/humidity_hi": boolean
  readonly "EDS0065/set_alarm/humidity_low": boolean
  readonly "EDS0065/set_alarm/temp_hi": boolean
  readonly "EDS0065/set_alarm/temp_low": boolean
  readonly "EDS0065/threshold/dew_point_hi": number
  readonly "EDS0065/threshold/dew_point_low": number
  readonly "EDS0065/threshold/heat_index_hi": number
  readonly "EDS0065/threshold/heat_index_low": number
  readonly "EDS0065/threshold/humidex_hi": number
  readonly "EDS0065/threshold/humidex_low": number
  readonly "EDS0065/threshold/humidity_hi": number
  readonly "EDS0065/threshold/humidity_low": number
  readonly "EDS0065/threshold/temp_hi": number
  readonly "EDS0065/threshold/temp_low": number
  readonly "EDS0066/LED/control": number
  readonly "EDS0066/LED/state": boolean
  readonly "EDS0066/alarm/clear": boolean
  readonly "EDS0066/relay/control": number
  readonly "EDS0066/relay/state": boolean
  readonly "EDS0066/set_alarm/inHg_hi": boolean
  readonly "EDS0066/set_alarm/inHg_low": boolean
  readonly "EDS0066/set_alarm/pressure_hi": boolean
  readonly "EDS0066/set_alarm/pressure_low": boolean
  readonly "EDS0066/set_alarm/temp_hi": boolean
  readonly "EDS0066/set_alarm/temp_low": boolean
  readonly "EDS0066/threshold/inHg_hi": number
  readonly "EDS0066/threshold/inHg_low": number
  readonly "EDS0066/threshold/pressure_hi": number
  readonly "EDS0066/threshold/pressure_low": number
  readonly "EDS0066/threshold/temp_hi": number
  readonly "EDS0066/threshold/temp_low": number
  readonly "EDS0067/LED/control": number
  readonly "EDS0067/LED/state": boolean
  readonly "EDS0067/alarm/clear": boolean
  readonly "EDS0067/relay/control": number
  readonly "EDS0067/relay/state": boolean
  readonly "EDS0067/set_alarm/light_hi": boolean
  readonly "EDS0067/set_alarm/light_low": boolean
  readonly "EDS0067/set_alarm/temp_hi": boolean
  readonly "EDS0067/set_alarm/temp_low": boolean
  readonly "EDS0067/threshold/light_hi ": number
  readonly "EDS0067/threshold/light_low": number
  readonly "EDS0067/threshold/temp_hi": number
  readonly "EDS0067/threshold/temp_low": number
  readonly "EDS0068/LED/control": number
  readonly "EDS0068/LED/state": boolean
  readonly "EDS0068/alarm/clear": boolean
  readonly "EDS0068/relay/control": number
  readonly "EDS0068/relay/state": boolean
  readonly "EDS0068/set_alarm/dew_point_hi": boolean
  readonly "EDS0068/set_alarm/dew_point_low": boolean
  readonly "EDS0068/set_alarm/heat_index_hi": boolean
  readonly "EDS0068/set_alarm/heat_index_low": boolean
  readonly "EDS0068/set_alarm/humidex_hi": boolean
  readonly "EDS0068/set_alarm/humidex_low": boolean
  readonly "EDS0068/set_alarm/humidity_hi": boolean
  readonly "EDS0068/set_alarm/humidity_low": boolean
  readonly "EDS0068/set_alarm/inHg_hi": boolean
  readonly "EDS0068/set_alarm/inHg_low": boolean
  readonly "EDS0068/set_alarm/light_hi": boolean
  readonly "EDS0068/set_alarm/light_low": boolean
  readonly "EDS0068/set_alarm/pressure_hi": boolean
  readonly "EDS0068/set_alarm/pressure_low": boolean
  readonly "EDS0068/set_alarm/temp_hi": boolean
  readonly "EDS0068/set_alarm/temp_low": boolean
  readonly "EDS0068/threshold/dew_point_hi": number
  readonly "EDS0068/threshold/dew_point_low": number
  readonly "EDS0068/threshold/heat_index_hi": number
  readonly "EDS0068/threshold/heat_index_low": number
  readonly "EDS0068/threshold/humidex_hi": number
  readonly "EDS0068/threshold/humidex_low": number
  readonly "EDS0068/threshold/humidity_hi": number
  readonly "EDS0068/threshold/humidity_low": number
  readonly "EDS0068/threshold/inHg_hi": number
  readonly "EDS0068/threshold/inHg_low": number
  readonly "EDS0068/threshold/light_hi": number
  readonly "EDS0068/threshold/light_low": number
  readonly "EDS0068/threshold/pressure_hi": number
  readonly "EDS0068/threshold/pressure_low": number
  readonly "EDS0068/threshold/temp_hi": number
  readonly "EDS0068/threshold/temp_low": number
  readonly "EDS0070/LED/control": number
  readonly "EDS0070/LED/state": boolean
  readonly "EDS0070/alarm/clear": boolean
  readonly "EDS0070/relay/control": number
  readonly "EDS0070/relay/state": boolean
  readonly "EDS0070/set_alarm/vib_hi": boolean
  readonly "EDS0070/set_alarm/vib_low": boolean
  readonly "EDS0070/threshold/vib_hi": number
  readonly "EDS0070/threshold/vib_low": number
  readonly "EDS0071/LED/control": number
  readonly "EDS0071/LED/state": boolean
  readonly "EDS0071/alarm/clear": boolean
  readonly "EDS0071/calibration/key": number
  readonly "EDS0071/delay": number
  readonly "EDS0071/relay/control": number
  readonly "EDS0071/relay/state": boolean
  readonly "EDS0071/set_alarm/resistance__hi": boolean
  readonly "EDS0071/set_alarm/resistance_low": boolean
  readonly "EDS0071/set_alarm/temp_hi": boolean
  readonly "EDS0071/set_alarm/temp_low": boolean
  readonly "EDS0071/threshold/resistance_hi": number
  readonly "EDS0071/threshold/resistance_low": number
  readonly "EDS0071/threshold/temp_hi": number
  readonly "EDS0071/threshold/temp_low": number
  readonly "EDS0071/user_byte": number
  readonly "EDS0072/LED/control": number
  readonly "EDS0072/LED/state": boolean
  readonly "EDS0072/alarm/clear": boolean
  readonly "EDS0072/calibration/key": number
  readonly "EDS0072/delay": number
  readonly "EDS0072/relay/control": number
  readonly "EDS0072/relay/state": boolean
  readonly "EDS0072/set_alarm/RTD_hi": boolean
  readonly "EDS0072/set_alarm/RTD_low": boolean
  readonly "EDS0072/set_alarm/temp_hi": boolean
  readonly "EDS0072/set_alarm/temp_low": boolean
  readonly "EDS0072/threshold/resistance_hi": number
  readonly "EDS0072/threshold/resistance_low": number
  readonly "EDS0072/threshold/temp_hi": number
  readonly "EDS0072/threshold/temp_low": number
  readonly "EDS0072/user_byte": number
  readonly "EDS0080/LED/control": number
  readonly "EDS0080/LED/state": boolean
  readonly "EDS0080/alarm/clear": boolean
  readonly "EDS0080/memory": Uint8Array
  readonly "EDS0080/relay/control": number
  readonly "EDS0080/relay/state": boolean
  readonly "EDS0082/LED/control": number
  readonly "EDS0082/LED/state": boolean
  readonly "EDS0082/alarm/clear": boolean
  readonly "EDS0082/memory": Uint8Array
  readonly "EDS0082/relay/control": number
  readonly "EDS0082/relay/state": boolean
  readonly "EDS0083/LED/control": number
  readonly "EDS0083/LED/state": boolean
  readonly "EDS0083/alarm/clear": boolean
  readonly "EDS0083/memory": Uint8Array
  readonly "EDS0083/relay/control": number
  readonly "EDS0083/relay/state": boolean
  readonly "EDS0085/LED/control": number
  readonly "EDS0085/LED/state": boolean
  readonly "EDS0085/alarm/clear": boolean
  readonly "EDS0085/memory": Uint8Array
  readonly "EDS0085/relay/control": number
  readonly "EDS0085/relay/state": boolean
  readonly "EDS0090/LED/control": number
  readonly "EDS0090/LED/state": boolean
  readonly "EDS0090/alarm/clear": boolean
  readonly "EDS0090/relay/control": number
  readonly "EDS0090/relay/state": boolean
  readonly "memory": Uint8Array
}

/**
 * Properties of a EDS.
 *
 * @category models
 * @since 0.1.0
 */
export interface EDS extends Family.Properties {
  readonly read: EDSRead
  readonly write: EDSWrite
}

/**
 * EDS, family 7E: the environmental sensors of Embedded Data Systems.
 *
 * @category families
 * @since 0.1.0
 */
export const EDS: Family.Family<EDS> = {
  codes: ["7E"],
  chip: "EDS",
  records: `
EDS0064/LED/control u rw 12 v 0..3 -
EDS0064/LED/state y rw 1 v -
EDS0064/alarm/clear y wo 1 s -
EDS0064/alarm/temp_hi y ro 1 v -
EDS0064/alarm/temp_low y ro 1 v -
EDS0064/counter/seconds u ro 12 t 0..4294967295 s -
EDS0064/relay/control u rw 12 v 0..3 -
EDS0064/relay/state y rw 1 v -
EDS0064/set_alarm/temp_hi y rw 1 v -
EDS0064/set_alarm/temp_low y rw 1 v -
EDS0064/temperature t ro 12 v -
EDS0064/threshold/temp_hi t rw 12 s -128..127 -
EDS0064/threshold/temp_low t rw 12 s -128..127 -
EDS0065/LED/control u rw 12 v 0..3 -
EDS0065/LED/state y rw 1 v -
EDS0065/alarm/clear y wo 1 s -
EDS0065/alarm/dew_point_hi y ro 1 v -
EDS0065/alarm/dew_point_low y ro 1 v -
EDS0065/alarm/heat_index_hi y ro 1 v -
EDS0065/alarm/heat_index_low y ro 1 v -
EDS0065/alarm/humidex_hi y ro 1 v -
EDS0065/alarm/humidex_low y ro 1 v -
EDS0065/alarm/humidity_hi y ro 1 v -
EDS0065/alarm/humidity_low y ro 1 v -
EDS0065/alarm/temp_hi y ro 1 v -
EDS0065/alarm/temp_low y ro 1 v -
EDS0065/counter/seconds u ro 12 t 0..4294967295 s -
EDS0065/dew_point t ro 12 v -
EDS0065/heat_index t ro 12 v -
EDS0065/humidex f ro 12 v -
EDS0065/humidity f ro 12 v 0..100 %RH -
EDS0065/relay/control u rw 12 v 0..3 -
EDS0065/relay/state y rw 1 v -
EDS0065/set_alarm/dew_point_hi y rw 1 v -
EDS0065/set_alarm/dew_point_low y rw 1 v -
EDS0065/set_alarm/heat_index_hi y rw 1 v -
EDS0065/set_alarm/heat_index_low y rw 1 v -
EDS0065/set_alarm/humidex_hi y rw 1 v -
EDS0065/set_alarm/humidex_low y rw 1 v -
EDS0065/set_alarm/humidity_hi y rw 1 v -
EDS0065/set_alarm/humidity_low y rw 1 v -
EDS0065/set_alarm/temp_hi y rw 1 v -
EDS0065/set_alarm/temp_low y rw 1 v -
EDS0065/temperature t ro 12 v -
EDS0065/threshold/dew_point_hi t rw 12 s -128..127 -
EDS0065/threshold/dew_point_low t rw 12 s -128..127 -
EDS0065/threshold/heat_index_hi t rw 12 s -128..127 -
EDS0065/threshold/heat_index_low t rw 12 s -128..127 -
EDS0065/threshold/humidex_hi f rw 12 s -128..127 -
EDS0065/threshold/humidex_low f rw 12 s -128..127 -
EDS0065/threshold/humidity_hi f rw 12 s -128..127 %RH -
EDS0065/threshold/humidity_low f rw 12 s -128..127 %RH -
EDS0065/threshold/temp_hi t rw 12 s -128..127 -
EDS0065/threshold/temp_low t rw 12 s -128..127 -
EDS0066/LED/control u rw 12 v 0..3 -
EDS0066/LED/state y rw 1 v -
EDS0066/alarm/clear y wo 1 s -
EDS0066/alarm/inHg_hi y ro 1 v -
EDS0066/alarm/inHg_low y ro 1 v -
EDS0066/alarm/pressure_hi y ro 1 v -
EDS0066/alarm/pressure_low y ro 1 v -
EDS0066/alarm/temp_hi y ro 1 v -
EDS0066/alarm/temp_low y ro 1 v -
EDS0066/counter/seconds u ro 12 t 0..4294967295 s -
EDS0066/inHg f ro 12 v inHg -
EDS0066/pressure p ro 12 v -
EDS0066/relay/control u rw 12 v 0..3 -
EDS0066/relay/state y rw 1 v -
EDS0066/set_alarm/inHg_hi y rw 1 v -
EDS0066/set_alarm/inHg_low y rw 1 v -
EDS0066/set_alarm/pressure_hi y rw 1 v -
EDS0066/set_alarm/pressure_low y rw 1 v -
EDS0066/set_alarm/temp_hi y rw 1 v -
EDS0066/set_alarm/temp_low y rw 1 v -
EDS0066/temperature t ro 12 v -
EDS0066/threshold/inHg_hi f rw 12 s -4096..4095.9995 inHg -
EDS0066/threshold/inHg_low f rw 12 s -4096..4095.9995 inHg -
EDS0066/threshold/pressure_hi p rw 12 s -4096..4095.9995 -
EDS0066/threshold/pressure_low p rw 12 s -4096..4095.9995 -
EDS0066/threshold/temp_hi t rw 12 s -128..127 -
EDS0066/threshold/temp_low t rw 12 s -128..127 -
EDS0067/LED/control u rw 12 v 0..3 -
EDS0067/LED/state y rw 1 v -
EDS0067/alarm/clear y wo 1 s -
EDS0067/alarm/light_hi y ro 1 v -
EDS0067/alarm/light_low y ro 1 v -
EDS0067/alarm/temp_hi y ro 1 v -
EDS0067/alarm/temp_low y ro 1 v -
EDS0067/counter/seconds u ro 12 t 0..4294967295 s -
EDS0067/light u ro 12 v 0..16777215 lux -
EDS0067/relay/control u rw 12 v 0..3 -
EDS0067/relay/state y rw 1 v -
EDS0067/set_alarm/light_hi y rw 1 v -
EDS0067/set_alarm/light_low y rw 1 v -
EDS0067/set_alarm/temp_hi y rw 1 v -
EDS0067/set_alarm/temp_low y rw 1 v -
EDS0067/temperature t ro 12 v -
EDS0067/threshold/light_hi%20 u rw 12 s lux -
EDS0067/threshold/light_low u rw 12 s lux -
EDS0067/threshold/temp_hi t rw 12 s -128..127 -
EDS0067/threshold/temp_low t rw 12 s -128..127 -
EDS0068/LED/control u rw 12 v 0..3 -
EDS0068/LED/state y rw 1 v -
EDS0068/alarm/clear y wo 1 s -
EDS0068/alarm/dew_point_hi y ro 1 v -
EDS0068/alarm/dew_point_low y ro 1 v -
EDS0068/alarm/heat_index_hi y ro 1 v -
EDS0068/alarm/heat_index_low y ro 1 v -
EDS0068/alarm/humidex_hi y ro 1 v -
EDS0068/alarm/humidex_low y ro 1 v -
EDS0068/alarm/humidity_hi y ro 1 v -
EDS0068/alarm/humidity_low y ro 1 v -
EDS0068/alarm/inHg_hi y ro 1 v -
EDS0068/alarm/inHg_low y ro 1 v -
EDS0068/alarm/light_hi y ro 1 v -
EDS0068/alarm/light_low y ro 1 v -
EDS0068/alarm/pressure_hi y ro 1 v -
EDS0068/alarm/pressure_low y ro 1 v -
EDS0068/alarm/temp_hi y ro 1 v -
EDS0068/alarm/temp_low y ro 1 v -
EDS0068/counter/seconds u ro 12 t 0..4294967295 s -
EDS0068/dew_point t ro 12 v -
EDS0068/heat_index t ro 12 v -
EDS0068/humidex f ro 12 v -
EDS0068/humidity f ro 12 v 0..100 %RH -
EDS0068/inHg f ro 12 v inHg -
EDS0068/light u ro 12 v 0..16777215 lux -
EDS0068/pressure p ro 12 v -
EDS0068/relay/control u rw 12 v 0..3 -
EDS0068/relay/state y rw 1 v -
EDS0068/set_alarm/dew_point_hi y rw 1 v -
EDS0068/set_alarm/dew_point_low y rw 1 v -
EDS0068/set_alarm/heat_index_hi y rw 1 v -
EDS0068/set_alarm/heat_index_low y rw 1 v -
EDS0068/set_alarm/humidex_hi y rw 1 v -
EDS0068/set_alarm/humidex_low y rw 1 v -
EDS0068/set_alarm/humidity_hi y rw 1 v -
EDS0068/set_alarm/humidity_low y rw 1 v -
EDS0068/set_alarm/inHg_hi y rw 1 v -
EDS0068/set_alarm/inHg_low y rw 1 v -
EDS0068/set_alarm/light_hi y rw 1 v -
EDS0068/set_alarm/light_low y rw 1 v -
EDS0068/set_alarm/pressure_hi y rw 1 v -
EDS0068/set_alarm/pressure_low y rw 1 v -
EDS0068/set_alarm/temp_hi y rw 1 v -
EDS0068/set_alarm/temp_low y rw 1 v -
EDS0068/temperature t ro 12 v -
EDS0068/threshold/dew_point_hi t rw 12 s -128..127 -
EDS0068/threshold/dew_point_low t rw 12 s -128..127 -
EDS0068/threshold/heat_index_hi t rw 12 s -128..127 -
EDS0068/threshold/heat_index_low t rw 12 s -128..127 -
EDS0068/threshold/humidex_hi f rw 12 s -128..127 -
EDS0068/threshold/humidex_low f rw 12 s -128..127 -
EDS0068/threshold/humidity_hi f rw 12 s -128..127 %RH -
EDS0068/threshold/humidity_low f rw 12 s -128..127 %RH -
EDS0068/threshold/inHg_hi f rw 12 s -4096..4095.9995 inHg -
EDS0068/threshold/inHg_low f rw 12 s -4096..4095.9995 inHg -
EDS0068/threshold/light_hi u rw 12 s lux -
EDS0068/threshold/light_low u rw 12 s lux -
EDS0068/threshold/pressure_hi p rw 12 s -4096..4095.9995 -
EDS0068/threshold/pressure_low p rw 12 s -4096..4095.9995 -
EDS0068/threshold/temp_hi t rw 12 s -128..127 -
EDS0068/threshold/temp_low t rw 12 s -128..127 -
EDS0070/LED/control u rw 12 v 0..3 -
EDS0070/LED/state y rw 1 v -
EDS0070/alarm/clear y wo 1 s -
EDS0070/alarm/vib_hi y ro 1 v -
EDS0070/alarm/vib_low y ro 1 v -
EDS0070/counter/seconds u ro 12 t 0..4294967295 s -
EDS0070/relay/control u rw 12 v 0..3 -
EDS0070/relay/state y rw 1 v -
EDS0070/set_alarm/vib_hi y rw 1 v -
EDS0070/set_alarm/vib_low y rw 1 v -
EDS0070/threshold/vib_hi t rw 12 s ~ -
EDS0070/threshold/vib_low t rw 12 s ~ -
EDS0070/vib_level u ro 12 v -
EDS0070/vib_max u ro 12 v -
EDS0070/vib_min u ro 12 v -
EDS0070/vib_peak u ro 12 v -
EDS0071/LED/control u rw 12 v 0..3 -
EDS0071/LED/state y rw 1 v -
EDS0071/alarm/clear y wo 1 s -
EDS0071/alarm/resistance_hi y ro 1 v -
EDS0071/alarm/resistance_low y ro 1 v -
EDS0071/alarm/temp_hi y ro 1 v -
EDS0071/alarm/temp_low y ro 1 v -
EDS0071/calibration/constant u ro 12 s 0..4294967295 -
EDS0071/calibration/key u rw 12 s 0..255 -
EDS0071/counter/samples u ro 12 t 0..4294967295 -
EDS0071/counter/seconds u ro 12 t 0..4294967295 s -
EDS0071/delay u rw 12 v 0..255 -
EDS0071/relay/control u rw 12 v 0..3 -
EDS0071/relay/state y rw 1 v -
EDS0071/resistance f ro 12 v Ω -
EDS0071/set_alarm/resistance__hi y rw 1 v -
EDS0071/set_alarm/resistance_low y rw 1 v -
EDS0071/set_alarm/temp_hi y rw 1 v -
EDS0071/set_alarm/temp_low y rw 1 v -
EDS0071/temperature t ro 12 v -
EDS0071/threshold/resistance_hi f rw 12 s -4096..4095.9995 Ω -
EDS0071/threshold/resistance_low f rw 12 s -4096..4095.9995 Ω -
EDS0071/threshold/temp_hi t rw 12 s -4096..4095.9995 -
EDS0071/threshold/temp_low t rw 12 s -4096..4095.9995 -
EDS0071/user_byte u rw 12 v 0..255 -
EDS0072/LED/control u rw 12 v 0..3 -
EDS0072/LED/state y rw 1 v -
EDS0072/alarm/RTD_hi y ro 1 v -
EDS0072/alarm/RTD_low y ro 1 v -
EDS0072/alarm/clear y wo 1 s -
EDS0072/alarm/temp_hi y ro 1 v -
EDS0072/alarm/temp_low y ro 1 v -
EDS0072/calibration/constant u ro 12 s 0..4294967295 -
EDS0072/calibration/key u rw 12 s 0..255 -
EDS0072/counter/samples u ro 12 t 0..4294967295 -
EDS0072/counter/seconds u ro 12 t 0..4294967295 s -
EDS0072/delay u rw 12 v 0..255 -
EDS0072/relay/control u rw 12 v 0..3 -
EDS0072/relay/state y rw 1 v -
EDS0072/resistance f ro 12 v Ω -
EDS0072/set_alarm/RTD_hi y rw 1 v -
EDS0072/set_alarm/RTD_low y rw 1 v -
EDS0072/set_alarm/temp_hi y rw 1 v -
EDS0072/set_alarm/temp_low y rw 1 v -
EDS0072/temperature t ro 12 v -
EDS0072/threshold/resistance_hi f rw 12 s -4096..4095.9995 Ω -
EDS0072/threshold/resistance_low f rw 12 s -4096..4095.9995 Ω -
EDS0072/threshold/temp_hi t rw 12 s -4096..4095.9995 -
EDS0072/threshold/temp_low t rw 12 s -4096..4095.9995 -
EDS0072/user_byte u rw 12 v 0..255 -
EDS0080/LED/control u rw 12 v 0..3 -
EDS0080/LED/state y rw 1 v -
EDS0080/alarm/clear y wo 1 s -
EDS0080/alarm/current_hi y8B ro 1 v -
EDS0080/alarm/current_low y8B ro 1 v -
EDS0080/counter/seconds u ro 12 t 0..4294967295 s -
EDS0080/current f8 ro 12 v 0..0.0319995 A -
EDS0080/max_current f8 ro 12 v 0..0.0319995 A -
EDS0080/memory b rw 160 v -
EDS0080/min_current f8 ro 12 v 0..0.0319995 A -
EDS0080/pages/page b5 rw 32 v -
EDS0080/relay/control u rw 12 v 0..3 -
EDS0080/relay/state y rw 1 v -
EDS0080/set_alarm/current_hi y8B rw 1 v -
EDS0080/set_alarm/current_low y8B rw 1 v -
EDS0080/threshold/current_hi f16 rw 12 s 0..0.0319995 A -
EDS0080/threshold/current_low f16 rw 12 s 0..0.0319995 A -
EDS0082/LED/control u rw 12 v 0..3 -
EDS0082/LED/state y rw 1 v -
EDS0082/alarm/clear y wo 1 s -
EDS0082/alarm/volts_hi y8B ro 1 v -
EDS0082/alarm/volts_low y8B ro 1 v -
EDS0082/counter/seconds u ro 12 t 0..4294967295 s -
EDS0082/max_volts f8 ro 12 v 0..31.9995 V -
EDS0082/memory b rw 160 v -
EDS0082/min_volts f8 ro 12 v 0..31.9995 V -
EDS0082/pages/page b5 rw 32 v -
EDS0082/relay/control u rw 12 v 0..3 -
EDS0082/relay/state y rw 1 v -
EDS0082/set_alarm/volts_hi y8B rw 1 v -
EDS0082/set_alarm/volts_low y8B rw 1 v -
EDS0082/threshold/volts_hi f16 rw 12 s 0..31.9995 V -
EDS0082/threshold/volts_low f16 rw 12 s 0..31.9995 V -
EDS0082/volts f8 ro 12 v 0..31.9995 V -
EDS0083/LED/control u rw 12 v 0..3 -
EDS0083/LED/state y rw 1 v -
EDS0083/alarm/clear y wo 1 s -
EDS0083/alarm/current_hi y4B ro 1 v -
EDS0083/alarm/current_low y4B ro 1 v -
EDS0083/counter/seconds u ro 12 t 0..4294967295 s -
EDS0083/current f4 ro 12 v 0..0.0319995 A -
EDS0083/max_current f4 ro 12 v 0..0.0319995 A -
EDS0083/memory b rw 160 v -
EDS0083/min_current f4 ro 12 v 0..0.0319995 A -
EDS0083/pages/page b5 rw 32 v -
EDS0083/relay/control u rw 12 v 0..3 -
EDS0083/relay/state y rw 1 v -
EDS0083/set_alarm/current_hi y4B rw 1 v -
EDS0083/set_alarm/current_low y4B rw 1 v -
EDS0083/threshold/current_hi f8 rw 12 s 0..0.0319995 A -
EDS0083/threshold/current_low f8 rw 12 s 0..0.0319995 A -
EDS0085/LED/control u rw 12 v 0..3 -
EDS0085/LED/state y rw 1 v -
EDS0085/alarm/clear y wo 1 s -
EDS0085/alarm/volts_hi y4B ro 1 v -
EDS0085/alarm/volts_low y4B ro 1 v -
EDS0085/counter/seconds u ro 12 t 0..4294967295 s -
EDS0085/max_volts f4 ro 12 v 0..31.9995 V -
EDS0085/memory b rw 160 v -
EDS0085/min_volts f4 ro 12 v 0..31.9995 V -
EDS0085/pages/page b5 rw 32 v -
EDS0085/relay/control u rw 12 v 0..3 -
EDS0085/relay/state y rw 1 v -
EDS0085/set_alarm/volts_hi y4B rw 1 v -
EDS0085/set_alarm/volts_low y4B rw 1 v -
EDS0085/threshold/volts_hi f8 rw 12 s 0..31.9995 V -
EDS0085/threshold/volts_low f8 rw 12 s 0..31.9995 V -
EDS0085/volts f4 ro 12 v 0..31.9995 V -
EDS0090/LED/control u rw 12 v 0..3 -
EDS0090/LED/state y rw 1 v -
EDS0090/alarm/clear y wo 1 s -
EDS0090/alarm/hi y8B ro 1 v -
EDS0090/alarm/low y8B ro 1 v -
EDS0090/counter/pulses u8 ro 12 v 0..4294967295 -
EDS0090/counter/reset y8B rw 1 v -
EDS0090/counter/seconds u ro 12 t 0..4294967295 s -
EDS0090/input y8B ro 1 s -
EDS0090/latch/reset y8B rw 1 v -
EDS0090/latch/state y8B ro 1 v -
EDS0090/output/off y8B ro 1 v -
EDS0090/output/reset y8B rw 1 v -
EDS0090/output/set y8B rw 1 v -
EDS0090/relay/control u rw 12 v 0..3 -
EDS0090/relay/state y rw 1 v -
EDS0090/set_alarm/hi y8B rw 1 v -
EDS0090/set_alarm/low y8B rw 1 v -
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
device_id u ro 12 s 0..65535
device_type a ro 7 v
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 96 v
pages/page b3 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
tag a ro 30 s
type a ro 32 f
`
}

type DS1420Read = CommonRead

type DS1420Write = CommonWrite

/**
 * Properties of a DS1420.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1420 extends Family.Properties {
  readonly read: DS1420Read
  readonly write: DS1420Write
}

/**
 * DS1420, family 81: a serial number, in USB adapters.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1420: Family.Family<DS1420> = {
  codes: ["81"],
  chip: "DS1420",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS1425Read extends CommonRead {
  readonly [element: `subkey0/id.${string}`]: Uint8Array
  readonly [element: `subkey0/secure_data.${string}`]: Uint8Array
  readonly [element: `subkey1/id.${string}`]: Uint8Array
  readonly [element: `subkey1/secure_data.${string}`]: Uint8Array
  readonly [element: `subkey2/id.${string}`]: Uint8Array
  readonly [element: `subkey2/secure_data.${string}`]: Uint8Array
}

interface DS1425Write extends CommonWrite {
  readonly [element: `subkey0/id.${string}`]: Uint8Array
  readonly [element: `subkey0/password.${string}`]: Uint8Array
  readonly [element: `subkey0/reset.${string}`]: boolean
  readonly [element: `subkey0/secure_data.${string}`]: Uint8Array
  readonly [element: `subkey1/id.${string}`]: Uint8Array
  readonly [element: `subkey1/password.${string}`]: Uint8Array
  readonly [element: `subkey1/reset.${string}`]: boolean
  readonly [element: `subkey1/secure_data.${string}`]: Uint8Array
  readonly [element: `subkey2/id.${string}`]: Uint8Array
  readonly [element: `subkey2/password.${string}`]: Uint8Array
  readonly [element: `subkey2/reset.${string}`]: boolean
  readonly [element: `subkey2/secure_data.${string}`]: Uint8Array
}

/**
 * Properties of a DS1425.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1425 extends Family.Properties {
  readonly read: DS1425Read
  readonly write: DS1425Write
}

/**
 * DS1425, family 82: an iButton with three protected memories.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1425: Family.Family<DS1425> = {
  codes: ["82"],
  chip: "DS1425",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
subkey0/id bx rw 8 s
subkey0/password bx wo 8 s
subkey0/reset yx wo 1 s
subkey0/secure_data bx rw 48 s
subkey1/id bx rw 8 s
subkey1/password bx wo 8 s
subkey1/reset yx wo 1 s
subkey1/secure_data bx rw 48 s
subkey2/id bx rw 8 s
subkey2/password bx wo 8 s
subkey2/reset yx wo 1 s
subkey2/secure_data bx rw 48 s
type a ro 32 f
`
}

interface DS1982URead extends CommonRead, Elements.Numbered<"pages/page", 4, Uint8Array> {
  readonly "mac_e": Uint8Array
  readonly "mac_fw": Uint8Array
  readonly "memory": Uint8Array
  readonly "project": Uint8Array
}

interface DS1982UWrite extends CommonWrite, Elements.Numbered<"pages/page", 4, Uint8Array> {
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS1982U.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1982U extends Family.Properties {
  readonly read: DS1982URead
  readonly write: DS1982UWrite
}

/**
 * DS1982U, family 89: 1 kbit of UniqueWare memory.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1982U: Family.Family<DS1982U> = {
  codes: ["89"],
  chip: "DS1982U",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
mac_e b ro 6 s
mac_fw b ro 8 s
memory b rw 128 v
pages/page b4 rw 32 v
project b ro 4 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface DS1985URead
  extends CommonRead, Elements.Numbered<"pages/page", 64, Uint8Array>, Elements.Numbered<"status/page", 11, Uint8Array>
{
  readonly "memory": Uint8Array
}

interface DS1985UWrite
  extends CommonWrite, Elements.Numbered<"pages/page", 64, Uint8Array>, Elements.Numbered<"status/page", 11, Uint8Array>
{
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS1985U.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1985U extends Family.Properties {
  readonly read: DS1985URead
  readonly write: DS1985UWrite
}

/**
 * DS1985U, family 8B: 16 kbit of UniqueWare memory.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1985U: Family.Family<DS1985U> = {
  codes: ["8B"],
  chip: "DS1985U",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 2048 v
pages/page b64 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
status/page b11 rw 8 s
type a ro 32 f
`
}

interface DS1986URead
  extends CommonRead, Elements.Numbered<"pages/page", 256, Uint8Array>, Elements.Numbered<"status/page", 11, Uint8Array>
{
  readonly "memory": Uint8Array
}

interface DS1986UWrite
  extends
    CommonWrite,
    Elements.Numbered<"pages/page", 256, Uint8Array>,
    Elements.Numbered<"status/page", 11, Uint8Array>
{
  readonly "memory": Uint8Array
}

/**
 * Properties of a DS1986U.
 *
 * @category models
 * @since 0.1.0
 */
export interface DS1986U extends Family.Properties {
  readonly read: DS1986URead
  readonly write: DS1986UWrite
}

/**
 * DS1986U, family 8F: 64 kbit of UniqueWare memory.
 *
 * @category families
 * @since 0.1.0
 */
export const DS1986U: Family.Family<DS1986U> = {
  codes: ["8F"],
  chip: "DS1986U",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
memory b rw 8192 v
pages/page b256 rw 32 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
status/page b11 rw 32 s
type a ro 32 f
`
}

interface mRS001Read extends CommonRead {
  readonly "RPM": number
}

type mRS001Write = CommonWrite

/**
 * Properties of a mRS001.
 *
 * @category models
 * @since 0.1.0
 */
export interface mRS001 extends Family.Properties {
  readonly read: mRS001Read
  readonly write: mRS001Write
}

/**
 * mRS001, family A0: a rotation sensor.
 *
 * @category families
 * @since 0.1.0
 */
export const mRS001: Family.Family<mRS001> = {
  codes: ["A0"],
  chip: "mRS001",
  records: `
RPM u ro 12 v rpm
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface mCM001Read extends CommonRead {
  readonly "current": number
}

type mCM001Write = CommonWrite

/**
 * Properties of a mCM001.
 *
 * @category models
 * @since 0.1.0
 */
export interface mCM001 extends Family.Properties {
  readonly read: mCM001Read
  readonly write: mCM001Write
}

/**
 * mCM001, family A2: a current sensor.
 *
 * @category families
 * @since 0.1.0
 */
export const mCM001: Family.Family<mCM001> = {
  codes: ["A2"],
  chip: "mCM001",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
current f ro 12 v 0..655.35 A
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
`
}

interface mDI001Read
  extends
    CommonRead,
    Elements.NumberedBits<"loop_open", 4>,
    Elements.NumberedBits<"loop_shorted", 4>,
    Elements.NumberedBits<"switch_closed", 4>
{}

type mDI001Write = CommonWrite

/**
 * Properties of a mDI001.
 *
 * @category models
 * @since 0.1.0
 */
export interface mDI001 extends Family.Properties {
  readonly read: mDI001Read
  readonly write: mDI001Write
}

/**
 * mDI001, family A5: four digital inputs.
 *
 * @category families
 * @since 0.1.0
 */
export const mDI001: Family.Family<mDI001> = {
  codes: ["A5"],
  chip: "mDI001",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
loop_open y4B ro 1 v
loop_shorted y4B ro 1 v
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
switch_closed y4B ro 1 v
type a ro 32 f
`
}

interface mAM001Read extends CommonRead {
  readonly "current": number
  readonly "volts": number
}

type mAM001Write = CommonWrite

/**
 * Properties of a mAM001.
 *
 * @category models
 * @since 0.1.0
 */
export interface mAM001 extends Family.Properties {
  readonly read: mAM001Read
  readonly write: mAM001Write
}

/**
 * mAM001, family B2: an analogue output.
 *
 * @category families
 * @since 0.1.0
 */
export const mAM001: Family.Family<mAM001> = {
  codes: ["B2"],
  chip: "mAM001",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
current f ro 12 v 0..0.13107 A
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
volts f ro 12 v 0..65.535 V
`
}

interface Example_slaveRead extends CommonRead, Elements.NumberedBits<"bits", 8> {
  readonly [element: `extension_characters.${string}`]: number
  readonly [element: `is_index_prime.${number}`]: boolean
  readonly "read_number": number
}

type Example_slaveWrite = CommonWrite

/**
 * Properties of a Example_slave.
 *
 * @category models
 * @since 0.1.0
 */
export interface Example_slave extends Family.Properties {
  readonly read: Example_slaveRead
  readonly write: Example_slaveWrite
}

/**
 * Example_slave, family DD: the example of a driver's source.
 *
 * @category families
 * @since 0.1.0
 */
export const Example_slave: Family.Family<Example_slave> = {
  codes: ["DD"],
  chip: "Example_slave",
  records: `
address a ro 16 f
alias l rw 256 f
bits y8B ro 1 s
crc8 a ro 2 f
extension_characters ux ro 12 v
family a ro 2 f
id a ro 12 f
is_index_prime yn ro 1 v
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
read_number i ro 12 s
type a ro 32 f
`
}

interface InfernoEmbeddedRead extends CommonRead {
  readonly "device": string
  readonly "firmware_bootloader_size": number
  readonly "firmware_range": string
  readonly "led_channels": number
  readonly "led_port0": string
  readonly "led_port1": string
  readonly "led_port2": string
  readonly "led_port3": string
  readonly "led_port4": string
  readonly "led_port5": string
  readonly "led_port6": string
  readonly "led_port7": string
  readonly "led_ports": number
  readonly "relay_channels": number
  readonly "relay_mode0": string
  readonly "relay_mode1": string
  readonly "relay_mode2": string
  readonly "relay_mode3": string
  readonly "relay_mode4": string
  readonly "relay_mode5": string
  readonly "relay_mode6": string
  readonly "relay_mode7": string
  readonly "relay_port0": string
  readonly "relay_port1": string
  readonly "relay_port2": string
  readonly "relay_port3": string
  readonly "relay_port4": string
  readonly "relay_port5": string
  readonly "relay_port6": string
  readonly "relay_port7": string
  readonly "relay_ports": number
  readonly "relay_timeout0": string
  readonly "relay_timeout1": string
  readonly "relay_timeout2": string
  readonly "relay_timeout3": string
  readonly "relay_timeout4": string
  readonly "relay_timeout5": string
  readonly "relay_timeout6": string
  readonly "relay_timeout7": string
  readonly "rgbw_channel0": string
  readonly "rgbw_channel1": string
  readonly "rgbw_channel10": string
  readonly "rgbw_channel11": string
  readonly "rgbw_channel12": string
  readonly "rgbw_channel13": string
  readonly "rgbw_channel14": string
  readonly "rgbw_channel15": string
  readonly "rgbw_channel16": string
  readonly "rgbw_channel17": string
  readonly "rgbw_channel18": string
  readonly "rgbw_channel19": string
  readonly "rgbw_channel2": string
  readonly "rgbw_channel20": string
  readonly "rgbw_channel21": string
  readonly "rgbw_channel22": string
  readonly "rgbw_channel23": string
  readonly "rgbw_channel24": string
  readonly "rgbw_channel25": string
  readonly "rgbw_channel26": string
  readonly "rgbw_channel27": string
  readonly "rgbw_channel28": string
  readonly "rgbw_channel29": string
  readonly "rgbw_channel3": string
  readonly "rgbw_channel30": string
  readonly "rgbw_channel31": string
  readonly "rgbw_channel4": string
  readonly "rgbw_channel5": string
  readonly "rgbw_channel6": string
  readonly "rgbw_channel7": string
  readonly "rgbw_channel8": string
  readonly "rgbw_channel9": string
  readonly "rgbw_channels": number
  readonly "status": number
  readonly "switch_channels": number
  readonly "switch_port0": string
  readonly "switch_port1": string
  readonly "switch_port2": string
  readonly "switch_port3": string
  readonly "switch_port4": string
  readonly "switch_port5": string
  readonly "switch_port6": string
  readonly "switch_port7": string
  readonly "switch_ports": number
  readonly "version": number
}

interface InfernoEmbeddedWrite extends CommonWrite {
  readonly "enter_firmware_update": boolean
  readonly "erase_firmware": boolean
  readonly "exit_firmware_update": boolean
  readonly "led_port0": string
  readonly "led_port1": string
  readonly "led_port2": string
  readonly "led_port3": string
  readonly "led_port4": string
  readonly "led_port5": string
  readonly "led_port6": string
  readonly "led_port7": string
  readonly "relay_mode0": string
  readonly "relay_mode1": string
  readonly "relay_mode2": string
  readonly "relay_mode3": string
  readonly "relay_mode4": string
  readonly "relay_mode5": string
  readonly "relay_mode6": string
  readonly "relay_mode7": string
  readonly "relay_port0": string
  readonly "relay_port1": string
  readonly "relay_port2": string
  readonly "relay_port3": string
  readonly "relay_port4": string
  readonly "relay_port5": string
  readonly "relay_port6": string
  readonly "relay_port7": string
  readonly "relay_timeout0": string
  readonly "relay_timeout1": string
  readonly "relay_timeout2": string
  readonly "relay_timeout3": string
  readonly "relay_timeout4": string
  readonly "relay_timeout5": string
  readonly "relay_timeout6": string
  readonly "relay_timeout7": string
  readonly "rgbw_all_off": boolean
  readonly "rgbw_channel0": string
  readonly "rgbw_channel1": string
  readonly "rgbw_channel10": string
  readonly "rgbw_channel11": string
  readonly "rgbw_channel12": string
  readonly "rgbw_channel13": string
  readonly "rgbw_channel14": string
  readonly "rgbw_channel15": string
  readonly "rgbw_channel16": string
  readonly "rgbw_channel17": string
  readonly "rgbw_channel18": string
  readonly "rgbw_channel19": string
  readonly "rgbw_channel2": string
  readonly "rgbw_channel20": string
  readonly "rgbw_channel21": string
  readonly "rgbw_channel22": string
  readonly "rgbw_channel23": string
  readonly "rgbw_channel24": string
  readonly "rgbw_channel25": string
  readonly "rgbw_channel26": string
  readonly "rgbw_channel27": string
  readonly "rgbw_channel28": string
  readonly "rgbw_channel29": string
  readonly "rgbw_channel3": string
  readonly "rgbw_channel30": string
  readonly "rgbw_channel31": string
  readonly "rgbw_channel4": string
  readonly "rgbw_channel5": string
  readonly "rgbw_channel6": string
  readonly "rgbw_channel7": string
  readonly "rgbw_channel8": string
  readonly "rgbw_channel9": string
  readonly "set_switch_type": string
  readonly "switch_refresh_activations": boolean
  readonly "update_firmware": Uint8Array
}

/**
 * Properties of a InfernoEmbedded.
 *
 * @category models
 * @since 0.1.0
 */
export interface InfernoEmbedded extends Family.Properties {
  readonly read: InfernoEmbeddedRead
  readonly write: InfernoEmbeddedWrite
}

/**
 * InfernoEmbedded, family ED: switches, relays and lamps of Inferno Embedded.
 *
 * @category families
 * @since 0.1.0
 */
export const InfernoEmbedded: Family.Family<InfernoEmbedded> = {
  codes: ["ED"],
  chip: "InfernoEmbedded",
  records: `
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
device a ro 64 v
enter_firmware_update y wo 1 f
erase_firmware y wo 1 v -
exit_firmware_update y wo 1 v -
family a ro 2 f
firmware_bootloader_size u ro 12 v -
firmware_range a ro 22 v -
id a ro 12 f
led_channels u ro 12 f -
led_port0 a rw 129 v -
led_port1 a rw 129 v -
led_port2 a rw 129 v -
led_port3 a rw 129 v -
led_port4 a rw 129 v -
led_port5 a rw 129 v -
led_port6 a rw 129 v -
led_port7 a rw 129 v -
led_ports u ro 12 f -
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
relay_channels u ro 12 f -
relay_mode0 a rw 129 v -
relay_mode1 a rw 129 v -
relay_mode2 a rw 129 v -
relay_mode3 a rw 129 v -
relay_mode4 a rw 129 v -
relay_mode5 a rw 129 v -
relay_mode6 a rw 129 v -
relay_mode7 a rw 129 v -
relay_port0 a rw 257 v -
relay_port1 a rw 257 v -
relay_port2 a rw 257 v -
relay_port3 a rw 257 v -
relay_port4 a rw 257 v -
relay_port5 a rw 257 v -
relay_port6 a rw 257 v -
relay_port7 a rw 257 v -
relay_ports u ro 12 f -
relay_timeout0 a rw 257 v -
relay_timeout1 a rw 257 v -
relay_timeout2 a rw 257 v -
relay_timeout3 a rw 257 v -
relay_timeout4 a rw 257 v -
relay_timeout5 a rw 257 v -
relay_timeout6 a rw 257 v -
relay_timeout7 a rw 257 v -
rgbw_all_off y wo 1 f -
rgbw_channel0 a rw 25 v -
rgbw_channel1 a rw 25 v -
rgbw_channel10 a rw 25 v -
rgbw_channel11 a rw 25 v -
rgbw_channel12 a rw 25 v -
rgbw_channel13 a rw 25 v -
rgbw_channel14 a rw 25 v -
rgbw_channel15 a rw 25 v -
rgbw_channel16 a rw 25 v -
rgbw_channel17 a rw 25 v -
rgbw_channel18 a rw 25 v -
rgbw_channel19 a rw 25 v -
rgbw_channel2 a rw 25 v -
rgbw_channel20 a rw 25 v -
rgbw_channel21 a rw 25 v -
rgbw_channel22 a rw 25 v -
rgbw_channel23 a rw 25 v -
rgbw_channel24 a rw 25 v -
rgbw_channel25 a rw 25 v -
rgbw_channel26 a rw 25 v -
rgbw_channel27 a rw 25 v -
rgbw_channel28 a rw 25 v -
rgbw_channel29 a rw 25 v -
rgbw_channel3 a rw 25 v -
rgbw_channel30 a rw 25 v -
rgbw_channel31 a rw 25 v -
rgbw_channel4 a rw 25 v -
rgbw_channel5 a rw 25 v -
rgbw_channel6 a rw 25 v -
rgbw_channel7 a rw 25 v -
rgbw_channel8 a rw 25 v -
rgbw_channel9 a rw 25 v -
rgbw_channels u ro 12 f -
set_switch_type a wo 9 v -
status u ro 12 v
switch_channels u ro 12 f -
switch_port0 a ro 129 v -
switch_port1 a ro 129 v -
switch_port2 a ro 129 v -
switch_port3 a ro 129 v -
switch_port4 a ro 129 v -
switch_port5 a ro 129 v -
switch_port6 a ro 129 v -
switch_port7 a ro 129 v -
switch_ports u ro 12 f -
switch_refresh_activations y wo 1 f -
type a ro 32 f
update_firmware b wo 65536 v -
version u ro 12 v
`
}

interface HobbyBoards_EERead extends CommonRead {
  readonly "UVI/UVI": number
  readonly "UVI/UVI_offset": number
  readonly "UVI/in_case": boolean
  readonly "temperature": number
  readonly "temperature_offset": number
  readonly "type": string
  readonly "type_number": number
  readonly "version": string
}

interface HobbyBoards_EEWrite extends CommonWrite {
  readonly "UVI/UVI_offset": number
  readonly "UVI/in_case": boolean
  readonly "temperature_offset": number
}

/**
 * Properties of a HobbyBoards_EE.
 *
 * @category models
 * @since 0.1.0
 */
export interface HobbyBoards_EE extends Family.Properties {
  readonly read: HobbyBoards_EERead
  readonly write: HobbyBoards_EEWrite
}

/**
 * HobbyBoards_EE, family EE: a UV index meter of Hobby Boards.
 *
 * @category families
 * @since 0.1.0
 */
export const HobbyBoards_EE: Family.Family<HobbyBoards_EE> = {
  codes: ["EE"],
  chip: "HobbyBoards_EE",
  records: `
UVI/UVI f ro 12 v 0..25.4 -
UVI/UVI_offset f rw 12 s -
UVI/in_case y rw 1 s -
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
temperature t ro 12 v -
temperature_offset g rw 12 s -
type a ro 32 v
type_number u ro 12 s 0..255
version a ro 7 s
`
}

interface HobbyBoards_EFRead
  extends
    CommonRead,
    Elements.NumberedBits<"hub/branch", 4>,
    Elements.NumberedBits<"hub/short", 4>,
    Elements.Numbered<"moisture/calibrate/raw", 4, number>,
    Elements.NumberedBits<"moisture/is_leaf", 4>,
    Elements.NumberedBits<"moisture/is_moisture", 4>,
    Elements.Numbered<"moisture/sensor", 4, number>,
    Elements.Numbered<"multitemp/temperature", 6, number>
{
  readonly "barometer/altitude": number
  readonly "barometer/config": number
  readonly "barometer/location": string
  readonly "barometer/polling_available": number
  readonly "barometer/polling_frequency": number
  readonly "barometer/pressure": number
  readonly "barometer/pressure_altitude": number
  readonly "barometer/temperature": number
  readonly "humidity/config": number
  readonly "humidity/humidity_corrected": number
  readonly "humidity/humidity_offset": number
  readonly "humidity/humidity_raw": number
  readonly "humidity/location": string
  readonly "humidity/polling_available": number
  readonly "humidity/polling_frequency": number
  readonly "humidity/temperature": number
  readonly "moisture/calibrate/max": number
  readonly "moisture/calibrate/min": number
  readonly "multitemp/config": number
  readonly "multitemp/location": string
  readonly "multitemp/polling_available": number
  readonly "multitemp/polling_frequency": number
  readonly "type": string
  readonly "type_number": number
  readonly "version": string
}

interface HobbyBoards_EFWrite
  extends
    CommonWrite,
    Elements.NumberedBits<"hub/branch", 4>,
    Elements.NumberedBits<"moisture/is_leaf", 4>,
    Elements.NumberedBits<"moisture/is_moisture", 4>
{
  readonly "barometer/altitude": number
  readonly "barometer/config": number
  readonly "barometer/location": string
  readonly "barometer/polling_frequency": number
  readonly "barometer/reboot": boolean
  readonly "barometer/reset": boolean
  readonly "humidity/config": number
  readonly "humidity/humidity_offset": number
  readonly "humidity/location": string
  readonly "humidity/polling_frequency": number
  readonly "humidity/reboot": boolean
  readonly "humidity/reset": boolean
  readonly "moisture/calibrate/max": number
  readonly "moisture/calibrate/min": number
  readonly "multitemp/location": string
  readonly "multitemp/polling_frequency": number
  readonly "multitemp/reboot": boolean
  readonly "multitemp/reset": boolean
}

/**
 * Properties of a HobbyBoards_EF.
 *
 * @category models
 * @since 0.1.0
 */
export interface HobbyBoards_EF extends Family.Properties {
  readonly read: HobbyBoards_EFRead
  readonly write: HobbyBoards_EFWrite
}

/**
 * HobbyBoards_EF, family EF: hubs and sensors of moisture, humidity and pressure of Hobby Boards.
 *
 * @category families
 * @since 0.1.0
 */
export const HobbyBoards_EF: Family.Family<HobbyBoards_EF> = {
  codes: ["EF"],
  chip: "HobbyBoards_EF",
  records: `
address a ro 16 f
alias l rw 256 f
barometer/altitude i rw 12 v -32768..32767 -
barometer/config u rw 12 s 0..255 -
barometer/location a rw 21 s -
barometer/polling_available u ro 12 s 0..255 -
barometer/polling_frequency u rw 12 s 0..255 -
barometer/pressure p ro 12 v -
barometer/pressure_altitude i ro 12 v -32768..32767 -
barometer/reboot y wo 1 s -
barometer/reset y wo 1 s -
barometer/temperature t ro 12 v -
crc8 a ro 2 f
family a ro 2 f
hub/branch y4B rw 1 s -
hub/short y4B ro 1 s -
humidity/config u rw 12 s 0..255 -
humidity/humidity_corrected f ro 12 v 0..100 %RH -
humidity/humidity_offset f rw 12 v %RH -
humidity/humidity_raw f ro 12 v 0..100 %RH -
humidity/location a rw 21 s -
humidity/polling_available u ro 12 s 0..255 -
humidity/polling_frequency u rw 12 s 0..255 -
humidity/reboot y wo 1 s -
humidity/reset y wo 1 s -
humidity/temperature t ro 12 v -
id a ro 12 f
locator a ro 16 f
moisture/calibrate/max u rw 12 s 0..65535 -
moisture/calibrate/min u rw 12 s 0..65535 -
moisture/calibrate/raw u4 ro 12 v 0..65535 -
moisture/is_leaf y4B rw 1 v -
moisture/is_moisture y4B rw 1 s -
moisture/sensor i4 ro 12 v 0..255 -
multitemp/config u ro 12 s 0..255 -
multitemp/location a rw 21 s -
multitemp/polling_available u ro 12 s 0..255 -
multitemp/polling_frequency u rw 12 s 0..255 -
multitemp/reboot y wo 1 s -
multitemp/reset y wo 1 s -
multitemp/temperature t6 ro 12 v -
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 v
type_number u ro 12 s 0..255
version a ro 7 v
`
}

interface BAERead
  extends
    CommonRead,
    Elements.Numbered<"911/alarm/enable_latch", 22, boolean>,
    Elements.Numbered<"911/alarm/latch", 22, boolean>,
    Elements.Numbered<"911/analog/adc", 16, number>,
    Elements.Numbered<"911/automation_engine/global_mem", 64, number>,
    Elements.Numbered<"911/counters/count", 18, number>,
    Elements.Numbered<"911/counters/enable_counter", 18, boolean>,
    Elements.Numbered<"911/pio/direction", 22, boolean>,
    Elements.Numbered<"911/pio/pio", 22, boolean>,
    Elements.Numbered<"911/pio/pull_down", 8, boolean>,
    Elements.Numbered<"911/pio/pull_enable", 22, boolean>,
    Elements.Numbered<"911/pio/strength", 22, boolean>,
    Elements.Numbered<"911/timers/countdown", 32, number>,
    Elements.Numbered<"911/user_registers/byte", 16, number>,
    Elements.Numbered<"911/user_registers/dword", 8, number>,
    Elements.Numbered<"911/user_registers/word", 16, number>,
    Elements.Numbered<"eeprom/page", 32, Uint8Array>
{
  readonly "910/adc": number
  readonly "910/adc10": number
  readonly "910/adcan": number
  readonly "910/adcap": number
  readonly "910/adcc": number
  readonly "910/adctotn": number
  readonly "910/adctotp": number
  readonly "910/alan": number
  readonly "910/alap": number
  readonly "910/alarm": number
  readonly "910/alarmc": number
  readonly "910/alcps": number
  readonly "910/alct": number
  readonly "910/cnt": number
  readonly "910/cntc": number
  readonly "910/count": number
  readonly "910/cps": number
  readonly "910/date": Date
  readonly "910/duty1": number
  readonly "910/duty2": number
  readonly "910/duty3": number
  readonly "910/duty4": number
  readonly "910/maxan": number
  readonly "910/maxap": number
  readonly "910/maxcps": number
  readonly "910/out": number
  readonly "910/outc": number
  readonly "910/ovruncnt": number
  readonly "910/pc0": number
  readonly "910/pc1": number
  readonly "910/pc2": number
  readonly "910/pc3": number
  readonly "910/period1": number
  readonly "910/period2": number
  readonly "910/pio": number
  readonly "910/pioc": number
  readonly "910/resetcnt": number
  readonly "910/rtcc": number
  readonly "910/selectcnt": number
  readonly "910/stalledcnt": number
  readonly "910/tpm1c": number
  readonly "910/tpm2c": number
  readonly "910/udate": number
  readonly "910/usera": number
  readonly "910/userb": number
  readonly "910/userc": number
  readonly "910/userd": number
  readonly "910/usere": number
  readonly "910/userf": number
  readonly "910/userg": number
  readonly "910/userh": number
  readonly "910/useri": number
  readonly "910/userj": number
  readonly "910/userk": number
  readonly "910/userl": number
  readonly "910/userm": number
  readonly "910/usern": number
  readonly "910/usero": number
  readonly "910/userp": number
  readonly "911/alarm/clear_latchs": boolean
  readonly "911/alarm/enable_global": number
  readonly "911/alarm/userbits": number
  readonly "911/alarm/userbits_enable": number
  readonly "911/analog/adc_enable": boolean
  readonly "911/analog/comparator/acmp_enable": boolean
  readonly "911/analog/comparator/changed": boolean
  readonly "911/analog/comparator/internal_ref": boolean
  readonly "911/analog/comparator/out_enable": boolean
  readonly "911/analog/comparator/out_state": boolean
  readonly [element: `911/automation_engine/global_memory.${number}`]: number
  readonly "911/automation_engine/pc0": number
  readonly "911/counters/enable_encoder0": boolean
  readonly "911/counters/enable_encoder16": boolean
  readonly "911/counters/enable_encoder17": boolean
  readonly "911/counters/enable_encoder5": boolean
  readonly "911/counters/enable_encoder8": boolean
  readonly "911/counters/enable_encoder9": boolean
  readonly "911/iic/cat9554/direction": number
  readonly "911/iic/cat9554/pio": number
  readonly "911/iic/init": number
  readonly "911/lcd/init": number
  readonly "911/pwm1/duty_ch0": number
  readonly "911/pwm1/duty_ch1": number
  readonly "911/pwm1/mode_ch0": number
  readonly "911/pwm1/mode_ch1": number
  readonly "911/pwm1/period": number
  readonly "911/pwm1/ref_clock": number
  readonly "911/pwm2/duty_ch0": number
  readonly "911/pwm2/duty_ch1": number
  readonly "911/pwm2/mode_ch0": number
  readonly "911/pwm2/mode_ch1": number
  readonly "911/pwm2/period": number
  readonly "911/pwm2/ref_clock": number
  readonly "911/sdcard/init": number
  readonly "911/sdcard/sector_data": Uint8Array
  readonly "911/sdcard/sector_nr": number
  readonly "911/serial/baud_divisor": number
  readonly "911/serial/scic": number
  readonly "911/system/owidletime": number
  readonly "911/system/poweronflags": number
  readonly "911/system/watchdog1w": number
  readonly "911/timers/clock": number
  readonly "911/timers/countdown_number": number
  readonly "911/timers/random": number
  readonly "bootstrap_version": number
  readonly "chip_type": number
  readonly "device_type": number
  readonly "device_version": number
  readonly "eeprom/pagecrc": number
  readonly "generic/memory": Uint8Array
  readonly "localtype": string
  readonly "version": string
}

interface BAEWrite
  extends
    CommonWrite,
    Elements.Numbered<"911/alarm/enable_latch", 22, boolean>,
    Elements.Numbered<"911/alarm/latch", 22, boolean>,
    Elements.Numbered<"911/automation_engine/global_mem", 64, number>,
    Elements.Numbered<"911/counters/count", 18, number>,
    Elements.Numbered<"911/counters/enable_counter", 18, boolean>,
    Elements.Numbered<"911/pio/direction", 22, boolean>,
    Elements.Numbered<"911/pio/pio", 22, boolean>,
    Elements.Numbered<"911/pio/pull_down", 8, boolean>,
    Elements.Numbered<"911/pio/pull_enable", 22, boolean>,
    Elements.Numbered<"911/pio/strength", 22, boolean>,
    Elements.Numbered<"911/timers/countdown", 32, number>,
    Elements.Numbered<"911/user_registers/byte", 16, number>,
    Elements.Numbered<"911/user_registers/dword", 8, number>,
    Elements.Numbered<"911/user_registers/word", 16, number>,
    Elements.Numbered<"eeprom/erase", 32, boolean>,
    Elements.Numbered<"eeprom/page", 32, Uint8Array>
{
  readonly "910/adcc": number
  readonly "910/adctotn": number
  readonly "910/adctotp": number
  readonly "910/alan": number
  readonly "910/alap": number
  readonly "910/alarm": number
  readonly "910/alarmc": number
  readonly "910/alcps": number
  readonly "910/alct": number
  readonly "910/cntc": number
  readonly "910/count": number
  readonly "910/date": Date
  readonly "910/duty1": number
  readonly "910/duty2": number
  readonly "910/duty3": number
  readonly "910/duty4": number
  readonly "910/maxan": number
  readonly "910/maxap": number
  readonly "910/maxcps": number
  readonly "910/out": number
  readonly "910/outc": number
  readonly "910/ovruncnt": number
  readonly "910/pc0": number
  readonly "910/pc1": number
  readonly "910/pc2": number
  readonly "910/pc3": number
  readonly "910/period1": number
  readonly "910/period2": number
  readonly "910/pio": number
  readonly "910/pioc": number
  readonly "910/resetcnt": number
  readonly "910/rtcc": number
  readonly "910/selectcnt": number
  readonly "910/stalledcnt": number
  readonly "910/tpm1c": number
  readonly "910/tpm2c": number
  readonly "910/udate": number
  readonly "910/usera": number
  readonly "910/userb": number
  readonly "910/userc": number
  readonly "910/userd": number
  readonly "910/usere": number
  readonly "910/userf": number
  readonly "910/userg": number
  readonly "910/userh": number
  readonly "910/useri": number
  readonly "910/userj": number
  readonly "910/userk": number
  readonly "910/userl": number
  readonly "910/userm": number
  readonly "910/usern": number
  readonly "910/usero": number
  readonly "910/userp": number
  readonly "911/alarm/clear_latchs": boolean
  readonly "911/alarm/enable_global": number
  readonly "911/alarm/userbits": number
  readonly "911/alarm/userbits_enable": number
  readonly "911/analog/adc_enable": boolean
  readonly "911/analog/comparator/acmp_enable": boolean
  readonly "911/analog/comparator/changed": boolean
  readonly "911/analog/comparator/internal_ref": boolean
  readonly "911/analog/comparator/out_enable": boolean
  readonly [element: `911/automation_engine/global_memory.${number}`]: number
  readonly "911/automation_engine/pc0": number
  readonly "911/counters/enable_encoder0": boolean
  readonly "911/counters/enable_encoder16": boolean
  readonly "911/counters/enable_encoder17": boolean
  readonly "911/counters/enable_encoder5": boolean
  readonly "911/counters/enable_encoder8": boolean
  readonly "911/counters/enable_encoder9": boolean
  readonly "911/iic/cat9554/direction": number
  readonly "911/iic/cat9554/pio": number
  readonly "911/iic/init": number
  readonly "911/lcd/init": number
  readonly "911/lcd/text": string
  readonly "911/pwm1/duty_ch0": number
  readonly "911/pwm1/duty_ch1": number
  readonly "911/pwm1/mode_ch0": number
  readonly "911/pwm1/mode_ch1": number
  readonly "911/pwm1/period": number
  readonly "911/pwm1/ref_clock": number
  readonly "911/pwm2/duty_ch0": number
  readonly "911/pwm2/duty_ch1": number
  readonly "911/pwm2/mode_ch0": number
  readonly "911/pwm2/mode_ch1": number
  readonly "911/pwm2/period": number
  readonly "911/pwm2/ref_clock": number
  readonly "911/sdcard/init": number
  readonly "911/sdcard/sector_data": Uint8Array
  readonly "911/sdcard/sector_nr": number
  readonly "911/serial/baud_divisor": number
  readonly "911/serial/dataout": string
  readonly "911/serial/scic": number
  readonly "911/system/owidletime": number
  readonly "911/system/watchdog1w": number
  readonly "911/timers/clock": number
  readonly "911/timers/countdown_number": number
  readonly "command": Uint8Array
  readonly "eeprom/pagecrc": number
  readonly "firmware/function": Uint8Array
  readonly "generic/memory": Uint8Array
}

/**
 * Properties of a BAE.
 *
 * @category models
 * @since 0.1.0
 */
export interface BAE extends Family.Properties {
  readonly read: BAERead
  readonly write: BAEWrite
}

/**
 * BAE, family FC: the programmable BAE0910 and BAE0911.
 *
 * @category families
 * @since 0.1.0
 */
export const BAE: Family.Family<BAE> = {
  codes: ["FC"],
  chip: "BAE",
  records: `
910/adc u ro 12 v 0..255 -
910/adc10 u ro 12 v 0..65535 -
910/adcan u ro 12 v 0..65535 -
910/adcap u ro 12 v 0..65535 -
910/adcc u rw 12 v 0..255 -
910/adctotn u rw 12 v 0..4294967295 -
910/adctotp u rw 12 v 0..4294967295 -
910/alan u rw 12 v 0..65535 -
910/alap u rw 12 v 0..65535 -
910/alarm u rw 12 v 0..255 -
910/alarmc u rw 12 v 0..255 -
910/alcps u rw 12 v 0..65535 -
910/alct u rw 12 v 0..4294967295 -
910/cnt u ro 12 v 0..255 -
910/cntc u rw 12 v 0..255 -
910/count u rw 12 v 0..4294967295 -
910/cps u ro 12 v 0..65535 -
910/date d rw 24 v -
910/duty1 u rw 12 v 0..65535 -
910/duty2 u rw 12 v 0..65535 -
910/duty3 u rw 12 v 0..65535 -
910/duty4 u rw 12 v 0..65535 -
910/maxan u rw 12 v 0..65535 -
910/maxap u rw 12 v 0..65535 -
910/maxcps u rw 12 v 0..65535 -
910/out u rw 12 v 0..255 -
910/outc u rw 12 v 0..255 -
910/ovruncnt u rw 12 v 0..65535 -
910/pc0 u rw 12 v 0..65535 -
910/pc1 u rw 12 v 0..65535 -
910/pc2 u rw 12 v 0..65535 -
910/pc3 u rw 12 v 0..65535 -
910/period1 u rw 12 v 0..65535 -
910/period2 u rw 12 v 0..65535 -
910/pio u rw 12 v 0..255 -
910/pioc u rw 12 v 0..255 -
910/resetcnt u rw 12 v 0..65535 -
910/rtcc u rw 12 v 0..255 -
910/selectcnt u rw 12 v 0..65535 -
910/stalledcnt u rw 12 v 0..65535 -
910/tpm1c u rw 12 v 0..255 -
910/tpm2c u rw 12 v 0..255 -
910/udate u rw 12 t 0..4294967295 -
910/usera u rw 12 v 0..255 -
910/userb u rw 12 v 0..255 -
910/userc u rw 12 v 0..255 -
910/userd u rw 12 v 0..255 -
910/usere u rw 12 v 0..255 -
910/userf u rw 12 v 0..255 -
910/userg u rw 12 v 0..255 -
910/userh u rw 12 v 0..255 -
910/useri u rw 12 v 0..65535 -
910/userj u rw 12 v 0..65535 -
910/userk u rw 12 v 0..65535 -
910/userl u rw 12 v 0..65535 -
910/userm u rw 12 v 0..4294967295 -
910/usern u rw 12 v 0..4294967295 -
910/usero u rw 12 v 0..4294967295 -
910/userp u rw 12 v 0..4294967295 -
911/alarm/clear_latchs y rw 1 v -
911/alarm/enable_global u rw 12 v 0..255 -
911/alarm/enable_latch y22 rw 1 v -
911/alarm/latch y22 rw 1 v -
911/alarm/userbits u rw 12 v 0..4294967295 -
911/alarm/userbits_enable u rw 12 v 0..4294967295 -
911/analog/adc u16 ro 12 v 0..65535 -
911/analog/adc_enable y rw 1 v -
911/analog/comparator/acmp_enable y rw 1 v -
911/analog/comparator/changed y rw 1 v -
911/analog/comparator/internal_ref y rw 1 v -
911/analog/comparator/out_enable y rw 1 v -
911/analog/comparator/out_state y ro 1 v -
911/automation_engine/global_mem u64 rw 12 v 0..255 -
911/automation_engine/global_memory un rw 12 v 0..255 -
911/automation_engine/pc0 u rw 12 v 0..65535 -
911/counters/count u18 rw 12 v 0..4294967295 -
911/counters/enable_counter y18 rw 1 v -
911/counters/enable_encoder0 y rw 1 v -
911/counters/enable_encoder16 y rw 1 v -
911/counters/enable_encoder17 y rw 1 v -
911/counters/enable_encoder5 y rw 1 v -
911/counters/enable_encoder8 y rw 1 v -
911/counters/enable_encoder9 y rw 1 v -
911/iic/cat9554/direction u rw 12 v -
911/iic/cat9554/pio u rw 12 v -
911/iic/init u rw 12 v 0..255 -
911/lcd/init u rw 12 v 0..255 -
911/lcd/text a wo 255 v -
911/pio/direction y22 rw 1 v -
911/pio/pio y22 rw 1 v -
911/pio/pull_down y8 rw 1 v -
911/pio/pull_enable y22 rw 1 v -
911/pio/strength y22 rw 1 v -
911/pwm1/duty_ch0 u rw 12 v 0..65535 -
911/pwm1/duty_ch1 u rw 12 v 0..65535 -
911/pwm1/mode_ch0 u rw 12 v 0..255 -
911/pwm1/mode_ch1 u rw 12 v 0..255 -
911/pwm1/period u rw 12 v 0..65535 -
911/pwm1/ref_clock u rw 12 v 0..255 -
911/pwm2/duty_ch0 u rw 12 v 0..65535 -
911/pwm2/duty_ch1 u rw 12 v 0..65535 -
911/pwm2/mode_ch0 u rw 12 v 0..255 -
911/pwm2/mode_ch1 u rw 12 v 0..255 -
911/pwm2/period u rw 12 v 0..65535 -
911/pwm2/ref_clock u rw 12 v 0..255 -
911/sdcard/init u rw 12 v 0..255 -
911/sdcard/sector_data b rw 512 s -
911/sdcard/sector_nr u rw 12 s -
911/serial/baud_divisor u rw 12 v 0..65535 -
911/serial/dataout a wo 255 v -
911/serial/scic u rw 12 v 0..255 -
911/system/owidletime u rw 12 v 0..255 -
911/system/poweronflags u ro 12 v 0..255 -
911/system/watchdog1w u rw 12 v 0..255 -
911/timers/clock u rw 12 v 0..4294967295 -
911/timers/countdown u32 rw 12 v 0..255 -
911/timers/countdown_number u rw 12 v 0..255 -
911/timers/random u ro 12 v 0..255 -
911/user_registers/byte u16 rw 12 v 0..255 -
911/user_registers/dword u8 rw 12 v 0..4294967295 -
911/user_registers/word u16 rw 12 v 0..65535 -
address a ro 16 f
alias l rw 256 f
bootstrap_version u ro 12 v
chip_type u ro 12 v
command b wo 255 s
crc8 a ro 2 f
device_type u ro 12 v
device_version u ro 12 v
eeprom/erase y32 wo 1 v =
eeprom/page b32 rw 512 v =
eeprom/pagecrc u rw 12 v 0..65535 =
family a ro 2 f
firmware/function b wo 16384 s
generic/memory b rw 128 v
id a ro 12 f
localtype a ro 5 v
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
type a ro 32 f
version a ro 5 v
`
}

interface IBLSSRead extends CommonRead {
  readonly "TH/humidity": number
  readonly "TH/latesthumidity": number
  readonly "TH/latesttemp": number
  readonly "TH/temperature": number
  readonly "firmware": string
  readonly "subtype": string
}

interface IBLSSWrite extends CommonWrite {
  readonly "TH/led": boolean
}

/**
 * Properties of a IBLSS.
 *
 * @category models
 * @since 0.1.0
 */
export interface IBLSS extends Family.Properties {
  readonly read: IBLSSRead
  readonly write: IBLSSWrite
}

/**
 * IBLSS, family FE: the sensors of iButtonLink.
 *
 * @category families
 * @since 0.1.0
 */
export const IBLSS: Family.Family<IBLSS> = {
  codes: ["FE"],
  chip: "IBLSS",
  records: `
TH/humidity f ro 12 v 0..100 %RH
TH/latesthumidity f ro 12 v 0..100 %RH
TH/latesttemp t ro 12 v
TH/led y wo 1 s
TH/temperature t ro 12 v
address a ro 16 f
alias l rw 256 f
crc8 a ro 2 f
family a ro 2 f
firmware a ro 5 s
id a ro 12 f
locator a ro 16 f
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
subtype a ro 2 s
type a ro 32 f
`
}

interface LCDRead
  extends
    CommonRead,
    Elements.Numbered<"counters", 4, number>,
    Elements.Numbered<"cumulative", 4, number>,
    Elements.NumberedBits<"gpio", 4>
{
  readonly "data": number
  readonly "memory": Uint8Array
  readonly "register": number
  readonly "version": string
}

interface LCDWrite
  extends
    CommonWrite,
    Elements.Numbered<"cumulative", 4, number>,
    Elements.NumberedBits<"gpio", 4>,
    Elements.Numbered<"line16", 4, string>,
    Elements.Numbered<"line20", 4, string>,
    Elements.Numbered<"line40", 2, string>
{
  readonly "LCDon": boolean
  readonly "backlight": boolean
  readonly "data": number
  readonly "memory": Uint8Array
  readonly "register": number
  readonly "screen16": string
  readonly "screen20": string
  readonly "screen40": string
}

/**
 * Properties of a LCD.
 *
 * @category models
 * @since 0.1.0
 */
export interface LCD extends Family.Properties {
  readonly read: LCDRead
  readonly write: LCDWrite
}

/**
 * LCD, family FF: a display.
 *
 * @category families
 * @since 0.1.0
 */
export const LCD: Family.Family<LCD> = {
  codes: ["FF"],
  chip: "LCD",
  records: `
LCDon y wo 1 s
address a ro 16 f
alias l rw 256 f
backlight y wo 1 s
counters u4 ro 12 v 0..65535
crc8 a ro 2 f
cumulative u4 rw 12 v 0..4294967295
data u rw 12 v 0..255
family a ro 2 f
gpio y4B rw 1 v
id a ro 12 f
line16 a4 wo 16 s
line20 a4 wo 20 s
line40 a2 wo 40 s
locator a ro 16 f
memory b rw 112 s
r_address a ro 16 f
r_id a ro 12 f
r_locator a ro 16 f
register u rw 12 v 0..255
screen16 a wo 128 s
screen20 a wo 128 s
screen40 a wo 128 s
type a ro 32 f
version a ro 16 s
`
}
