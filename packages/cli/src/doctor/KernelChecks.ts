/**
 * Checks of the kernel's own 1-Wire buses: its modules, bus masters and drivers, the wires, and the permissions of this user.
 */
import * as Overlay from "../server/Overlay.ts"
import * as Failure from "../show/Failure.ts"
import type { Finding } from "./Finding.ts"
import type * as KernelFacts from "./KernelFacts.ts"
import type * as Thermometers from "./Thermometers.ts"

/** Address of the section with the rule that lets users other than root write. */
const guide = "https://github.com/effect-ownet/effect-ownet/blob/main/docs/raspberry-pi.md#who-may-write"

/** A driver of a family of devices. */
interface Driver {
  readonly module: string
  /** A file that the driver provides. */
  readonly file: string
}

const therm: Driver = { module: "w1_therm", file: "w1_slave" }
const ds2433: Driver = { module: "w1_ds2433", file: "eeprom" }
const ds250x: Driver = { module: "w1_ds250x", file: "eeprom" }

/** Drivers of the kernel, by family code. */
const drivers: Readonly<Record<string, Driver>> = {
  "05": { module: "w1_ds2405", file: "state" },
  "09": ds250x,
  "0B": ds250x,
  "0D": { module: "w1_ds2805", file: "eeprom" },
  "10": therm,
  "12": { module: "w1_ds2406", file: "state" },
  "1C": { module: "w1_ds28e04", file: "eeprom" },
  "1D": { module: "w1_ds2423", file: "w1_slave" },
  "22": therm,
  "23": ds2433,
  "26": { module: "w1_ds2438", file: "vad" },
  "28": therm,
  "29": { module: "w1_ds2408", file: "state" },
  "2D": { module: "w1_ds2431", file: "eeprom" },
  "3A": { module: "w1_ds2413", file: "state" },
  "3B": therm,
  "42": therm,
  "43": ds2433
}

/** Families that have an address and nothing else to read. */
const hasOnlyAddress = (family: string): boolean => family === "01" || family === "81"

/** Modules of bus masters. */
const masterModules = ["w1_gpio", "w1_uart", "ds2482", "ds2490", "ds1wm", "mxc_w1", "omap_hdq", "amd_axi_w1"]

/** Longest interval between searches without a warning, in seconds. */
const longInterval = 120

/** Maximum time that the thermometers of a bus may take together, in milliseconds. A hub reads them every ten seconds. */
const longRound = 10_000

