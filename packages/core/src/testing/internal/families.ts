/**
 * What owserver 3.2p4 knows of each family of devices. Written by `test/record-families.ts`; do not edit.
 *
 * A line is a property: its name; its type, with the number of its elements and `L` for lettered ones or `B` for a bit
 * field; access, length and change class, as in `/structure`; and `-` where devices do not list it unless they have it,
 * or `=` where they list its directory all the same.
 */

export const common = `
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

export const simultaneous = `
iblss y rw 1 v
present y ro 1 v
present_ds2400 y ro 1 v
single a ro 18 v
single_ds2400 a ro 18 v
temperature y rw 1 v
voltage y rw 1 v
`

export const thermostat = `
1shot y rw 1 s
polarity y rw 1 s
temperature t ro 12 v
temphigh t rw 12 s
temphighflag y rw 1 s
templow t rw 12 s
templowflag y rw 1 s
thermostatmode y rw 1 s
type a ro 32 f
`

/** By family code: the name of the chip, the classes that its devices add to a listing, and what `common` leaves out. */
export const families: Readonly<Record<string, readonly [chip: string, classes: number, properties: string]>> = {
  "01": ["DS2401", 0, ``],
  "02": [
    "DS1991",
    0,
    `
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
`
  ],
  "04": [
    "DS2404",
    2,
    `
alarm u ro 12 v
auto y rw 1 s
cycle u rw 12 t
date d rw 24 v
delay y rw 1 s
interval/date d rw 24 v
interval/udate u rw 12 t
memory b rw 512 v
pages/page b16 rw 32 v
readonly/clock y rw 1 s
readonly/cycle y rw 1 s
readonly/interval y rw 1 s
readonly/memory y rw 1 s
running y rw 1 s
set_alarm u rw 12 s
start y rw 1 s
trigger/cycle u rw 12 t
trigger/date d rw 24 v
trigger/interval_date d rw 24 v
trigger/interval_udate u rw 12 t
trigger/udate u rw 12 t
udate u rw 12 t
`
  ],
  "05": [
    "DS2405",
    2,
    `
PIO y rw 1 s
sensed y ro 1 v
`
  ],
  "06": [
    "DS1993",
    0,
    `
memory b rw 512 v
pages/page b16 rw 32 v
`
  ],
  "08": [
    "DS1992",
    0,
    `
memory b rw 128 v
pages/page b4 rw 32 v
`
  ],
  "09": [
    "DS2502",
    0,
    `
memory b rw 128 v
pages/page b4 rw 32 v
`
  ],
  "0A": [
    "DS1995",
    4,
    `
memory b rw 2048 v
pages/page b64 rw 32 v
`
  ],
  "0B": [
    "DS2505",
    0,
    `
memory b rw 2048 v
pages/page b64 rw 32 v
status/page b11 rw 8 s
`
  ],
  "0C": [
    "DS1996",
    4,
    `
memory b rw 8192 v
pages/page b256 rw 32 v
`
  ],
  "0F": [
    "DS2506",
    4,
    `
memory b rw 8192 v
pages/page b256 rw 32 v
status/page b11 rw 32 s
`
  ],
  "10": [
    "DS18S20",
    32770,
    `
errata/die a ro 2 f
errata/trim u rw 12 v
errata/trimblanket y rw 1 v
errata/trimvalid y ro 1 v
latesttemp t ro 12 v
power y ro 1 v
scratchpad b ro 9 v
temperature t ro 12 v
temphigh t rw 12 s
templow t rw 12 s
`
  ],
  "12": [
    "DS2406",
    2,
    `
PIO y2BL rw 1 s
T8A/volt f8 ro 12 v -
TAI8570/DA5534/pressure p ro 12 v
TAI8570/DA5534/temperature t ro 12 v
TAI8570/DA5540/pressure p ro 12 v
TAI8570/DA5540/temperature t ro 12 v
TAI8570/pressure p ro 12 v
TAI8570/sibling a ro 16 s
TAI8570/temperature t ro 12 v
aux D oo 8 v
channels u ro 12 s
flipflop y2BL ro 1 v
latch y2BL rw 1 v
memory b rw 128 v
pages/page b4 rw 32 v
power y ro 1 v
sensed y2BL ro 1 v
set_alarm u rw 12 s
`
  ],
  "14": [
    "DS2430A",
    0,
    `
application b rw 8 s
memory b rw 32 v
status u ro 12 s
`
  ],
  "18": [
    "DS1963S",
    5,
    `
memory b rw 512 v
pages/count u16 ro 12 v
pages/page b16 rw 32 v
pages/password b wo 8 s
password b wo 8 s
`
  ],
  "1A": [
    "DS1963L",
    4,
    `
memory b rw 512 v
pages/count u16 ro 12 v
pages/page b16 rw 32 v
`
  ],
  "1B": [
    "DS2436",
    0,
    `
counter/cycles u ro 12 s
counter/increment y wo 1 v
counter/reset y wo 1 v
pages/page b3 rw 32 s
temperature t ro 12 v
volts f ro 12 v
`
  ],
  "1C": [
    "DS28E04",
    7,
    `
PIO y2B rw 1 s
latch y2B rw 1 v
memory b rw 550 v
pages/page b16 rw 32 v
polarity y ro 1 v
por y rw 1 v
power y ro 1 v
sensed y2B ro 1 v
set_alarm u rw 12 s
`
  ],
  "1D": [
    "DS2423",
    4,
    `
counter u2L ro 12 v
memory b rw 512 v
mincount u rw 12 v
pages/count u16 ro 12 v
pages/page b16 rw 32 v
`
  ],
  "1E": [
    "DS2437",
    49152,
    `
