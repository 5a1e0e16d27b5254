/**
 * Meanings of the properties in a server's own directories: a sentence for each, or words for a directory and for each name in
 * it.
 */

/** The meaning of a property, by its name without the extension of an element. */
export type Meanings = (stem: string) => string

/** `directories` name what is counted; `leaves` name the aspect, by the last segment. */
const of = (
  sentences: Readonly<Record<string, string>>,
  directories: Readonly<Record<string, string>> = {},
  leaves: Readonly<Record<string, string>> = {}
): Meanings =>
(stem) => {
  const slash = stem.lastIndexOf("/")
  const directory = directories[stem.slice(0, slash)] ?? ""
  const leaf = stem.slice(slash + 1)
  return sentences[stem] ?? `${directory}: ${leaves[leaf] ?? leaf.replaceAll("_", " ")}.`
}

const mostAtOnce = {
  now: "how many there are now",
  max: "the largest number at a time",
  num: "how many have been counted so far",
  sum: "the sum of the numbers at each count, for an average"
}

export const settings = of({
  "alias/list": "All aliases that the server knows, one on each line: the ROM id in sixteen digits, =, and the alias.",
  "alias/unaliased": "Whether listings show ROM ids instead of aliases.",
  "return_codes/text": "The server's own text for a return code, by the code without its sign.",
  "timeout/directory": "How long a listing is kept in the cache.",
  "timeout/ftp": "How long an idle session of owftpd stays open.",
  "timeout/ha7": "How long the server waits for an HA7Net.",
  "timeout/network": "How long the server waits for another server or an adapter on the network.",
  "timeout/presence": "How long the server remembers on which bus a device is.",
  "timeout/serial": "How long the server waits for a serial bus master.",
  "timeout/server": "How long the server waits for the rest of a client's request.",
  "timeout/stable": "How long values that rarely change are kept in the cache.",
  "timeout/uncached": "Whether every read bypasses the cache.",
  "timeout/usb": "How long the server waits for a bus master on USB.",
  "timeout/volatile": "How long values that change are kept in the cache, such as temperatures.",
  "timeout/w1": "How long the server waits for the kernel's bus master.",
  "units/pressure_scale": "The scale of pressures, except for clients of the protocol, which set their own.",
  "units/temperature_scale": "The scale of temperatures, except for clients of the protocol, which set their own."
})

export const system = of({
  "configuration/DebugInfo": "Whether the server was built with debugging output.",
  "configuration/USB": "Whether the server was built for bus masters on USB.",
  "configuration/i2c": "Whether the server was built for bus masters on I2C.",
  "configuration/parport": "Whether the server was built for bus masters on a parallel port.",
  "configuration/trim": "Whether this call gets numbers without padding.",
  "configuration/version": "The version of the server.",
  "configuration/zeroconf": "Whether the server was built to announce itself on the network.",
  "connections/count_current_buses": "How many buses the server has.",
  "connections/count_outbound_connections": "How many addresses the server listens on.",
  "process/pid": "The process id of the server.",
  "process/pidfile": "The file that holds the process id, if there is one."
})

const cached = {
  added: "how many were added",
  deleted: "how many were removed",
  expired: "how many were found, but were too old",
  hits: "how many were found",
  tries: "how many were looked for"
}

export const statistics = of(
  {
    "cache/additions": "How many entries were added to the cache since its two parts last changed places.",
    "cache/flips": "How often the two parts of the cache changed places, which drops old entries.",
    "directory/maxdepth": "The deepest nesting of listings.",
    "read/bytes": "How many bytes were read.",
    "read/cachebytes": "How many of these bytes came from the cache.",
    "read/cachesuccess": "How many reads were answered by the cache.",
    "read/calls": "How many reads were requested.",
    "read/success": "How many reads returned a value.",
    "read/tries": "How many reads needed a first, a second and a third try on the bus.",
    "return_codes/responses": "How often each return code was returned, by the code without its sign.",
    "write/bytes": "How many bytes were written.",
    "write/calls": "How many writes were requested.",
    "write/success": "How many writes succeeded.",
    "write/tries": "How many writes needed a first, a second and a third try on the bus."
  },
  {
    "cache/device": "Places of devices in the cache",
    "cache/directory": "Listings in the cache",
    "cache/external": "Values in the cache",
    "cache/internal": "Entries of drivers in the cache",
    "cache/persistent": "Permanent entries of the cache",
    "cache/primary": "Entries in the newer part of the cache",
    "cache/secondary": "Entries in the older part of the cache",
    "directory/bus": "Listings of buses",
    "directory/device": "Listings of devices and of the server's own directories",
    errors: "Counted since the server was started",
    "threads/directory": "Listings in progress",
    "threads/overall": "Calls in progress",
    "threads/read": "Reads in progress",
    "threads/write": "Writes in progress"
  },
  {
    ...cached,
    ...mostAtOnce,
    calls: "how many were requested",
    entries: "how many entries they had",
    CRC8_errors: "checksums of eight bits that were wrong",
    CRC8_tries: "checksums of eight bits that were checked",
    CRC16_errors: "checksums of sixteen bits that were wrong",
    CRC16_tries: "checksums of sixteen bits that were checked",
    NET_accept_errors: "connections of clients that could not be accepted",
    NET_connection_errors: "connections to servers and adapters on the network that failed",
    NET_read_errors: "failures to read from the network"
  }
)

export const bus = of(
  {
    "settings/address": "The location of the bus master: a device file, or an address on the network.",
    "settings/ds2404_found": "Whether the bus has a DS2404, which makes it slightly slower.",
    "settings/name": "The kind of the bus master.",
    "settings/overdrive": "Whether the bus is used at overdrive speed.",
    "settings/reconnect": "Whether the server should connect to the bus master again.",
    "settings/simulated/temphigh": "The highest temperature that simulated thermometers show.",
    "settings/simulated/templow": "The lowest temperature that simulated thermometers show.",
    "settings/version": "The number by which the server knows the kind of the bus master.",
    "statistics/bus_time": "How long the bus has been busy.",
    "statistics/elapsed_time": "How long the server has had the bus."
  },
  {
    statistics: "Counted on this bus since the server was started",
    "statistics/overdrive": "Switches to overdrive speed",
    "statistics/search_errors": "Searches of the bus that were disturbed"
  },
  {
    attempts: "how many were tried",
    failures: "how many failed",
    close_errors: "failures to close the bus master",
    detect_errors: "failures to detect the bus master",
    errors: "other errors",
    locks: "how often the bus was locked",
    open_errors: "failures to open the bus master",
    program_errors: "failed programming pulses",
    pullup_errors: "failures to switch on the strong pull-up",
    read_errors: "failures to read from the bus master",
    reconnect_errors: "failed reconnections to the bus master",
    reconnects: "reconnections to the bus master",
    reset_errors: "failed resets",
    resets: "resets",
    select_errors: "failures to select a device",
    shorts: "short circuits",
    status_errors: "failures to read the status of the bus master",
    timeouts: "times when the bus master did not answer",
    unlocks: "how often the bus was unlocked",
    write_errors: "failures to write to the bus master",
    error_pass_1: "at the first try",
    error_pass_2: "at the second try",
    error_pass_3: "at the third try"
  }
)