/** Names on one line. If there are many, only the first ones. */
const listed = (names: ReadonlyArray<string>): string => {
  const shown = names.slice(0, 8).map((name) => name.slice(0, 40))
  return shown.join(", ") + (names.length > shown.length ? ` and ${names.length - shown.length} more` : "")
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`

const seconds = (millis: number): string => `${Math.round(millis / 100) / 10} s`

/** Whether there is a bus that a client can examine. */
export const hasBus = ({ masters, problem }: KernelFacts.Facts): boolean => problem === undefined && masters.length > 0

/** Judges the facts, from the kernel to the devices. */
export const judge = (facts: KernelFacts.Facts): ReadonlyArray<Finding> => {
  if (!hasBus(facts)) return [absence(facts)]
  const devices = facts.masters.flatMap(({ devices }) => devices).filter(({ isGhost }) => !isGhost)
  return [
    presence(facts),
    ...facts.masters.flatMap((master, index) => [search(master, index, facts.modules), ...noise(master, index)]),
    ...devices.length === 0 ? [] : [
      drivenBy(devices),
      ...silence(devices),
      ...facts.masters.flatMap((master, index) => [...power(master, index), ...pace(master, index)]),
      permissions(devices)
    ]
  ]
}

const absence = ({ config, folder, isOwn, masters, modules, problem }: KernelFacts.Facts): Finding => {
  const details = { folder, problem: problem ?? null, masters: masters.length, config: config ?? null }
  const failed = { check: "kernel", status: "fail", details, exitStatus: Failure.statuses.connection } as const
  if (problem === undefined) {
    return {
      ...failed,
      message: `shows no bus master in ${folder}` +
        (modules.has("w1_gpio") ? ", though its module w1_gpio is loaded" : ""),
      advice: isOwn ? Overlay.advice(config) : "Name the folder in which the kernel shows its buses, /sys/bus/w1"
    }
  }
  const isAbsent = problem === "ENOENT" || problem === "ENOTDIR"
  return {
    ...failed,
    message: isAbsent
      ? `there is no ${folder}/devices${isOwn ? ": the kernel has no 1-Wire bus, nor the module wire for one" : ""}`
      : `cannot list ${folder}/devices: ${problem === "EACCES" ? "this user may not (EACCES)" : problem}`,
    advice: !isAbsent
      ? "Every user may list it on a usual system: a container or a service may hide it"
      : !isOwn
      ? "Name the folder in which the kernel shows its buses, /sys/bus/w1"
      : process.platform === "linux"
      ? Overlay.advice(config)
      : `Only Linux has 1-Wire buses of its own, and this system is ${process.platform}: name an owserver instead`
  }
}

const presence = ({ config, folder, masters, modules }: KernelFacts.Facts): Finding => ({
  check: "kernel",
  status: "ok",
  message: `shows ${plural(masters.length, "bus master")} in ${folder}` +
    (config === undefined || config.lines.length === 0
      ? ""
      : `; ${config.path} has ${config.lines.join(" and ")}`),
  details: { folder, masters: masters.length, config: config ?? null, modules: [...modules].filter(isOfW1) }
})

const isOfW1 = (module: string): boolean =>
  module === "wire" || module.startsWith("w1_") || masterModules.includes(module)

const search = (
  { devices, interval, isBulkWritable, name, parent, path, searches }: KernelFacts.Master,
  index: number,
  modules: ReadonlySet<string>
): Finding => {
  const loaded = masterModules.filter((module) => modules.has(module))
  const by = parent === undefined && loaded.length === 0
    ? ""
    : ` (${[...parent === undefined ? [] : [parent], ...loaded].join(" or ")})`
  const isOff = searches !== undefined && searches >= 0
  const isSlow = !isOff && interval !== undefined && interval > longInterval
  const count = devices.filter(({ isGhost }) => !isGhost).length
  return {
    check: "bus",
    bus: `bus.${index}`,
    status: isOff || isSlow ? "warn" : "ok",
    message: `${name}${by} has ${plural(count, "device")}, ` +
      (searches === 0
        ? "and no longer searches"
        : isOff
        ? `and searches ${plural(searches, "time")} more`
        : interval === undefined
        ? "and searches regularly"
        : `and searches every ${interval} s`),
    advice: isOff
      ? `Devices that are plugged in from now on are not found, and those that are unplugged are not missed. Have it search: echo -1 | sudo tee ${path}/w1_master_search`
      : isSlow
      ? `A device that is plugged in is found after ${interval} s only: the option timeout of the module wire says so (grep -r wire /etc/modprobe.d)`
      : undefined,
    details: {
      master: name,
      parent: parent ?? null,
      count,
      searches: searches ?? null,
      interval: interval ?? null,
      simultaneous: isBulkWritable ?? null
    }
  }
}

const noise = ({ devices, strange }: KernelFacts.Master, index: number): ReadonlyArray<Finding> => {
  const ids = [...devices.filter(({ isGhost }) => isGhost).map(({ name }) => name), ...strange]
  if (ids.length === 0) return []
  return [{
    check: "pull-up",
    bus: `bus.${index}`,
    status: "warn",
    message: `the search reads noise: ${
      ids.length === 1 ? "an address" : `${ids.length} addresses`
    } that no device has (${listed(ids)})`,
    advice:
      "The resistor is missing, or a contact is loose: put one of 4.7 kΩ between the data wire and 3.3 V, one for " +
      "the whole bus; then look at the plugs, the ground wire, and long stubs of cable",
    details: { ids }
  }]
}

const drivenBy = (devices: ReadonlyArray<KernelFacts.Device>): Finding => {
  const missing = new Map<string, Array<string>>()
  const unknown: Array<string> = []
  for (const { family, files, id } of devices) {
    // The device has disappeared meanwhile.
    if (files.size === 0) continue
    const driver = drivers[family]
    if (driver === undefined) {
      if (!hasOnlyAddress(family)) unknown.push(id)
    } else if (!files.has(driver.file)) missing.set(driver.module, [...missing.get(driver.module) ?? [], id])
  }
  const found = [
    ...[...missing].map(([module, names]) => `the module ${module} is not loaded, which reads ${listed(names)}`),
    ...unknown.length === 0 ? [] : [`of ${listed(unknown)} only the address can be read`]
  ]
  const modules = [...missing.keys()]
  return {
    check: "drivers",
    status: modules.length > 0 ? "fail" : "ok",
    message: found.length === 0 ? "each device has its own" : found.join("; "),
    advice: modules.length === 0
      ? undefined
      : `${
        modules.map((module) => `sudo modprobe ${module}`).join("; ")
      }. If that helps, have it loaded at each start: ` +
        `printf '%s\\n' ${modules.join(" ")} | sudo tee -a /etc/modules-load.d/w1.conf`,
    details: { missing: Object.fromEntries(missing), unknown },
    exitStatus: Failure.statuses.refused
  }
}

const meanings: Readonly<Record<number, string>> = {
  [-5]: "an exchange that failed",
  [-19]: "no answer"
}

const silence = (devices: ReadonlyArray<KernelFacts.Device>): ReadonlyArray<Finding> => {
  const silent = devices.flatMap(({ failures, id }) => {
    const [first] = Object.entries(failures)
    return first === undefined ? [] : [{ id, file: first[0], code: first[1] }]
  })
  if (silent.length === 0) return []
  return [{
    check: "answers",
    status: "fail",
    message: silent.slice(0, 8).map(({ code, file, id }) =>
      `the ${file} of ${id} says ${code}, ${meanings[code] ?? "a failure"}`
    ).join("; ") + (silent.length > 8 ? `; and ${silent.length - 8} more` : ""),
    advice: [
      ...silent.some(({ code }) =>
          code === -19
        )
        ? ["A device that does not answer was found once, and is gone: look at its plug and its cable"]
        : [],
      ...silent.some(({ code }) => code !== -19)
        ? [
          "An exchange fails if the data wire is held down or disturbed: look for a short circuit and for the 4.7 kΩ between data and 3.3 V"
        ]
        : []
    ].join(". "),
    details: { devices: silent },
    exitStatus: Failure.statuses.refused
  }]
}

const power = (
  { devices, hasStrongPower, name, path }: KernelFacts.Master,
  index: number
): ReadonlyArray<Finding> => {
  const names = devices.filter(({ isParasitic }) => isParasitic).map(({ id }) => id)
  if (names.length === 0) return []
  const isWeak = hasStrongPower === false
  return [{
    check: "power",
    bus: `bus.${index}`,
    status: isWeak ? "warn" : "ok",
    message: `from the data wire: ${listed(names)}` +
      (isWeak ? `, and ${name} gives no strong power while they measure` : ""),
    advice: isWeak
      ? `Connect their third wire to 3.3 V, which is best; or let the bus master give them power: echo 1 | sudo tee ${path}/w1_master_pullup, and on a Raspberry Pi with a transistor on a second pin dtoverlay=w1-gpio-pullup`
      : undefined,
    details: { devices: names, strong: hasStrongPower ?? null }
  }]
}

const pace = ({ devices, isBulkWritable, path }: KernelFacts.Master, index: number): ReadonlyArray<Finding> => {
  const sensors = devices.flatMap(({ conversion }) => conversion === undefined ? [] : [conversion])
  const total = sensors.reduce((sum, millis) => sum + millis, 0)
  if (total <= longRound) return []
  return [{
    check: "speed",
    bus: `bus.${index}`,
    status: "warn",
    message: `its ${sensors.length} thermometers take ${seconds(total)} to measure, one after another`,
    advice: "With fewer bits each takes less, an eighth at 9 bits: ow set SENSOR/tempres 9" +
      // On other buses, the driver has no file that makes all thermometers measure at the same time.
      (isBulkWritable === undefined || !devices.every(({ family, isGhost }) => isGhost || drivers[family] === therm)
        ? ""
        : ". Or have all measure at once by simultaneous/temperature" +
          (isBulkWritable ? "" : `, which this user may not (${path}/therm_bulk_read): ${guide}`)),
    details: { sensors: sensors.length, millis: total }
  }]
}

const permissions = (devices: ReadonlyArray<KernelFacts.Device>): Finding => {
  const unreadable = devices.filter(({ unreadable }) => unreadable.length > 0)
  const files = [...new Set(devices.flatMap(({ unwritable }) => unwritable))].toSorted()
  const details = {
    unreadable: Object.fromEntries(unreadable.map(({ id, unreadable }) => [id, unreadable])),
    unwritable: Object.fromEntries(
      devices.filter(({ unwritable }) => unwritable.length > 0).map(({ id, unwritable }) => [id, unwritable])
    )
  }
  if (unreadable.length > 0) {
    return {
      check: "permissions",
      status: "fail",
      message: `this user may not read ${
        listed(unreadable.flatMap(({ name, unreadable }) => unreadable.map((file) => `${name}/${file}`)))
      }`,
      advice: `The kernel lets every user read them: something has changed that, such as a udev rule. See ${guide}`,
      details,
      exitStatus: Failure.statuses.refused
    }
  }
  return {
    check: "permissions",
    status: "ok",
    message: files.length === 0
      ? "this user may read and write"
      : `this user may read, but not write (${
        files.join(", ")
      }): only root may, unless a udev rule says otherwise: ${guide}`,
    details
  }
}

/** Names of thermometers that returned the power-on value. */
const saidPowerOn = ({ details }: Finding): ReadonlyArray<string> => {
  const implausible = details !== undefined && "implausible" in details ? details.implausible : []
  return Array.isArray(implausible)
    ? implausible.flatMap(({ name, verdict }: Thermometers.Implausible) => verdict === "PowerOn" ? [name] : [])
    : []
}

/** Adds to a finding of the general checks why the kernel did not reject 85 °C, and how to make it do so. */
export const after = (facts: KernelFacts.Facts, finding: Finding): ReadonlyArray<Finding> => {
  const names = saidPowerOn(finding)
  if (names.length === 0) return []
  const all = facts.masters.flatMap(({ devices, path }) =>
    devices.flatMap(({ features, id, name }) =>
      features === undefined || (features & 1) === 1 ? [] : [{ id, file: `${path}/${name}/features`, features }]
    )
  )
  const named = all.filter(({ id }) => names.includes(id))
  // An alias does not say which device it names.
  const unchecked = named.length === names.length ? named : all
  if (unchecked.length === 0) return []
  return [{
    check: "conversions",
    status: "warn",
    message: `the kernel does not check whether a measurement of ${listed(unchecked.map(({ id }) => id))} succeeded`,
    advice: "Have it refuse 85 °C where that is not measured, until the next start: " +
      unchecked.slice(0, 2).map(({ features, file }) => `echo ${features | 1} | sudo tee ${file}`).join("; ") +
      (unchecked.length > 2 ? "; and so on" : ""),
    details: { devices: unchecked.map(({ id }) => id) }
  }]
}

/** Whether the only unreadable thermometers are those without a driver. Their wires may be good. */
const isForWantOfDriver = ({ masters }: KernelFacts.Facts, { check, details }: Finding): boolean => {
  const unread = details !== undefined && "unread" in details ? details.unread : undefined
  if (check !== "thermometers" || !Array.isArray(unread) || unread.length === 0) return false
  const undriven = masters.flatMap(({ devices }) => devices).filter(({ family, files, isGhost }) =>
    !isGhost && drivers[family] === therm && files.size > 0 && !files.has(therm.file)
  )
  return unread.length === undriven.length
}

/** A finding of the general checks, with advice for a bus that has no owserver. */
export const adapted = (facts: KernelFacts.Facts, finding: Finding): Finding =>
  isForWantOfDriver(facts, finding)
    ? { ...finding, advice: `Load the module ${therm.module} first: no thermometer can be read without it` }
    : finding.status !== "ok" && finding.advice !== undefined && finding.advice.includes("owserver")
    ? { ...finding, advice: adviceOf(finding) }
    : finding

const adviceOf = ({ check }: Finding): string =>
  check === "devices"
    ? "Nothing answers: look at the wires (data on the pin that is meant, GPIO 4 unless config.txt names another; ground; 3.3 V), at the 4.7 kΩ between data and 3.3 V, and for a short circuit"
    : "Look for a short circuit and loose contacts, and at the kernel's messages about the bus: sudo dmesg | grep -i w1"