CA y rw 1 s
EE y rw 1 s
IAD y rw 1 s
VAD f ro 12 v
VDD f ro 12 v
date d rw 24 v
disconnect/date d rw 24 v
disconnect/udate u rw 12 v
endcharge/date d rw 24 v
endcharge/udate u rw 12 v
latesttemp t ro 12 v
pages/page b8 rw 8 s
temperature t ro 12 v
udate u rw 12 t
vis f ro 12 v
`
  ],
  "1F": [
    "DS2409",
    0,
    `
aux D oo 8 v
branch y2B rw 1 v
clearevent y wo 1 s
control u rw 12 s
discharge y wo 1 s
event y2B ro 1 v
main D oo 8 v
sensed y2B ro 1 v
`
  ],
  "20": [
    "DS2450",
    16390,
    `
8bit/latestvolt f4L ro 12 v
8bit/latestvolt2 f4L ro 12 v
8bit/volt f4L ro 12 v
8bit/volt2 f4L ro 12 v
CO2/Vdd y ro 1 v
CO2/ppm u ro 12 v
CO2/status f ro 12 v
PIO y4L rw 1 s
alarm/high y4L rw 1 v
alarm/low y4L rw 1 v
latestvolt f4L ro 12 v
latestvolt2 f4L ro 12 v
memory b rw 32 v
pages/page b4 rw 8 v
power y rw 1 s
set_alarm/high y4L rw 1 s
set_alarm/low y4L rw 1 s
set_alarm/unset y wo 1 s
set_alarm/volt2high f4L rw 12 s
set_alarm/volt2low f4L rw 12 s
set_alarm/volthigh f4L rw 12 s
set_alarm/voltlow f4L rw 12 s
volt f4L ro 12 v
volt2 f4L ro 12 v
`
  ],
  "21": [
    "DS1921",
    32774,
    `
about/measuring y ro 1 v
about/resolution g ro 12 f
about/samples u ro 12 v
about/temphigh t ro 12 f
about/templow t ro 12 f
about/version a ro 11 s
alarm_dow u rw 12 s
alarm_hour u rw 12 s
alarm_minute u rw 12 s
alarm_second u rw 12 s
alarm_state u rw 12 s
alarm_trigger u rw 12 s
clock/date d rw 24 t
clock/running y rw 1 v
clock/udate u rw 12 t
histogram/counts u63 ro 12 v
histogram/elements u ro 12 f
histogram/gap g ro 12 f
histogram/temperature t63 ro 12 f
log/date d2048 ro 24 v
log/elements u ro 12 v
log/temperature t2048 ro 12 v
log/udate u2048 ro 12 v
memory b rw 512 v
mission/clear y wo 1 v
mission/date d ro 24 v
mission/delay u rw 12 v
mission/easystart u wo 12 s
mission/enable y rw 1 v
mission/frequency u rw 12 v
mission/rollover y rw 1 v
mission/running y rw 1 v
mission/samples u ro 12 v
mission/sampling y ro 1 v
mission/temphigh y rw 1 v
mission/templow y rw 1 v
mission/udate u ro 12 v
overtemp/count u12 ro 12 v
overtemp/date d12 ro 24 v
overtemp/elements u ro 12 v
overtemp/end d12 ro 24 v
overtemp/temperature t rw 12 s
overtemp/udate u12 ro 12 v
pages/page b16 rw 32 v
set_alarm/date y rw 1 v
set_alarm/temphigh y rw 1 v
set_alarm/templow y rw 1 v
set_alarm/trigger y oo 1 v
temperature t ro 12 v
undertemp/count u12 ro 12 v
undertemp/date d12 ro 24 v
undertemp/elements u ro 12 v
undertemp/end d12 ro 24 v
undertemp/temperature t rw 12 s
undertemp/udate u12 ro 12 v
`
  ],
  "22": [
    "DS1822",
    32770,
    `
errata/die a ro 2 f
errata/trim u rw 12 v
errata/trimblanket y rw 1 v
errata/trimvalid y ro 1 v
fasttemp t ro 12 v
latesttemp t ro 12 v
power y ro 1 v
scratchpad b ro 9 v
temperature t ro 12 v
temperature10 t ro 12 v
temperature11 t ro 12 v
temperature12 t ro 12 v
temperature9 t ro 12 v
temphigh t rw 12 s
templow t rw 12 s
tempres u rw 12 s
`
  ],
  "23": [
    "DS2433",
    4,
    `
memory b rw 512 v
pages/page b16 rw 32 v
`
  ],
  "24": [
    "DS2415",
    0,
    `
date d rw 24 v
running y rw 1 v
udate u rw 12 t
user u rw 12 v
`
  ],
  "26": [
    "DS2438",
    49152,
    `
B1-R1-A/gain p rw 12 s
B1-R1-A/offset p rw 12 s
B1-R1-A/pressure p ro 12 v
CA y rw 1 s
DATANAB/humidity f ro 12 v -
DATANAB/reset y wo 1 s -
EE y rw 1 s
HIH3600/humidity f ro 12 v
HIH4000/humidity f ro 12 v
HIH5030/humidity f ro 12 v
HTM1735/humidity f ro 12 v
IAD y rw 1 s
MultiSensor/type a ro 12 s
S3-R1-A/current f ro 12 v
S3-R1-A/gain f rw 12 s
S3-R1-A/illuminance f ro 12 v
VAD f ro 12 v
VDD f ro 12 v
date d rw 24 v
disconnect/date d rw 24 v
disconnect/udate u rw 12 v
endcharge/date d rw 24 v
endcharge/udate u rw 12 v
humidity f ro 12 v
latesttemp t ro 12 v
offset u rw 12 s
pages/page b8 rw 8 s
temperature t ro 12 v
udate u rw 12 t
vis f ro 12 v
`
  ],
  "27": [
    "DS2417",
    0,
    `
