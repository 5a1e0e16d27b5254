/**
 * The server's own directories, each with its properties as in `recorded.ts`.
 */

const counters = (names: string, directory = ""): string =>
  names.split(" ").map((name) => `${directory}${name} u ro 12 t`).join("\n")

const cached = "added deleted expired hits tries"
const average = "max now num sum"

const averages = (directories: string): string =>
  directories.split(" ").map((directory) => counters(average, `${directory}/`)).join("\n")

export const files: Readonly<Record<string, string>> = {
  "/settings/alias": `
list a ro 100050 t
unaliased y rw 1 s`,
  "/settings/return_codes": `
text a211 ro 128 f`,
  "/settings/timeout": `
directory u rw 12 s
ftp u rw 12 s
ha7 u rw 12 s
network u rw 12 s
presence u rw 12 s
serial u rw 12 s
server u rw 12 s
stable u rw 12 s
uncached y rw 1 s
usb u rw 12 s
volatile u rw 12 s
w1 u rw 12 s`,
  "/settings/units": `
pressure_scale a rw 12 s
temperature_scale a rw 12 s`,
  "/system/configuration": `
DebugInfo u ro 12 f
USB u ro 12 f
i2c u ro 12 f
parport u ro 12 f
trim y ro 1 f
version a ro 12 f
zeroconf u ro 12 f`,
  "/system/connections": counters("count_current_buses count_outbound_connections"),
  "/system/process": `
pid u ro 12 f
pidfile a ro 128 f`,
  "/statistics/cache": [
    counters("additions flips"),
    ...["device", "directory", "external", "internal"].map((name) => counters(cached, `${name}/`)),
    averages("persistent primary secondary")
  ].join("\n"),
  "/statistics/directory": [
    counters("maxdepth"),
    counters("calls entries", "bus/"),
    counters("calls entries", "device/")
  ].join("\n"),
  "/statistics/errors": counters(
    "BUS_bit_errors BUS_byte_errors BUS_detect_errors BUS_echo_errors BUS_level_errors BUS_next_alarm_errors BUS_next_errors " +
      "BUS_readin_data_errors BUS_status_errors BUS_tcsetattr_errors CRC16_errors CRC16_tries CRC8_errors CRC8_tries " +
      "DS2480_level_docheck_errors DS2480_read_fd_isset DS2480_read_null DS2480_read_read NET_accept_errors " +
      "NET_connection_errors NET_read_errors max_delay"
  ),
  "/statistics/read": `${counters("bytes cachebytes cachesuccess calls success")}\ntries u3 ro 12 t`,
  "/statistics/return_codes": "responses u211 ro 12 t",
  "/statistics/threads": averages("directory overall read write"),
  "/statistics/write": `${counters("bytes calls success")}\ntries u3 ro 12 t`,
  "/interface/settings": `
address a ro 512 f
ds2404_found y rw 1 s
name a ro 128 f
overdrive y rw 1 s
reconnect y rw 1 s
simulated/temphigh t rw 12 s
simulated/templow t rw 12 s
version u ro 12 f`,
  "/interface/statistics": [
    "bus_time f ro 12 t",
    "elapsed_time u ro 12 t",
    counters(
      "close_errors detect_errors errors locks open_errors program_errors pullup_errors read_errors reconnect_errors " +
        "reconnects reset_errors resets select_errors shorts status_errors timeouts unlocks write_errors"
    ),
    counters("attempts failures", "overdrive/"),
    counters("error_pass_1 error_pass_2 error_pass_3", "search_errors/")
  ].join("\n")
}
