/**
 * Properties of a server's own directories, in the compact form of a family's properties.
 */

const counters = (names: string, directory = ""): string =>
  names.split(" ").map((name) => `${directory}${name} u ro 12 t`).join("\n")

const cached = "added deleted expired hits tries"
const average = "max now num sum"

const averages = (directories: string): string =>
  directories.split(" ").map((directory) => counters(average, `${directory}/`)).join("\n")

export const settings = `
alias/list a ro 100050 t
alias/unaliased y rw 1 s
return_codes/text a211 ro 128 f
timeout/directory u rw 12 s s
timeout/ftp u rw 12 s s
timeout/ha7 u rw 12 s s
timeout/network u rw 12 s s
timeout/presence u rw 12 s s
timeout/serial u rw 12 s s
timeout/server u rw 12 s s
timeout/stable u rw 12 s s
timeout/uncached y rw 1 s
timeout/usb u rw 12 s s
timeout/volatile u rw 12 s s
timeout/w1 u rw 12 s s
units/pressure_scale a rw 12 s
units/temperature_scale a rw 12 s`

export const system = `
configuration/DebugInfo u ro 12 f
configuration/USB u ro 12 f
configuration/i2c u ro 12 f
configuration/parport u ro 12 f
configuration/trim y ro 1 f
configuration/version a ro 12 f
configuration/zeroconf u ro 12 f
${counters("connections/count_current_buses connections/count_outbound_connections")}
process/pid u ro 12 f
process/pidfile a ro 128 f`

export const statistics = [
  counters("additions flips", "cache/"),
  ...["device", "directory", "external", "internal"].map((name) => counters(cached, `cache/${name}/`)),
  averages("cache/persistent cache/primary cache/secondary"),
  "directory/maxdepth u ro 12 t",
  counters("calls entries", "directory/bus/"),
  counters("calls entries", "directory/device/"),
  counters(
    "BUS_bit_errors BUS_byte_errors BUS_detect_errors BUS_echo_errors BUS_level_errors BUS_next_alarm_errors BUS_next_errors " +
      "BUS_readin_data_errors BUS_status_errors BUS_tcsetattr_errors CRC16_errors CRC16_tries CRC8_errors CRC8_tries " +
      "DS2480_level_docheck_errors DS2480_read_fd_isset DS2480_read_null DS2480_read_read NET_accept_errors " +
      "NET_connection_errors NET_read_errors max_delay",
    "errors/"
  ),
  counters("bytes cachebytes cachesuccess calls success", "read/"),
  "read/tries u3 ro 12 t",
  "return_codes/responses u211 ro 12 t",
  averages("threads/directory threads/overall threads/read threads/write"),
  counters("bytes calls success", "write/"),
  "write/tries u3 ro 12 t"
].join("\n")

export const busInterface = [
  "settings/address a ro 512 f",
  "settings/ds2404_found y rw 1 s",
  "settings/name a ro 128 f",
  "settings/overdrive y rw 1 s",
  "settings/reconnect y rw 1 s",
  "settings/simulated/temphigh t rw 12 s",
  "settings/simulated/templow t rw 12 s",
  "settings/version u ro 12 f",
  "statistics/bus_time f ro 12 t s",
  "statistics/elapsed_time u ro 12 t s",
  counters(
    "close_errors detect_errors errors locks open_errors program_errors pullup_errors read_errors reconnect_errors " +
      "reconnects reset_errors resets select_errors shorts status_errors timeouts unlocks write_errors",
    "statistics/"
  ),
  counters("attempts failures", "statistics/overdrive/"),
  counters("error_pass_1 error_pass_2 error_pass_3", "statistics/search_errors/")
].join("\n")