date d rw 24 v
enable y rw 1 v
interval i rw 12 v
itime i rw 12 v
running y rw 1 v
udate u rw 12 t
`
  ],
  "28": [
    "DS18B20",
    32770,
    `
errata/die a ro 2 f
errata/trim u rw 12 v
errata/trimblanket y rw 1 v
errata/trimvalid y ro 1 v
fasttemp t ro 12 v
latesttemp t ro 12 v
power y ro 1 v
scratchpad b ro 9 v
temperature t ro 12 v
temperature10 t ro 12 v
temperature11 t ro 12 v
temperature12 t ro 12 v
temperature9 t ro 12 v
temphigh t rw 12 s
templow t rw 12 s
tempres u rw 12 s
`
  ],
  "29": [
    "DS2408",
    7,
    `
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
latch y8B rw 1 v
out_of_testmode y wo 1 v
por y rw 1 s
power y ro 1 v
sensed y8B ro 1 v
set_alarm u rw 12 s
strobe y rw 1 s
`
  ],
  "2C": [
    "DS2890",
    7,
    `
chargepump y rw 1 s
wiper u rw 12 s
`
  ],
  "2D": [
    "DS2431",
    5,
    `
memory b rw 128 v
pages/page b4 rw 32 v
`
  ],
  "2E": [
    "DS2770",
    0,
    `
amphours f rw 12 v
charge y wo 1 s
cini y rw 1 s
cstat0 y rw 1 s
cstat1 y rw 1 s
ctype y rw 1 s
current f ro 12 v
currentbias f rw 12 v
defaultpmod y rw 1 s
lock y3 rw 1 s
memory b rw 256 v
pages/page b3 rw 16 v
pmod y rw 1 s
refresh y wo 1 s
temperature t ro 12 v
timer f rw 12 v
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v
vbias f rw 12 s
vis f ro 12 v
volt f ro 12 v
volthours f rw 12 v
`
  ],
  "30": [
    "DS2760",
    0,
    `
PIO y wo 1 v
WS603/LED/control u4 wo 12 s
WS603/LED/model u ro 12 v
WS603/LED/status u ro 12 v
WS603/calibration/direction u rw 12 v
WS603/calibration/wind_speed u rw 12 v
WS603/direction u ro 12 v
WS603/light/intensity u ro 12 v
WS603/light/threshold u ro 12 v
WS603/temperature t ro 12 v
WS603/volt u ro 12 v
WS603/wind_speed f ro 12 v
amphours f rw 12 v
cc y rw 1 v
ce y rw 1 v
coc y rw 1 v
current f ro 12 v
currentbias f rw 12 v
dc y rw 1 v
de y rw 1 v
defaultpmod y rw 1 s
defaultswen y rw 1 s
doc y rw 1 v
lock y2 rw 1 s
memory b rw 256 v
mstr y ro 1 v
ov y rw 1 v
pages/page b2 rw 16 v
pmod y ro 1 s
ps y rw 1 v
sensed y ro 1 v
swen y ro 1 s
temperature t ro 12 v
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v
uv y rw 1 v
vbias f rw 12 s
vis f ro 12 v
volt f ro 12 v
volthours f rw 12 v
`
  ],
  "31": [
    "DS2720",
    0,
    `
cc y rw 1 v
ce y rw 1 v
dc y rw 1 v
de y rw 1 v
doc y rw 1 v
lock y2 rw 1 s
memory b rw 256 v
ot y rw 1 v
ov y rw 1 v
pages/page b2 rw 4 v
psf y rw 1 v
uv y rw 1 v
`
  ],
  "32": [
    "DS2780",
    0,
    `
PIO y wo 1 v
aef y rw 1 v
chgtf y rw 1 v
dc y rw 1 v
learnf y rw 1 v
lock y2 rw 1 s
memory b rw 256 v
nben y rw 1 v
pages/page b2 rw 16 v
pmod y rw 1 v
porf y rw 1 v
rnaop y rw 1 v
sef y rw 1 v
sensed y ro 1 v
temperature t ro 12 v
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v
uven y rw 1 v
uvf y rw 1 v
vbias f rw 12 s
vis f ro 12 v
vis_avg f ro 12 v
volt f ro 12 v
volthours f rw 12 v
`
  ],
  "35": [
    "DS2755",
    2,
    `
PIO y wo 1 v
alarm_set f rw 12 v
defaultpmod y rw 1 s
ios y rw 1 s
lock y3 rw 1 s
memory b rw 256 v
ovd y rw 1 s
pages/page b3 rw 32 v
pie0 y ro 1 s
pie1 y ro 1 s
pmod y ro 1 s
por y rw 1 s
rnaop y ro 1 s
sensed y ro 1 v
temperature t ro 12 v
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v
uben y rw 1 s
uven y rw 1 s
vbias f rw 12 s
vis f ro 12 v
vis_avg f ro 12 v
volt f ro 12 v
volthours f rw 12 v
`
  ],
  "36": [
    "DS2740",
    0,
    `
PIO y rw 1 v
memory b rw 256 v
smod y rw 1 v
vis f ro 12 v
vis_B f ro 12 v
volthours f rw 12 v
`
  ],
  "37": [
    "DS1977",
    5,
    `
memory b rw 32704 v
pages/page b511 rw 64 v
set_password/enabled y rw 1 s
set_password/full b wo 8 s
set_password/read b wo 8 s
use_password/full b wo 8 s
use_password/read b wo 8 s
version u ro 12 s
`
  ],
  "3A": [
    "DS2413",
    5,
    `
PIO y2BL rw 1 v
sensed y2BL ro 1 v
`
  ],
  "3B": [
    "DS1825",
    32770,
    `
