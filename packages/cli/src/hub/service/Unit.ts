/**
 * The systemd unit of a hub: a service with a dedicated user and no more permissions than a hub needs.
 */

export const name = "ow-hub"

/** Name of the directory of its history, in `/var/lib`. */
export const stateDirectory = "effect-ownet"

/** An argument, or one with a specifier of systemd, such as `%d`, which must not be escaped. */
export type Argument = string | { readonly specified: string }

export interface Options {
  /** Node, or the single executable of `ow`. */
  readonly node: string
  /** The script of the command `ow` that Node runs; `undefined` for the single executable. */
  readonly script: string | undefined
  /** Arguments after `ow hub`. */
  readonly args: ReadonlyArray<Argument>
  /** A file with the token, which the user of the service cannot read itself. */
  readonly tokenFile: string | undefined
  /** The port of the page. A port below 1024 needs a privilege. */
  readonly port: number
  /** Version of systemd. Older ones lack some settings. `undefined` if it is unknown. */
  readonly version: number | undefined
}

/** The first version in which the pauses between restarts can grow. */
const growingPauses = 254

/** Escapes the characters that systemd would replace, in a file that it reads line by line. */
const quoted = (argument: Argument): string => {
  if (typeof argument !== "string") return argument.specified
  const escaped = argument.replaceAll(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$").replaceAll(
    /\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
  return /^[\w./:@,+=*%-]+$/.test(argument) ? escaped : `"${escaped}"`
}

/** A path for settings that allow no quotes. */
const plainPath = (path: string): string => path.replaceAll("%", "%%")

export const make = ({ args, node, port, script, tokenFile, version }: Options): string => {
  const isPrivileged = port > 0 && port < 1024
  const capability = isPrivileged ? "CAP_NET_BIND_SERVICE" : ""
  const command = [node, ...script === undefined ? [] : [script], "hub", ...args].map(quoted).join(" ")
  return `# Written by "ow hub install". Changes are best made with "systemctl edit ${name}", which keeps them in a file next to it.
[Unit]
Description=History and page of the 1-Wire sensors
Documentation=https://github.com/effect-ownet/effect-ownet/blob/main/docs/hub-service.md
Wants=network-online.target
After=network-online.target owserver.service time-sync.target
# No limit on the number of restarts.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart=${command}
${tokenFile === undefined ? "" : `LoadCredential=token:${plainPath(tokenFile)}\n`}\
# A large history takes a while to upgrade at the start, and to write at the end.
TimeoutStartSec=15min
TimeoutStopSec=2min
WatchdogSec=3min
Restart=on-failure
${
    version !== undefined && version >= growingPauses
      ? "RestartSec=5s\nRestartSteps=6\nRestartMaxDelaySec=5min"
      : "RestartSec=15s"
  }
# A restart does not correct a mistake in the settings.
RestartPreventExitStatus=2

DynamicUser=yes
StateDirectory=${stateDirectory}
StateDirectoryMode=0700
UMask=0077

AmbientCapabilities=${capability}
CapabilityBoundingSet=${capability}
LockPersonality=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
${isPrivileged ? "" : "PrivateUsers=yes\n"}\
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
`
}