fasttemp t ro 12 v -
fault y ro 1 v
ground_short y ro 1 v
latesttemp t ro 12 v
memory b rw 128 v -
open_circuit y ro 1 v
pages/page b16 rw 8 v -
power y ro 1 v
prog_addr u ro 12 s
scratchpad b ro 9 v
temperature t ro 12 v
temperature10 t ro 12 v -
temperature11 t ro 12 v -
temperature12 t ro 12 v
temperature9 t ro 12 v -
temphigh t rw 12 s -
templow t rw 12 s -
tempres u rw 12 s
thermocouple t ro 12 v
vdd_short y ro 1 v
`
  ],
  "3D": [
    "DS2781",
    0,
    `
PIO y wo 1 v
aef y rw 1 v
lock y2 rw 1 s
memory b rw 256 v
pages/page b2 rw 16 v
pmod y rw 1 v
porf y rw 1 v
sef y rw 1 v
sensed y ro 1 v
temperature t ro 12 v
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v
uven y rw 1 v
uvf y rw 1 v
vbias f rw 12 s
vis f ro 12 v
vis_avg f ro 12 v
vis_offset f rw 12 v
volt f ro 12 v
volthours f rw 12 v
`
  ],
  "41": [
    "DS1923",
    32775,
    `
clock/date d rw 24 t
clock/running y rw 1 s
clock/udate u rw 12 t
humidity f ro 12 v
mission/delay u rw 12 v
mission/rollover y rw 1 s
mission/running y rw 1 v
mission/samplinghumidity y ro 1 v
mission/samplingtemp y ro 1 v
pages/page b18 rw 32 v
temperature t ro 12 v
`
  ],
  "42": [
    "DS28EA00",
    40962,
    `
PIO y2BL rw 1 v
fasttemp t ro 12 v
latch y2BL rw 1 v
latesttemp t ro 12 v
power y ro 1 v
sensed y2BL ro 1 v
temperature t ro 12 v
temperature10 t ro 12 v
temperature11 t ro 12 v
temperature12 t ro 12 v
temperature9 t ro 12 v
temphigh t rw 12 s
templow t rw 12 s
tempres u rw 12 s
`
  ],
  "43": [
    "DS28EC20",
    5,
    `
memory b rw 2560 v
pages/page b80 rw 32 v
`
  ],
  "51": [
    "DS2751",
    0,
    `
PIO y wo 1 v
amphours f rw 12 v
current f ro 12 v
currentbias f rw 12 v
defaultpmod y rw 1 s
lock y2 rw 1 s
memory b rw 256 v
pages/page b2 rw 16 v
pmod y ro 1 s
por y rw 1 s
sensed y ro 1 v
temperature t ro 12 v
typeB/range_high t ro 12 f
typeB/range_low t ro 12 f
typeB/temperature t ro 12 v
typeE/range_high t ro 12 f
typeE/range_low t ro 12 f
typeE/temperature t ro 12 v
typeJ/range_high t ro 12 f
typeJ/range_low t ro 12 f
typeJ/temperature t ro 12 v
typeK/range_high t ro 12 f
typeK/range_low t ro 12 f
typeK/temperature t ro 12 v
typeN/range_high t ro 12 f
typeN/range_low t ro 12 f
typeN/temperature t ro 12 v
typeR/range_high t ro 12 f
typeR/range_low t ro 12 f
typeR/temperature t ro 12 v
typeS/range_high t ro 12 f
typeS/range_low t ro 12 f
typeS/temperature t ro 12 v
typeT/range_high t ro 12 f
typeT/range_low t ro 12 f
typeT/temperature t ro 12 v
uven y rw 1 s
vbias f rw 12 s
vis f ro 12 v
volt f ro 12 v
volthours f rw 12 v
`
  ],
  "7E": [
    "EDS",
    32770,
    `
EDS0064/LED/control u rw 12 v -
EDS0064/LED/state y rw 1 v -
EDS0064/alarm/clear y wo 1 s -
EDS0064/alarm/temp_hi y ro 1 v -
EDS0064/alarm/temp_low y ro 1 v -
EDS0064/counter/seconds u ro 12 t -
EDS0064/relay/control u rw 12 v -
EDS0064/relay/state y rw 1 v -
EDS0064/set_alarm/temp_hi y rw 1 v -
EDS0064/set_alarm/temp_low y rw 1 v -
EDS0064/temperature t ro 12 v -
EDS0064/threshold/temp_hi t rw 12 s -
EDS0064/threshold/temp_low t rw 12 s -
EDS0065/LED/control u rw 12 v -
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
EDS0065/counter/seconds u ro 12 t -
EDS0065/dew_point t ro 12 v -
EDS0065/heat_index t ro 12 v -
EDS0065/humidex f ro 12 v -
EDS0065/humidity f ro 12 v -
EDS0065/relay/control u rw 12 v -
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
EDS0065/threshold/dew_point_hi t rw 12 s -
EDS0065/threshold/dew_point_low t rw 12 s -
EDS0065/threshold/heat_index_hi t rw 12 s -
EDS0065/threshold/heat_index_low t rw 12 s -
EDS0065/threshold/humidex_hi f rw 12 s -
EDS0065/threshold/humidex_low f rw 12 s -
EDS0065/threshold/humidity_hi f rw 12 s -
EDS0065/threshold/humidity_low f rw 12 s -
EDS0065/threshold/temp_hi t rw 12 s -
EDS0065/threshold/temp_low t rw 12 s -
EDS0066/LED/control u rw 12 v -
EDS0066/LED/state y rw 1 v -
EDS0066/alarm/clear y wo 1 s -
EDS0066/alarm/inHg_hi y ro 1 v -
EDS0066/alarm/inHg_low y ro 1 v -
EDS0066/alarm/pressure_hi y ro 1 v -
EDS0066/alarm/pressure_low y ro 1 v -
EDS0066/alarm/temp_hi y ro 1 v -
EDS0066/alarm/temp_low y ro 1 v -
EDS0066/counter/seconds u ro 12 t -
EDS0066/inHg f ro 12 v -
EDS0066/pressure p ro 12 v -
EDS0066/relay/control u rw 12 v -
EDS0066/relay/state y rw 1 v -
EDS0066/set_alarm/inHg_hi y rw 1 v -
EDS0066/set_alarm/inHg_low y rw 1 v -
EDS0066/set_alarm/pressure_hi y rw 1 v -
EDS0066/set_alarm/pressure_low y rw 1 v -
EDS0066/set_alarm/temp_hi y rw 1 v -
EDS0066/set_alarm/temp_low y rw 1 v -
EDS0066/temperature t ro 12 v -
EDS0066/threshold/inHg_hi f rw 12 s -
EDS0066/threshold/inHg_low f rw 12 s -
EDS0066/threshold/pressure_hi p rw 12 s -
EDS0066/threshold/pressure_low p rw 12 s -
EDS0066/threshold/temp_hi t rw 12 s -
EDS0066/threshold/temp_low t rw 12 s -
EDS0067/LED/control u rw 12 v -
EDS0067/LED/state y rw 1 v -
EDS0067/alarm/clear y wo 1 s -
EDS0067/alarm/light_hi y ro 1 v -
EDS0067/alarm/light_low y ro 1 v -
EDS0067/alarm/temp_hi y ro 1 v -
EDS0067/alarm/temp_low y ro 1 v -
EDS0067/counter/seconds u ro 12 t -
EDS0067/light u ro 12 v -
EDS0067/relay/control u rw 12 v -
EDS0067/relay/state y rw 1 v -
EDS0067/set_alarm/light_hi y rw 1 v -
EDS0067/set_alarm/light_low y rw 1 v -
EDS0067/set_alarm/temp_hi y rw 1 v -
EDS0067/set_alarm/temp_low y rw 1 v -
EDS0067/temperature t ro 12 v -
EDS0067/threshold/light_hi%20 u rw 12 s -
EDS0067/threshold/light_low u rw 12 s -
EDS0067/threshold/temp_hi t rw 12 s -
EDS0067/threshold/temp_low t rw 12 s -
EDS0068/LED/control u rw 12 v -
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
EDS0068/counter/seconds u ro 12 t -
EDS0068/dew_point t ro 12 v -
EDS0068/heat_index t ro 12 v -
EDS0068/humidex f ro 12 v -
EDS0068/humidity f ro 12 v -
EDS0068/inHg f ro 12 v -
EDS0068/light u ro 12 v -
EDS0068/pressure p ro 12 v -
EDS0068/relay/control u rw 12 v -
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
EDS0068/threshold/dew_point_hi t rw 12 s -
EDS0068/threshold/dew_point_low t rw 12 s -
EDS0068/threshold/heat_index_hi t rw 12 s -
EDS0068/threshold/heat_index_low t rw 12 s -
EDS0068/threshold/humidex_hi f rw 12 s -
EDS0068/threshold/humidex_low f rw 12 s -
EDS0068/threshold/humidity_hi f rw 12 s -
EDS0068/threshold/humidity_low f rw 12 s -
EDS0068/threshold/inHg_hi f rw 12 s -
EDS0068/threshold/inHg_low f rw 12 s -
EDS0068/threshold/light_hi u rw 12 s -
EDS0068/threshold/light_low u rw 12 s -
EDS0068/threshold/pressure_hi p rw 12 s -
EDS0068/threshold/pressure_low p rw 12 s -
EDS0068/threshold/temp_hi t rw 12 s -
EDS0068/threshold/temp_low t rw 12 s -
EDS0070/LED/control u rw 12 v -
EDS0070/LED/state y rw 1 v -
EDS0070/alarm/clear y wo 1 s -
EDS0070/alarm/vib_hi y ro 1 v -
EDS0070/alarm/vib_low y ro 1 v -
EDS0070/counter/seconds u ro 12 t -
EDS0070/relay/control u rw 12 v -
EDS0070/relay/state y rw 1 v -
EDS0070/set_alarm/vib_hi y rw 1 v -
EDS0070/set_alarm/vib_low y rw 1 v -
EDS0070/threshold/vib_hi t rw 12 s -
EDS0070/threshold/vib_low t rw 12 s -
EDS0070/vib_level u ro 12 v -
EDS0070/vib_max u ro 12 v -
EDS0070/vib_min u ro 12 v -
EDS0070/vib_peak u ro 12 v -
EDS0071/LED/control u rw 12 v -
EDS0071/LED/state y rw 1 v -
EDS0071/alarm/clear y wo 1 s -
EDS0071/alarm/resistance_hi y ro 1 v -
EDS0071/alarm/resistance_low y ro 1 v -
EDS0071/alarm/temp_hi y ro 1 v -
EDS0071/alarm/temp_low y ro 1 v -
EDS0071/calibration/constant u ro 12 s -
EDS0071/calibration/key u rw 12 s -
EDS0071/counter/samples u ro 12 t -
EDS0071/counter/seconds u ro 12 t -
EDS0071/delay u rw 12 v -
EDS0071/relay/control u rw 12 v -
EDS0071/relay/state y rw 1 v -
EDS0071/resistance f ro 12 v -
EDS0071/set_alarm/resistance__hi y rw 1 v -
EDS0071/set_alarm/resistance_low y rw 1 v -
EDS0071/set_alarm/temp_hi y rw 1 v -
EDS0071/set_alarm/temp_low y rw 1 v -
EDS0071/temperature t ro 12 v -
EDS0071/threshold/resistance_hi f rw 12 s -
EDS0071/threshold/resistance_low f rw 12 s -
EDS0071/threshold/temp_hi t rw 12 s -
EDS0071/threshold/temp_low t rw 12 s -
EDS0071/user_byte u rw 12 v -
EDS0072/LED/control u rw 12 v -
EDS0072/LED/state y rw 1 v -
EDS0072/alarm/RTD_hi y ro 1 v -
EDS0072/alarm/RTD_low y ro 1 v -
EDS0072/alarm/clear y wo 1 s -
EDS0072/alarm/temp_hi y ro 1 v -
EDS0072/alarm/temp_low y ro 1 v -
EDS0072/calibration/constant u ro 12 s -
EDS0072/calibration/key u rw 12 s -
EDS0072/counter/samples u ro 12 t -
EDS0072/counter/seconds u ro 12 t -
EDS0072/delay u rw 12 v -
EDS0072/relay/control u rw 12 v -
EDS0072/relay/state y rw 1 v -
EDS0072/resistance f ro 12 v -
EDS0072/set_alarm/RTD_hi y rw 1 v -
EDS0072/set_alarm/RTD_low y rw 1 v -
EDS0072/set_alarm/temp_hi y rw 1 v -
EDS0072/set_alarm/temp_low y rw 1 v -
EDS0072/temperature t ro 12 v -
EDS0072/threshold/resistance_hi f rw 12 s -
EDS0072/threshold/resistance_low f rw 12 s -
EDS0072/threshold/temp_hi t rw 12 s -
EDS0072/threshold/temp_low t rw 12 s -
EDS0072/user_byte u rw 12 v -
EDS0080/LED/control u rw 12 v -
EDS0080/LED/state y rw 1 v -
EDS0080/alarm/clear y wo 1 s -
EDS0080/alarm/current_hi y8B ro 1 v -
EDS0080/alarm/current_low y8B ro 1 v -
EDS0080/counter/seconds u ro 12 t -
EDS0080/current f8 ro 12 v -
EDS0080/max_current f8 ro 12 v -
EDS0080/memory b rw 160 v -
EDS0080/min_current f8 ro 12 v -
EDS0080/pages/page b5 rw 32 v -
EDS0080/relay/control u rw 12 v -
EDS0080/relay/state y rw 1 v -
EDS0080/set_alarm/current_hi y8B rw 1 v -
EDS0080/set_alarm/current_low y8B rw 1 v -
EDS0080/threshold/current_hi f16 rw 12 s -
EDS0080/threshold/current_low f16 rw 12 s -
EDS0082/LED/control u rw 12 v -
EDS0082/LED/state y rw 1 v -
EDS0082/alarm/clear y wo 1 s -
EDS0082/alarm/volts_hi y8B ro 1 v -
EDS0082/alarm/volts_low y8B ro 1 v -
EDS0082/counter/seconds u ro 12 t -
EDS0082/max_volts f8 ro 12 v -
EDS0082/memory b rw 160 v -
EDS0082/min_volts f8 ro 12 v -
EDS0082/pages/page b5 rw 32 v -
EDS0082/relay/control u rw 12 v -
EDS0082/relay/state y rw 1 v -
EDS0082/set_alarm/volts_hi y8B rw 1 v -
EDS0082/set_alarm/volts_low y8B rw 1 v -
EDS0082/threshold/volts_hi f16 rw 12 s -
EDS0082/threshold/volts_low f16 rw 12 s -
EDS0082/volts f8 ro 12 v -
EDS0083/LED/control u rw 12 v -
EDS0083/LED/state y rw 1 v -
EDS0083/alarm/clear y wo 1 s -
EDS0083/alarm/current_hi y4B ro 1 v -
EDS0083/alarm/current_low y4B ro 1 v -
EDS0083/counter/seconds u ro 12 t -
EDS0083/current f4 ro 12 v -
EDS0083/max_current f4 ro 12 v -
EDS0083/memory b rw 160 v -
EDS0083/min_current f4 ro 12 v -
EDS0083/pages/page b5 rw 32 v -
EDS0083/relay/control u rw 12 v -
EDS0083/relay/state y rw 1 v -
EDS0083/set_alarm/current_hi y4B rw 1 v -
EDS0083/set_alarm/current_low y4B rw 1 v -
EDS0083/threshold/current_hi f8 rw 12 s -
EDS0083/threshold/current_low f8 rw 12 s -
EDS0085/LED/control u rw 12 v -
EDS0085/LED/state y rw 1 v -
EDS0085/alarm/clear y wo 1 s -
EDS0085/alarm/volts_hi y4B ro 1 v -
EDS0085/alarm/volts_low y4B ro 1 v -
EDS0085/counter/seconds u ro 12 t -
EDS0085/max_volts f4 ro 12 v -
EDS0085/memory b rw 160 v -
EDS0085/min_volts f4 ro 12 v -
EDS0085/pages/page b5 rw 32 v -
EDS0085/relay/control u rw 12 v -
EDS0085/relay/state y rw 1 v -
EDS0085/set_alarm/volts_hi y4B rw 1 v -
EDS0085/set_alarm/volts_low y4B rw 1 v -
EDS0085/threshold/volts_hi f8 rw 12 s -
EDS0085/threshold/volts_low f8 rw 12 s -
EDS0085/volts f4 ro 12 v -
EDS0090/LED/control u rw 12 v -
EDS0090/LED/state y rw 1 v -
EDS0090/alarm/clear y wo 1 s -
EDS0090/alarm/hi y8B ro 1 v -
EDS0090/alarm/low y8B ro 1 v -
EDS0090/counter/pulses u8 ro 12 v -
EDS0090/counter/reset y8B rw 1 v -
EDS0090/counter/seconds u ro 12 t -
EDS0090/input y8B ro 1 s -
EDS0090/latch/reset y8B rw 1 v -
EDS0090/latch/state y8B ro 1 v -
EDS0090/output/off y8B ro 1 v -
EDS0090/output/reset y8B rw 1 v -
EDS0090/output/set y8B rw 1 v -
EDS0090/relay/control u rw 12 v -
EDS0090/relay/state y rw 1 v -
EDS0090/set_alarm/hi y8B rw 1 v -
EDS0090/set_alarm/low y8B rw 1 v -
device_id u ro 12 s
device_type a ro 7 v
memory b rw 96 v
pages/page b3 rw 32 v
tag a ro 30 s
`
  ],
  "81": ["DS1420", 0, ``],
  "82": [
    "DS1425",
    0,
    `
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
`
  ],
  "89": [
    "DS1982U",
    0,
    `
mac_e b ro 6 s
mac_fw b ro 8 s
memory b rw 128 v
pages/page b4 rw 32 v
project b ro 4 s
`
  ],
  "8B": [
    "DS1985U",
    0,
    `
memory b rw 2048 v
pages/page b64 rw 32 v
status/page b11 rw 8 s
`
  ],
  "8F": [
    "DS1986U",
    4,
    `
memory b rw 8192 v
pages/page b256 rw 32 v
status/page b11 rw 32 s
`
  ],
  "A0": [
    "mRS001",
    0,
    `
RPM u ro 12 v
`
  ],
  "A2": [
    "mCM001",
    0,
    `
current f ro 12 v
`
  ],
  "A5": [
    "mDI001",
    0,
    `
loop_open y4B ro 1 v
loop_shorted y4B ro 1 v
switch_closed y4B ro 1 v
`
  ],
  "A6": [
    "DS2438",
    49152,
    `
B1-R1-A/gain p rw 12 s
B1-R1-A/offset p rw 12 s
B1-R1-A/pressure p ro 12 v
CA y rw 1 s
DATANAB/humidity f ro 12 v -
DATANAB/reset y wo 1 s -
EE y rw 1 s
HIH3600/humidity f ro 12 v
HIH4000/humidity f ro 12 v
HIH5030/humidity f ro 12 v
HTM1735/humidity f ro 12 v
IAD y rw 1 s
MultiSensor/type a ro 12 s
S3-R1-A/current f ro 12 v
S3-R1-A/gain f rw 12 s
S3-R1-A/illuminance f ro 12 v
VAD f ro 12 v
VDD f ro 12 v
date d rw 24 v
disconnect/date d rw 24 v
disconnect/udate u rw 12 v
endcharge/date d rw 24 v
endcharge/udate u rw 12 v
humidity f ro 12 v
latesttemp t ro 12 v
offset u rw 12 s
pages/page b8 rw 8 s
temperature t ro 12 v
udate u rw 12 t
vis f ro 12 v
`
  ],
  "B2": [
    "mAM001",
    0,
    `
current f ro 12 v
volts f ro 12 v
`
  ],
  "DD": [
    "Example_slave",
    2,
    `
bits y8B ro 1 s
extension_characters ux ro 12 v
is_index_prime yn ro 1 v
read_number i ro 12 s
`
  ],
  "ED": [
    "InfernoEmbedded",
    1,
    `
device a ro 64 v
enter_firmware_update y wo 1 f
erase_firmware y wo 1 v -
exit_firmware_update y wo 1 v -
firmware_bootloader_size u ro 12 v -
firmware_range a ro 22 v -
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
update_firmware b wo 65536 v -
version u ro 12 v
`
  ],
  "EE": [
    "",
    0,
    `
UVI/UVI f ro 12 v -
UVI/UVI_offset f rw 12 s -
UVI/in_case y rw 1 s -
temperature t ro 12 v -
temperature_offset g rw 12 s -
type a ro 32 v
type_number u ro 12 s
version a ro 7 s
`
  ],
  "EF": [
    "",
    0,
    `
barometer/altitude i rw 12 v -
barometer/config u rw 12 s -
barometer/location a rw 21 s -
barometer/polling_available u ro 12 s -
barometer/polling_frequency u rw 12 s -
barometer/pressure p ro 12 v -
barometer/pressure_altitude i ro 12 v -
barometer/reboot y wo 1 s -
barometer/reset y wo 1 s -
barometer/temperature t ro 12 v -
hub/branch y4B rw 1 s -
hub/short y4B ro 1 s -
humidity/config u rw 12 s -
humidity/humidity_corrected f ro 12 v -
humidity/humidity_offset f rw 12 v -
humidity/humidity_raw f ro 12 v -
humidity/location a rw 21 s -
humidity/polling_available u ro 12 s -
humidity/polling_frequency u rw 12 s -
humidity/reboot y wo 1 s -
humidity/reset y wo 1 s -
humidity/temperature t ro 12 v -
moisture/calibrate/max u rw 12 s -
moisture/calibrate/min u rw 12 s -
moisture/calibrate/raw u4 ro 12 v -
moisture/is_leaf y4B rw 1 v -
moisture/is_moisture y4B rw 1 s -
moisture/sensor i4 ro 12 v -
multitemp/config u ro 12 s -
multitemp/location a rw 21 s -
multitemp/polling_available u ro 12 s -
multitemp/polling_frequency u rw 12 s -
multitemp/reboot y wo 1 s -
multitemp/reset y wo 1 s -
multitemp/temperature t6 ro 12 v -
type a ro 32 v
type_number u ro 12 s
version a ro 7 v
`
  ],
  "FC": [
    "BAE",
    3,
    `
910/adc u ro 12 v -
910/adc10 u ro 12 v -
910/adcan u ro 12 v -
910/adcap u ro 12 v -
910/adcc u rw 12 v -
910/adctotn u rw 12 v -
910/adctotp u rw 12 v -
910/alan u rw 12 v -
910/alap u rw 12 v -
910/alarm u rw 12 v -
910/alarmc u rw 12 v -
910/alcps u rw 12 v -
910/alct u rw 12 v -
910/cnt u ro 12 v -
910/cntc u rw 12 v -
910/count u rw 12 v -
910/cps u ro 12 v -
910/date d rw 24 v -
910/duty1 u rw 12 v -
910/duty2 u rw 12 v -
910/duty3 u rw 12 v -
910/duty4 u rw 12 v -
910/maxan u rw 12 v -
910/maxap u rw 12 v -
910/maxcps u rw 12 v -
910/out u rw 12 v -
910/outc u rw 12 v -
910/ovruncnt u rw 12 v -
910/pc0 u rw 12 v -
910/pc1 u rw 12 v -
910/pc2 u rw 12 v -
910/pc3 u rw 12 v -
910/period1 u rw 12 v -
910/period2 u rw 12 v -
910/pio u rw 12 v -
910/pioc u rw 12 v -
910/resetcnt u rw 12 v -
910/rtcc u rw 12 v -
910/selectcnt u rw 12 v -
910/stalledcnt u rw 12 v -
910/tpm1c u rw 12 v -
910/tpm2c u rw 12 v -
910/udate u rw 12 t -
910/usera u rw 12 v -
910/userb u rw 12 v -
910/userc u rw 12 v -
910/userd u rw 12 v -
910/usere u rw 12 v -
910/userf u rw 12 v -
910/userg u rw 12 v -
910/userh u rw 12 v -
910/useri u rw 12 v -
910/userj u rw 12 v -
910/userk u rw 12 v -
910/userl u rw 12 v -
910/userm u rw 12 v -
910/usern u rw 12 v -
910/usero u rw 12 v -
910/userp u rw 12 v -
911/alarm/clear_latchs y rw 1 v -
911/alarm/enable_global u rw 12 v -
911/alarm/enable_latch y22 rw 1 v -
911/alarm/latch y22 rw 1 v -
911/alarm/userbits u rw 12 v -
911/alarm/userbits_enable u rw 12 v -
911/analog/adc u16 ro 12 v -
911/analog/adc_enable y rw 1 v -
911/analog/comparator/acmp_enable y rw 1 v -
911/analog/comparator/changed y rw 1 v -
911/analog/comparator/internal_ref y rw 1 v -
911/analog/comparator/out_enable y rw 1 v -
911/analog/comparator/out_state y ro 1 v -
911/automation_engine/global_mem u64 rw 12 v -
911/automation_engine/global_memory un rw 12 v -
911/automation_engine/pc0 u rw 12 v -
911/counters/count u18 rw 12 v -
911/counters/enable_counter y18 rw 1 v -
911/counters/enable_encoder0 y rw 1 v -
911/counters/enable_encoder16 y rw 1 v -
911/counters/enable_encoder17 y rw 1 v -
911/counters/enable_encoder5 y rw 1 v -
911/counters/enable_encoder8 y rw 1 v -
911/counters/enable_encoder9 y rw 1 v -
911/iic/cat9554/direction u rw 12 v -
911/iic/cat9554/pio u rw 12 v -
911/iic/init u rw 12 v -
911/lcd/init u rw 12 v -
911/lcd/text a wo 255 v -
911/pio/direction y22 rw 1 v -
911/pio/pio y22 rw 1 v -
911/pio/pull_down y8 rw 1 v -
911/pio/pull_enable y22 rw 1 v -
911/pio/strength y22 rw 1 v -
911/pwm1/duty_ch0 u rw 12 v -
911/pwm1/duty_ch1 u rw 12 v -
911/pwm1/mode_ch0 u rw 12 v -
911/pwm1/mode_ch1 u rw 12 v -
911/pwm1/period u rw 12 v -
911/pwm1/ref_clock u rw 12 v -
911/pwm2/duty_ch0 u rw 12 v -
911/pwm2/duty_ch1 u rw 12 v -
911/pwm2/mode_ch0 u rw 12 v -
911/pwm2/mode_ch1 u rw 12 v -
911/pwm2/period u rw 12 v -
911/pwm2/ref_clock u rw 12 v -
911/sdcard/init u rw 12 v -
911/sdcard/sector_data b rw 512 s -
911/sdcard/sector_nr u rw 12 s -
911/serial/baud_divisor u rw 12 v -
911/serial/dataout a wo 255 v -
911/serial/scic u rw 12 v -
911/system/owidletime u rw 12 v -
911/system/poweronflags u ro 12 v -
911/system/watchdog1w u rw 12 v -
911/timers/clock u rw 12 v -
911/timers/countdown u32 rw 12 v -
911/timers/countdown_number u rw 12 v -
911/timers/random u ro 12 v -
911/user_registers/byte u16 rw 12 v -
911/user_registers/dword u8 rw 12 v -
911/user_registers/word u16 rw 12 v -
bootstrap_version u ro 12 v
chip_type u ro 12 v
command b wo 255 s
device_type u ro 12 v
device_version u ro 12 v
eeprom/erase y32 wo 1 v =
eeprom/page b32 rw 512 v =
eeprom/pagecrc u rw 12 v =
firmware/function b wo 16384 s
generic/memory b rw 128 v
localtype a ro 5 v
version a ro 5 v
`
  ],
  "FE": [
    "IBLSS",
    32768,
    `
TH/humidity f ro 12 v
TH/latesthumidity f ro 12 v
TH/latesttemp t ro 12 v
TH/led y wo 1 s
TH/temperature t ro 12 v
firmware a ro 5 s
subtype a ro 2 s
`
  ],
  "FF": [
    "LCD",
    2,
    `
LCDon y wo 1 s
backlight y wo 1 s
counters u4 ro 12 v
cumulative u4 rw 12 v
data u rw 12 v
gpio y4B rw 1 v
line16 a4 wo 16 s
line20 a4 wo 20 s
line40 a2 wo 40 s
memory b rw 112 s
register u rw 12 v
screen16 a wo 128 s
screen20 a wo 128 s
screen40 a wo 128 s
version a ro 16 s
`
  ]
}
