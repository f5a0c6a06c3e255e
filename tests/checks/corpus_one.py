"""An exam for a credential checker on a desk's files, written without sight of any checker.

Every secret is generated from a seed that is the case's own name, in the real format of the venue that
issues such keys. A template writes ``«binance_secret»`` where a value goes; a value of a secret kind is
what the checker must find, a value of a public kind is what it must leave alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import string
import tomllib
import zlib
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote


class Case(NamedTuple):
    """One file and the verdict on it."""

    name: str
    path: str
    data: bytes
    secrets: tuple[str, ...]
    kind: str
    must_be_found: bool


Random = random.Random
Generator = Callable[[Random], str]

CASES: list[Case] = []

# Cases whose secret does not stand in the file letter by letter: it is split, escaped or encoded.
HIDDEN: set[str] = set()

# Files of these cases are not UTF-8 text; the value is the codec that reads them.
CODEC: dict[str, str] = {}

# The English word list of BIP-39.
ENGLISH = """
abandon ability able about above absent absorb abstract absurd abuse access accident account accuse
achieve acid acoustic acquire across act action actor actress actual adapt add addict address adjust
admit adult advance advice aerobic affair afford afraid again age agent agree ahead aim air airport aisle
alarm album alcohol alert alien all alley allow almost alone alpha already also alter always amateur
amazing among amount amused analyst anchor ancient anger angle angry animal ankle announce annual another
answer antenna antique anxiety any apart apology appear apple approve april arch arctic area arena argue
arm armed armor army around arrange arrest arrive arrow art artefact artist artwork ask aspect assault
asset assist assume asthma athlete atom attack attend attitude attract auction audit august aunt author
auto autumn average avocado avoid awake aware away awesome awful awkward axis baby bachelor bacon badge
bag balance balcony ball bamboo banana banner bar barely bargain barrel base basic basket battle beach
bean beauty because become beef before begin behave behind believe below belt bench benefit best betray
better between beyond bicycle bid bike bind biology bird birth bitter black blade blame blanket blast
bleak bless blind blood blossom blouse blue blur blush board boat body boil bomb bone bonus book boost
border boring borrow boss bottom bounce box boy bracket brain brand brass brave bread breeze brick bridge
brief bright bring brisk broccoli broken bronze broom brother brown brush bubble buddy budget buffalo
build bulb bulk bullet bundle bunker burden burger burst bus business busy butter buyer buzz cabbage
cabin cable cactus cage cake call calm camera camp can canal cancel candy cannon canoe canvas canyon
capable capital captain car carbon card cargo carpet carry cart case cash casino castle casual cat
catalog catch category cattle caught cause caution cave ceiling celery cement census century cereal
certain chair chalk champion change chaos chapter charge chase chat cheap check cheese chef cherry chest
chicken chief child chimney choice choose chronic chuckle chunk churn cigar cinnamon circle citizen city
civil claim clap clarify claw clay clean clerk clever click client cliff climb clinic clip clock clog
close cloth cloud clown club clump cluster clutch coach coast coconut code coffee coil coin collect color
column combine come comfort comic common company concert conduct confirm congress connect consider
control convince cook cool copper copy coral core corn correct cost cotton couch country couple course
cousin cover coyote crack cradle craft cram crane crash crater crawl crazy cream credit creek crew
cricket crime crisp critic crop cross crouch crowd crucial cruel cruise crumble crunch crush cry crystal
cube culture cup cupboard curious current curtain curve cushion custom cute cycle dad damage damp dance
danger daring dash daughter dawn day deal debate debris decade december decide decline decorate decrease
deer defense define defy degree delay deliver demand demise denial dentist deny depart depend deposit
depth deputy derive describe desert design desk despair destroy detail detect develop device devote
diagram dial diamond diary dice diesel diet differ digital dignity dilemma dinner dinosaur direct dirt
disagree discover disease dish dismiss disorder display distance divert divide divorce dizzy doctor
document dog doll dolphin domain donate donkey donor door dose double dove draft dragon drama drastic
draw dream dress drift drill drink drip drive drop drum dry duck dumb dune during dust dutch duty dwarf
dynamic eager eagle early earn earth easily east easy echo ecology economy edge edit educate effort egg
eight either elbow elder electric elegant element elephant elevator elite else embark embody embrace
emerge emotion employ empower empty enable enact end endless endorse enemy energy enforce engage engine
enhance enjoy enlist enough enrich enroll ensure enter entire entry envelope episode equal equip era
erase erode erosion error erupt escape essay essence estate eternal ethics evidence evil evoke evolve
exact example excess exchange excite exclude excuse execute exercise exhaust exhibit exile exist exit
exotic expand expect expire explain expose express extend extra eye eyebrow fabric face faculty fade
faint faith fall false fame family famous fan fancy fantasy farm fashion fat fatal father fatigue fault
favorite feature february federal fee feed feel female fence festival fetch fever few fiber fiction field
figure file film filter final find fine finger finish fire firm first fiscal fish fit fitness fix flag
flame flash flat flavor flee flight flip float flock floor flower fluid flush fly foam focus fog foil
fold follow food foot force forest forget fork fortune forum forward fossil foster found fox fragile
frame frequent fresh friend fringe frog front frost frown frozen fruit fuel fun funny furnace fury future
gadget gain galaxy gallery game gap garage garbage garden garlic garment gas gasp gate gather gauge gaze
general genius genre gentle genuine gesture ghost giant gift giggle ginger giraffe girl give glad glance
glare glass glide glimpse globe gloom glory glove glow glue goat goddess gold good goose gorilla gospel
gossip govern gown grab grace grain grant grape grass gravity great green grid grief grit grocery group
grow grunt guard guess guide guilt guitar gun gym habit hair half hammer hamster hand happy harbor hard
harsh harvest hat have hawk hazard head health heart heavy hedgehog height hello helmet help hen hero
hidden high hill hint hip hire history hobby hockey hold hole holiday hollow home honey hood hope horn
horror horse hospital host hotel hour hover hub huge human humble humor hundred hungry hunt hurdle hurry
hurt husband hybrid ice icon idea identify idle ignore ill illegal illness image imitate immense immune
impact impose improve impulse inch include income increase index indicate indoor industry infant inflict
inform inhale inherit initial inject injury inmate inner innocent input inquiry insane insect inside
inspire install intact interest into invest invite involve iron island isolate issue item ivory jacket
jaguar jar jazz jealous jeans jelly jewel job join joke journey joy judge juice jump jungle junior junk
just kangaroo keen keep ketchup key kick kid kidney kind kingdom kiss kit kitchen kite kitten kiwi knee
knife knock know lab label labor ladder lady lake lamp language laptop large later latin laugh laundry
lava law lawn lawsuit layer lazy leader leaf learn leave lecture left leg legal legend leisure lemon lend
length lens leopard lesson letter level liar liberty library license life lift light like limb limit link
lion liquid list little live lizard load loan lobster local lock logic lonely long loop lottery loud
lounge love loyal lucky luggage lumber lunar lunch luxury lyrics machine mad magic magnet maid mail main
major make mammal man manage mandate mango mansion manual maple marble march margin marine market
marriage mask mass master match material math matrix matter maximum maze meadow mean measure meat
mechanic medal media melody melt member memory mention menu mercy merge merit merry mesh message metal
method middle midnight milk million mimic mind minimum minor minute miracle mirror misery miss mistake
mix mixed mixture mobile model modify mom moment monitor monkey monster month moon moral more morning
mosquito mother motion motor mountain mouse move movie much muffin mule multiply muscle museum mushroom
music must mutual myself mystery myth naive name napkin narrow nasty nation nature near neck need
negative neglect neither nephew nerve nest net network neutral never news next nice night noble noise
nominee noodle normal north nose notable note nothing notice novel now nuclear number nurse nut oak obey
object oblige obscure observe obtain obvious occur ocean october odor off offer office often oil okay old
olive olympic omit once one onion online only open opera opinion oppose option orange orbit orchard order
ordinary organ orient original orphan ostrich other outdoor outer output outside oval oven over own owner
oxygen oyster ozone pact paddle page pair palace palm panda panel panic panther paper parade parent park
parrot party pass patch path patient patrol pattern pause pave payment peace peanut pear peasant pelican
pen penalty pencil people pepper perfect permit person pet phone photo phrase physical piano picnic
picture piece pig pigeon pill pilot pink pioneer pipe pistol pitch pizza place planet plastic plate play
please pledge pluck plug plunge poem poet point polar pole police pond pony pool popular portion position
possible post potato pottery poverty powder power practice praise predict prefer prepare present pretty
prevent price pride primary print priority prison private prize problem process produce profit program
project promote proof property prosper protect proud provide public pudding pull pulp pulse pumpkin punch
pupil puppy purchase purity purpose purse push put puzzle pyramid quality quantum quarter question quick
quit quiz quote rabbit raccoon race rack radar radio rail rain raise rally ramp ranch random range rapid
rare rate rather raven raw razor ready real reason rebel rebuild recall receive recipe record recycle
reduce reflect reform refuse region regret regular reject relax release relief rely remain remember
remind remove render renew rent reopen repair repeat replace report require rescue resemble resist
resource response result retire retreat return reunion reveal review reward rhythm rib ribbon rice rich
ride ridge rifle right rigid ring riot ripple risk ritual rival river road roast robot robust rocket
romance roof rookie room rose rotate rough round route royal rubber rude rug rule run runway rural sad
saddle sadness safe sail salad salmon salon salt salute same sample sand satisfy satoshi sauce sausage
save say scale scan scare scatter scene scheme school science scissors scorpion scout scrap screen script
scrub sea search season seat second secret section security seed seek segment select sell seminar senior
sense sentence series service session settle setup seven shadow shaft shallow share shed shell sheriff
shield shift shine ship shiver shock shoe shoot shop short shoulder shove shrimp shrug shuffle shy
sibling sick side siege sight sign silent silk silly silver similar simple since sing siren sister
situate six size skate sketch ski skill skin skirt skull slab slam sleep slender slice slide slight slim
slogan slot slow slush small smart smile smoke smooth snack snake snap sniff snow soap soccer social sock
soda soft solar soldier solid solution solve someone song soon sorry sort soul sound soup source south
space spare spatial spawn speak special speed spell spend sphere spice spider spike spin spirit split
spoil sponsor spoon sport spot spray spread spring spy square squeeze squirrel stable stadium staff stage
stairs stamp stand start state stay steak steel stem step stereo stick still sting stock stomach stone
stool story stove strategy street strike strong struggle student stuff stumble style subject submit
subway success such sudden suffer sugar suggest suit summer sun sunny sunset super supply supreme sure
surface surge surprise surround survey suspect sustain swallow swamp swap swarm swear sweet swift swim
swing switch sword symbol symptom syrup system table tackle tag tail talent talk tank tape target task
taste tattoo taxi teach team tell ten tenant tennis tent term test text thank that theme then theory
there they thing this thought three thrive throw thumb thunder ticket tide tiger tilt timber time tiny
tip tired tissue title toast tobacco today toddler toe together toilet token tomato tomorrow tone tongue
tonight tool tooth top topic topple torch tornado tortoise toss total tourist toward tower town toy track
trade traffic tragic train transfer trap trash travel tray treat tree trend trial tribe trick trigger
trim trip trophy trouble truck true truly trumpet trust truth try tube tuition tumble tuna tunnel turkey
turn turtle twelve twenty twice twin twist two type typical ugly umbrella unable unaware uncle uncover
under undo unfair unfold unhappy uniform unique unit universe unknown unlock until unusual unveil update
upgrade uphold upon upper upset urban urge usage use used useful useless usual utility vacant vacuum
vague valid valley valve van vanish vapor various vast vault vehicle velvet vendor venture venue verb
verify version very vessel veteran viable vibrant vicious victory video view village vintage violin
virtual virus visa visit visual vital vivid vocal voice void volcano volume vote voyage wage wagon wait
walk wall walnut want warfare warm warrior wash wasp waste water wave way wealth weapon wear weasel
weather web wedding weekend weird welcome west wet whale what wheat wheel when where whip whisper wide
width wife wild will win window wine wing wink winner winter wire wisdom wise wish witness wolf woman
wonder wood wool word work world worry worth wrap wreck wrestle wrist write wrong yard year yellow you
young youth zebra zero zone zoo"""
WORDS = ENGLISH.split()

# ---------------------------------------------------------------- alphabets and checksums

UPPER = string.ascii_uppercase + string.digits
LETTERS = string.ascii_uppercase
BASE62 = string.ascii_letters + string.digits
BASE32 = string.ascii_uppercase + "234567"
HEX = "0123456789abcdef"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE58 = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _draw(rnd: Random, alphabet: str, length: int) -> str:
    """Draw text that has a digit and a letter of each case, as far as the alphabet and the length allow."""
    classes = [string.digits, string.ascii_lowercase, string.ascii_uppercase]
    wanted = [group for group in classes if sum(c in alphabet for c in group) >= 2 and length >= 8]
    while True:
        text = "".join(rnd.choice(alphabet) for _ in range(length))
        if all(any(c in group for c in text) for group in wanted):
            return text


def _of(alphabet: str, length: int, prefix: str = "", suffix: str = "") -> Generator:
    return lambda rnd: prefix + _draw(rnd, alphabet, length) + suffix


def _b64(length: int, prefix: str = "") -> Generator:
    return lambda rnd: prefix + base64.b64encode(rnd.randbytes(length)).decode()


def _b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _uuid(rnd: Random) -> str:
    text = rnd.randbytes(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{rnd.choice('89ab')}{text[17:20]}-{text[20:]}"


def _base58(raw: bytes, alphabet: str = BASE58) -> str:
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return alphabet[0] * (len(raw) - len(raw.lstrip(b"\0"))) + text


def _base58check(prefix: str, length: int, suffix: str = "", alphabet: str = BASE58) -> Generator:
    def make(rnd: Random) -> str:
        raw = bytes.fromhex(prefix) + rnd.randbytes(length) + bytes.fromhex(suffix)
        check = hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
        return _base58(raw + check, alphabet)

    return make


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= term if top >> bit & 1 else 0
    return check


def _bech32(hrp: str, length: int, version: int | None = None) -> Generator:
    def make(rnd: Random) -> str:
        bits = "".join(f"{byte:08b}" for byte in rnd.randbytes(length))
        bits += "0" * (-len(bits) % 5)
        data = [] if version is None else [version]
        data += [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
        expanded = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
        check = _polymod(expanded + data + [0] * 6) ^ (0x2BC830A3 if version else 1)
        data += [check >> 5 * (5 - at) & 31 for at in range(6)]
        return hrp + "1" + "".join(BECH32[value] for value in data)

    return make


def _crc16(raw: bytes) -> int:
    check = 0
    for byte in raw:
        check ^= byte << 8
        for _ in range(8):
            check = (check << 1 ^ (0x1021 if check & 0x8000 else 0)) & 0xFFFF
    return check


def _rotate(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & (1 << 64) - 1 if by else lane


def _keccak_f(a: list[list[int]]) -> list[list[int]]:
    lfsr = 1
    for _ in range(24):
        column = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        mix = [column[(x - 1) % 5] ^ _rotate(column[(x + 1) % 5], 1) for x in range(5)]
        a = [[a[x][y] ^ mix[x] for y in range(5)] for x in range(5)]
        x, y, lane = 1, 0, a[1][0]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lane, a[x][y] = a[x][y], _rotate(lane, (step + 1) * (step + 2) // 2 % 64)
        a = [[a[x][y] ^ ~a[(x + 1) % 5][y] & a[(x + 2) % 5][y] for y in range(5)] for x in range(5)]
        for power in range(7):
            lfsr = (lfsr << 1 ^ (lfsr >> 7) * 0x71) % 256
            a[0][0] ^= 1 << (1 << power) - 1 if lfsr & 2 else 0
    return a


def _keccak256(raw: bytes) -> bytes:
    padded = bytearray(raw + b"\x01" + b"\0" * ((-len(raw) - 1) % 136))
    padded[-1] |= 0x80
    a = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), 136):
        for lane in range(17):
            word = padded[start + 8 * lane : start + 8 * lane + 8]
            a[lane % 5][lane // 5] ^= int.from_bytes(word, "little")
        a = _keccak_f(a)
    return b"".join(a[lane][0].to_bytes(8, "little") for lane in range(4))


def _luhn(digits: str) -> str:
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)


def _as_digits(text: str) -> str:
    return "".join(str(int(c, 36)) for c in text)


# ---------------------------------------------------------------- secrets, as venues issue them


def _jwt(rnd: Random) -> str:
    head = {"alg": "HS256", "typ": "JWT"}
    body = {
        "sub": _uuid(rnd),
        "iss": "desk",
        "scope": "trade read",
        "iat": 1_780_000_000 + rnd.randrange(10**6),
    }
    parts = [_b64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head, body)]
    return ".".join([*parts, _b64url(rnd.randbytes(32))])


def _github(rnd: Random) -> str:
    body, alphabet = _draw(rnd, BASE62, 30), string.digits + string.ascii_letters
    number, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        check = alphabet[digit] + check
    return "ghp_" + body + check


def _pem(label: str, der: str, length: int, tail: str = "", tail_length: int = 0) -> Generator:
    def make(rnd: Random) -> str:
        raw = bytes.fromhex(der) + rnd.randbytes(length) + bytes.fromhex(tail) + rnd.randbytes(tail_length)
        text = base64.b64encode(raw).decode()
        lines = [text[at : at + 64] for at in range(0, len(text), 64)]
        return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])

    return make


def _mnemonic(count: int) -> Generator:
    def make(rnd: Random) -> str:
        entropy = rnd.randbytes(count * 4 // 3)
        bits = "".join(f"{byte:08b}" for byte in entropy)
        bits += f"{hashlib.sha256(entropy).digest()[0]:08b}"[: count // 3]
        return " ".join(WORDS[int(bits[at : at + 11], 2)] for at in range(0, len(bits), 11))

    return make


def _stellar(version: int) -> Generator:
    def make(rnd: Random) -> str:
        raw = bytes([version << 3]) + rnd.randbytes(32)
        return base64.b32encode(raw + _crc16(raw).to_bytes(2, "little")).decode()

    return make


def _weak(rnd: Random) -> str:
    return rnd.choice(["tulip", "granite", "marmalade", "falcon", "pepper"]) + rnd.choice(
        ["99", "-77", "!", "2024", "_x", ".1", "$7"]
    )


def _weak_word(rnd: Random) -> str:
    return rnd.choice(["swordfish", "marmalade", "thunderbird", "cinnamon", "grasshopper"])


def _basic(rnd: Random) -> str:
    return base64.b64encode(f"deskbot:{_weak(rnd)}-{_draw(rnd, BASE62, 8)}".encode()).decode()


def _keypair(rnd: Random) -> str:
    return "[" + ", ".join(str(byte) for byte in rnd.randbytes(64)) + "]"


SECRET: dict[str, Generator] = {
    "alpaca_key": _of(UPPER, 18, "PK"),
    "alpaca_live_key": _of(UPPER, 18, "AK"),
    "alpaca_key26": _of(BASE32, 24, "PK"),
    "alpaca_secret": _of(BASE62, 40),
    "alpaca_secret44": _of(BASE62, 44),
    "kraken_key": _b64(42),
    "kraken_secret": _b64(64),
    "binance_key": _of(BASE62, 64),
    "binance_secret": _of(BASE62, 64),
    "coinbase_key": _of(BASE62, 16),
    "coinbase_secret": _b64(64),
    "tasty_secret": _of(HEX, 40),
    "mercury": _of(BASE58, 43, "secret-token:mercury_production_wma_", "_yrucrem"),
    "okx_secret": _of("0123456789ABCDEF", 32),
    "env_like_secret": lambda rnd: "E" + _draw(rnd, "0123456789ABCDEF", 31),
    "deribit_secret": _of(BASE62 + "-_", 43),
    "bybit_key": _of(BASE62, 18),
    "bybit_secret": _of(BASE62, 36),
    "kucoin_secret": _uuid,
    "uuid_key": _uuid,
    "bitget_key": _of(HEX, 32, "bg_"),
    "bitget_secret": _of(HEX, 64),
    "gate_secret": _of(HEX, 64),
    "bitmex_secret": _of(BASE62 + "-_", 48),
    "bitfinex_secret": _of(BASE62, 43),
    "hex48": _of(HEX, 48),
    "hex_key": _of(HEX, 64, "0x"),
    "polygon_key": _of(BASE62, 32),
    "rpc_key": _of(BASE62, 32),
    "infura_key": _of(HEX, 32),
    "finnhub_key": _of(string.ascii_lowercase + string.digits, 20),
    "aws_id": _of(BASE32, 16, "AKIA"),
    "aws_secret": _of(BASE62 + "/+", 40),
    "stripe": _of(BASE62, 24, "sk_live_"),
    "stripe_restricted": _of(BASE62, 99, "rk_live_"),
    "github": _github,
    "github_fine": lambda rnd: f"github_pat_{_draw(rnd, BASE62, 22)}_{_draw(rnd, BASE62, 59)}",
    "gitlab": _of(BASE62 + "-_", 20, "glpat-"),
    "slack": lambda rnd: (
        f"xoxb-{rnd.randrange(10**11, 10**12)}-{rnd.randrange(10**12, 10**13)}-{_draw(rnd, BASE62, 24)}"
    ),
    "slack_hook": lambda rnd: f"T0{_draw(rnd, UPPER, 9)}/B0{_draw(rnd, UPPER, 9)}/{_draw(rnd, BASE62, 24)}",
    "discord_hook": lambda rnd: f"{rnd.randrange(10**18, 10**19)}/{_draw(rnd, BASE62 + '-_', 68)}",
    "telegram": lambda rnd: f"{rnd.randrange(10**9, 10**10)}:AA{_draw(rnd, BASE62 + '-_', 33)}",
    "openai": lambda rnd: f"sk-proj-{_draw(rnd, BASE62 + '-_', 74)}T3BlbkFJ{_draw(rnd, BASE62 + '-_', 74)}",
    "anthropic": _of(BASE62 + "-_", 93, "sk-ant-api03-", "AA"),
    "google": _of(BASE62 + "-_", 35, "AIza"),
    "npm": _of(BASE62, 36, "npm_"),
    "vault": _of(BASE62 + "-_", 91, "hvs."),
    "jwt": _jwt,
    "pem_ec": _pem("EC PRIVATE KEY", "30770201010420", 32, "a00a06082a8648ce3d030107a14403420004", 64),
    "pem_ed25519": _pem("PRIVATE KEY", "302e020100300506032b657004220420", 32),
    "pem_rsa": _pem("RSA PRIVATE KEY", "308204a40201000282010100", 1180),
    "pem_ssh": _pem("OPENSSH PRIVATE KEY", "6f70656e7373682d6b65792d763100000000046e6f6e65", 210),
    "age_secret": lambda rnd: _bech32("age-secret-key-", 32)(rnd).upper(),
    "nsec": _bech32("nsec", 32),
    "wif": _base58check("80", 32, "01"),
    "xprv": _base58check("0488ade403", 73),
    "xrp_seed": _base58check("21", 16, "", RIPPLE58),
    "stellar_seed": _stellar(18),
    "solana_secret": lambda rnd: _base58(rnd.randbytes(64)),
    "solana_keypair": _keypair,
    "wireguard": _b64(32),
    "totp": _of(BASE32, 32),
    "mnemonic12": _mnemonic(12),
    "mnemonic15": _mnemonic(15),
    "mnemonic18": _mnemonic(18),
    "mnemonic21": _mnemonic(21),
    "mnemonic24": _mnemonic(24),
    "basic": _basic,
    "cookie": _of(BASE62 + "-_", 64),
    "sas": lambda rnd: quote(base64.b64encode(rnd.randbytes(32)).decode(), safe=""),
    "aws_signature": _of(HEX, 64),
    "weak": _weak,
    "weak_word": _weak_word,
    "integer": lambda rnd: str(rnd.randrange(10**15, 10**16)),
}

# ---------------------------------------------------------------- what looks like a secret and is none


def _ethereum(rnd: Random) -> str:
    text = rnd.randbytes(20).hex()
    digest = _keccak256(text.encode()).hex()
    return "0x" + "".join(c.upper() if int(digest[at], 16) > 7 else c for at, c in enumerate(text))


def _polkadot(rnd: Random) -> str:
    raw = b"\0" + rnd.randbytes(32)
    return _base58(raw + hashlib.blake2b(b"SS58PRE" + raw).digest()[:2])


def _ton(rnd: Random) -> str:
    raw = b"\x11\0" + rnd.randbytes(32)
    return base64.urlsafe_b64encode(raw + _crc16(raw).to_bytes(2, "big")).decode()


def _monero(rnd: Random) -> str:
    raw = b"\x12" + rnd.randbytes(64)
    raw += _keccak256(raw)[:4]
    blocks = [raw[at : at + 8] for at in range(0, len(raw), 8)]
    return "".join(_base58(block).rjust(11 if len(block) == 8 else 7, "1") for block in blocks)


def _algorand(rnd: Random) -> str:
    raw = rnd.randbytes(32)
    return base64.b32encode(raw + hashlib.new("sha512_256", raw).digest()[-4:]).decode().rstrip("=")


def _isin(rnd: Random) -> str:
    body = "US" + _draw(rnd, string.digits, 9)
    return body + _luhn(_as_digits(body))


def _cusip_check(body: str) -> str:
    total = 0
    for at, c in enumerate(body):
        value = int(c, 36) * (at % 2 + 1)
        total += value // 10 + value % 10
    return str(-total % 10)


def _cusip(rnd: Random) -> str:
    body = _draw(rnd, string.digits, 6) + _draw(rnd, UPPER, 2)
    return body + _cusip_check(body)


def _figi(rnd: Random) -> str:
    body = "BBG0" + _draw(rnd, "0123456789BCDFGHJKLMNPQRSTVWXYZ", 7)
    return body + _cusip_check(body)


def _sedol(rnd: Random) -> str:
    body = "B" + _draw(rnd, "0123456789BCDFGHJKLMNPQRSTVWXYZ", 5)
    total = sum(int(c, 36) * weight for c, weight in zip(body, (1, 3, 1, 7, 3, 9), strict=True))
    return body + str(-total % 10)


def _lei(rnd: Random) -> str:
    body = "5493" + "00" + _draw(rnd, UPPER, 12)
    return body + f"{98 - int(_as_digits(body + '00')) % 97:02d}"


def _iban(rnd: Random) -> str:
    body = "COBA" + _draw(rnd, string.digits, 14)
    return f"GB{98 - int(_as_digits(body + 'GB00')) % 97:02d}{body}"


def _kraken_order(rnd: Random) -> str:
    return "O" + "-".join(_draw(rnd, UPPER, length) for length in (5, 5, 6))


def _ssh_ed25519(rnd: Random) -> str:
    return "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + rnd.randbytes(32)).decode()


def _ssh_rsa(rnd: Random) -> str:
    raw = b"\0\0\0\x07ssh-rsa\0\0\0\x03\x01\0\x01\0\0\x01\x81\0" + rnd.randbytes(384)
    return "ssh-rsa " + base64.b64encode(raw).decode()


def _chunk(tag: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + tag + body + zlib.crc32(tag + body).to_bytes(4, "big")


def _png(rnd: Random) -> str:
    rows = b"".join(b"\0" + rnd.randbytes(32) for _ in range(8))
    head = _chunk(b"IHDR", bytes([0, 0, 0, 8, 0, 0, 0, 8, 8, 6, 0, 0, 0]))
    raw = b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return base64.b64encode(raw).decode()


def _integer(length: int) -> Generator:
    return lambda rnd: str(rnd.randrange(10 ** (length - 1), 10**length))


def _cid(rnd: Random) -> str:
    raw = b"\x01\x70\x12\x20" + rnd.randbytes(32)
    return "b" + base64.b32encode(raw).decode().lower().rstrip("=")


def _fingerprint(rnd: Random) -> str:
    text = _draw(rnd, "0123456789ABCDEF", 40)
    groups = [text[at : at + 4] for at in range(0, 40, 4)]
    return " ".join(groups[:5]) + "  " + " ".join(groups[5:])


PUBLIC: dict[str, Generator] = {
    "sha1": _of(HEX, 40),
    "sha256": _of(HEX, 64),
    "sha512": _of(HEX, 128),
    "bls": _of(HEX, 16),
    "onion": _of(BASE32.lower(), 55, "", "d"),
    "md5": _of(HEX, 32),
    "short": _of(HEX, 8),
    "uuid": _uuid,
    "ulid": lambda rnd: "01J" + _draw(rnd, CROCKFORD, 23),
    "int19": _integer(19),
    "int77": _integer(77),
    "int10": _integer(10),
    "int9": _integer(9),
    "int8": _integer(8),
    "kraken_order": _kraken_order,
    "kraken_trade": lambda rnd: "T" + _kraken_order(rnd)[1:],
    "cloid": _of(HEX, 32, "0x"),
    "binance_client_id": lambda rnd: "x-" + _draw(rnd, BASE62, 8) + _draw(rnd, HEX, 24),
    "tx": _of(HEX, 64, "0x"),
    "solana_tx": lambda rnd: _base58(rnd.randbytes(64)),
    "bitcoin_tx": _of(HEX, 64),
    "arweave_tx": lambda rnd: _b64url(rnd.randbytes(32)),
    "btc": _base58check("00", 20),
    "btc_script": _base58check("05", 20),
    "btc_segwit": _bech32("bc", 20, 0),
    "btc_taproot": _bech32("bc", 32, 1),
    "ltc": _bech32("ltc", 20, 0),
    "doge": _base58check("1e", 20),
    "zcash": _base58check("1cb8", 20),
    "tezos": _base58check("06a19f", 20),
    "tron": _base58check("41", 20),
    "xrp": _base58check("00", 20, "", RIPPLE58),
    "xpub": _base58check("0488b21e03", 73),
    "cosmos": _bech32("cosmos", 20),
    "dydx": _bech32("dydx", 20),
    "cardano": _bech32("addr", 57),
    "npub": _bech32("npub", 32),
    "age_public": _bech32("age", 32),
    "eth": _ethereum,
    "solana": lambda rnd: _base58(rnd.randbytes(32)),
    "polkadot": _polkadot,
    "stellar": _stellar(6),
    "ton": _ton,
    "monero": _monero,
    "algorand": _algorand,
    "sui": _of(HEX, 64, "0x"),
    "isin": _isin,
    "cusip": _cusip,
    "figi": _figi,
    "sedol": _sedol,
    "lei": _lei,
    "iban": _iban,
    "ssh_ed25519": _ssh_ed25519,
    "ssh_rsa": _ssh_rsa,
    "ssh_fingerprint": lambda rnd: "SHA256:" + base64.b64encode(rnd.randbytes(32)).decode().rstrip("="),
    "gpg_fingerprint": _fingerprint,
    "gpg_long": _of("0123456789ABCDEF", 40),
    "pem_certificate": _pem("CERTIFICATE", "308202a83082024fa0030201020214", 660),
    "pem_public": _pem("PUBLIC KEY", "3059301306072a8648ce3d020106082a8648ce3d03010703420004", 64),
    "pem_request": _pem("CERTIFICATE REQUEST", "3082012e3081d5020100", 290),
    "pgp_public": _pem("PGP PUBLIC KEY BLOCK", "98330465", 420),
    "pgp_signature": _pem("PGP SIGNATURE", "887504001608001d162104", 106),
    "ssh_signature": _pem("SSH SIGNATURE", "5353485349470000000100000033", 160),
    "public32": _b64(32),
    "sri256": _b64(32, "sha256-"),
    "sri384": _b64(48, "sha384-"),
    "sri512": _b64(64, "sha512-"),
    "nix": _of("0123456789abcdfghijklmnpqrsvwxyz", 32),
    "cid": _cid,
    "cid0": lambda rnd: _base58(b"\x12\x20" + rnd.randbytes(32)),
    "pod": _of("bcdfghjklmnpqrstvwxz2456789", 5),
    "png": _png,
    "digits40": _integer(40),
    "op_item": _of(string.ascii_lowercase + string.digits, 26),
}

# ---------------------------------------------------------------- templates

HEADS = [
    """[workspace]
name     = "north-desk"
timezone = "Europe/Zurich"

[[connector]]
name    = "main-equities"
type    = "equities"
enabled = true

  [connector.auth]
  api_key    = { env = "EQ_API_KEY" }
  api_secret = { env = "EQ_API_SECRET" }

""",
    """[[connector]]
name = "perps-a"
type = "crypto"
enabled = true
[connector.auth]
api_key.env = "PERPS_A_KEY"
api_secret.file = "/run/secrets/perps-a"

[[guard]]
key = "max_order_usd"
enabled = true
limit = 25_000

""",
    """[account]
currency = "USD"

[[connector]]
name = "cme"
type = "futures"
enabled = false
auth = { api_key = { keyring = "qoc/cme-key" }, api_secret = { keyring = "qoc/cme-secret" } }

""",
    """[[connector]]
name    = "sweep-cash"
type    = "cash"
enabled = true

  [connector.auth]
  api_key = { git-credential = "https://api.mercury.com" }

[[schedule]]
name  = "daily-close-snapshot"
cron  = "5 16 * * 1-5"
tz    = "America/New_York"
task  = "snapshot"

""",
]


class Maker:
    """Fills one case's template, with values drawn from the case's own seed, and notes the secrets."""

    def __init__(self, name: str) -> None:
        """Seed from the case's name."""
        self.rnd = Random(f"corpus-one/{name}")
        self.secrets: list[str] = []
        self._values: dict[str, str] = {}

    def secret(self, kind: str) -> str:
        """Draw a secret that the checker must find; of a PEM block, the lines of its body."""
        value = SECRET[kind](self.rnd)
        if value.startswith("-----BEGIN"):
            self.secrets += value.split("\n")[1:-1]
        else:
            self.secrets.append(value)
        return value

    def public(self, kind: str) -> str:
        """Draw a value that is no secret."""
        return PUBLIC[kind](self.rnd)

    def _marker(self, match: re.Match[str]) -> str:
        marker, kind = match.group(0), match.group(1)
        if marker not in self._values:
            if kind == "desk":
                self._values[marker] = self.rnd.choice(HEADS)
            else:
                self._values[marker] = self.secret(kind) if kind in SECRET else self.public(kind)
        return self._values[marker]

    def fill(self, template: str) -> str:
        """Put values where the markers are, equal ones for equal markers; a line that ends in «» goes on."""
        joined = template.removeprefix("\n").replace("«»\n", "")
        return re.sub("«([a-z0-9_]+)(?:#[0-9]+)?»", self._marker, joined)


Template = str | Callable[[Maker], str]


def _add(name: str, path: str, kind: str, template: Template, codec: str, *, found: bool) -> None:
    maker = Maker(name)
    text = maker.fill(template) if isinstance(template, str) else template(maker)
    if codec != "utf-8":
        CODEC[name] = codec
    CASES.append(Case(name, path, text.encode(codec), tuple(maker.secrets), kind, found))


def dirty(
    name: str,
    kind: str,
    template: Template,
    path: str = "desk.toml",
    *,
    hidden: bool = False,
    codec: str = "utf-8",
) -> None:
    """Register a file with a secret in it."""
    _add(name, path, kind, template, codec, found=True)
    if hidden:
        HIDDEN.add(name)


def literal(name: str, value: str, template: str) -> None:
    """Register a file with a literal under auth that nobody could guess at any other place."""
    _add(name, "desk.toml", "auth", template, "utf-8", found=True)
    CASES[-1] = CASES[-1]._replace(secrets=(value,))


def clean(name: str, template: Template, path: str = "desk.toml", codec: str = "utf-8") -> None:
    """Register a file without a secret."""
    _add(name, path, "clean", template, codec, found=False)


# ---------------------------------------------------------------- dirty: literals under auth

dirty(
    "auth: both Alpaca values pasted over the references",
    "auth",
    r"""
[[connector]]
name    = "main-equities"
type    = "equities"
enabled = true

  [connector.auth]
  api_key    = "«alpaca_key»"
  api_secret = "«alpaca_secret»"
""",
)
dirty(
    "auth: temporary, with the reference commented out",
    "auth",
    r"""
«desk»[[connector]]
name    = "crypto-spot"
type    = "crypto"
enabled = true

  [connector.auth]
  api_key    = { env = "CX_API_KEY" }
  # api_secret = { env = "CX_API_SECRET" }
  api_secret = "«binance_secret»"  # TEMP until Friday, do not commit!!
""",
)
dirty(
    "auth: one weak passphrase among nine referenced connectors",
    "auth",
    lambda m: "".join(
        f"""[[connector]]
name = "okx-sub{n}"
type = "crypto"
enabled = {"true" if n % 3 else "false"}
[connector.auth]
api_key = {{ env = "OKX_SUB{n}_KEY" }}
api_secret = {{ env = "OKX_SUB{n}_SECRET" }}
passphrase = {'"' + m.secret("weak_word") + '"' if n == 7 else f'{{ env = "OKX_SUB{n}_PASSPHRASE" }}'}

"""
        for n in range(1, 10)
    ),
)
dirty(
    "auth: inline table on the connector",
    "auth",
    r"""
[[connector]]
name = "deribit"
type = "options"
enabled = true
auth = { client_id = { env = "DERIBIT_ID" }, client_secret = "«deribit_secret»" }
""",
)
dirty(
    "auth: dotted key in the connector block",
    "auth",
    r"""
[[connector]]
name = "bybit-linear"
type = "crypto"
enabled = true
auth.api_key = { env = "BYBIT_KEY" }
auth.api_secret = '«bybit_secret»'
""",
)
dirty(
    "auth: quoted and literal-quoted key parts",
    "auth",
    r"""
[[connector]]
name = "kucoin"
type = "crypto"
enabled = true
"auth".'passphrase' = "«weak»"
'auth'."api_key" = { env = "KC_KEY" }
""",
)
dirty(
    "auth: table name written with an escape",
    "auth",
    r"""
[[connector]]
name = "kucoin"
type = "crypto"
enabled = true
[connector."a\u0075th"]
passphrase = "«weak_word»"
""",
)
dirty(
    "auth: value written with escapes",
    "auth",
    lambda m: """[[connector]]
name = "ibkr"
type = "equities"
enabled = true
[connector.auth]
password = "{}"
""".format("".join(f"\\u{ord(c):04x}" for c in m.secret("weak"))),
    hidden=True,
)
dirty(
    "auth: integer pin",
    "auth",
    r"""
[[connector]]
name = "ib-gateway"
type = "futures"
enabled = true
[connector.auth]
user = { env = "IB_USER" }
pin = «integer»
""",
)
dirty(
    "auth: unquoted private key is one big TOML integer",
    "auth",
    r"""
[[connector]]
name = "hyperliquid"
type = "crypto"
enabled = true
[connector.auth]
private_key = «hex_key»
""",
)
literal(
    "auth: password that is a TOML date",
    "1987-06-05",
    r"""
[[connector]]
name = "ib-gateway"
type = "futures"
enabled = true
[connector.auth]
user = { env = "IB_USER" }
password = 1987-06-05
""",
)
literal(
    "auth: password that is a TOML float",
    "8713.4471",
    r"""
[[connector]]
name = "old-broker"
type = "equities"
enabled = true
[connector.auth]
password = 8713.4471
""",
)
dirty(
    "auth: array that splits the value",
    "auth",
    lambda m: """[[connector]]
name = "kraken"
type = "crypto"
enabled = true
[connector.auth]
api_key = {{ env = "KRAKEN_KEY" }}
api_secret = [
  "{}",
  "{}", # second half
]
""".format((value := m.secret("kraken_secret"))[:44], value[44:]),
    hidden=True,
)
dirty(
    "auth: unknown reference form value",
    "auth",
    r"""
[[connector]]
name = "gate"
type = "crypto"
enabled = true
[connector.auth]
api_key = { env = "GATE_KEY" }
api_secret = { value = "«gate_secret»" }
""",
)
dirty(
    "auth: reference with a literal default beside it",
    "auth",
    r"""
[[connector]]
name = "bitfinex"
type = "crypto"
enabled = true
[connector.auth]
api_secret = { env = "BFX_SECRET", default = "«bitfinex_secret»" }
""",
)
dirty(
    "auth: reference with a weak fallback beside it",
    "auth",
    r"""
[[connector]]
name = "bitget"
type = "crypto"
enabled = true
[connector.auth]
passphrase = { env = "BITGET_PASSPHRASE", fallback = "«weak_word»" }
""",
)
dirty(
    "auth: env holds a table with the value",
    "auth",
    r"""
[[connector]]
name = "bitmex"
type = "futures"
enabled = true
[connector.auth]
api_secret = { env = { name = "BITMEX_SECRET", value = "«bitmex_secret»" } }
""",
)
dirty(
    "auth: command that echoes the value",
    "auth",
    r"""
[[connector]]
name = "bybit-inverse"
type = "futures"
enabled = true
[connector.auth]
api_secret = { command = "printf %s «bybit_secret»" }
""",
)
dirty(
    "auth: nested table for the paper account",
    "auth",
    r"""
[[connector]]
name = "tasty"
type = "options"
enabled = true
[connector.auth]
api_secret = { env = "TT_SECRET" }
[connector.auth.paper]
login = { env = "TT_PAPER_LOGIN" }
phrase = "«weak_word»"
""",
)
dirty(
    "auth: the whole file is one inline array of connectors",
    "auth",
    r"""
connector = [ { name = "a", type = "crypto", enabled = true, auth = { api_key = { env = "A_KEY" } } «»
}, { name = "b", type = "crypto", enabled = true, auth = { api_key = "«coinbase_key»" } } ]
""",
)
dirty(
    "auth: auth is a string key:secret",
    "auth",
    r"""
[[connector]]
name = "mercury"
type = "cash"
enabled = true
auth = "desk:«weak»"
""",
)
dirty(
    "auth: array of tables instead of a table",
    "auth",
    r"""
[[connector]]
name = "coinbase-retail"
type = "crypto"
enabled = true
[[connector.auth]]
key = "«weak_word»"
""",
)
dirty(
    "auth: multi-line literal PEM for Coinbase CDP",
    "auth",
    r"""
[[connector]]
name = "coinbase"
type = "crypto"
enabled = true
[connector.auth]
api_key = { env = "CDP_KEY_NAME" }
api_secret = '''
«pem_ec»
'''
""",
)
dirty(
    "auth: PEM on one line with escaped newlines, as CDP's JSON has it",
    "auth",
    lambda m: """[[connector]]
name = "coinbase"
type = "crypto"
enabled = true
[connector.auth]
api_secret = "{}\\n"
""".format(m.secret("pem_ec").replace("\n", "\\n")),
)
dirty(
    "auth: block below schedules and guards, tabs for indentation",
    "auth",
    lambda m: m.fill(
        """«desk»[[guard]]
key = "max_open_orders"
enabled = true
limit = 40

[[connector]]
\tname\t= "finnhub-feed"
\ttype\t= "equities"
\tenabled\t= true
\t[connector.auth]
\ttoken\t= "«finnhub_key»"
"""
    ),
)
dirty(
    "auth: CRLF file with a Kraken pair",
    "auth",
    lambda m: m.fill(
        """[[connector]]
name = "kraken-spot"
type = "crypto"
enabled = true

[connector.auth]
api_key = "«kraken_key»"
api_secret = "«kraken_secret»"
"""
    ).replace("\n", "\r\n"),
)
dirty(
    "auth: BOM, then a table with a weak password first thing",
    "auth",
    lambda m: m.fill(
        """\ufeff[[connector]]
name = "tws"
type = "equities"
enabled = true
[connector.auth]
password = "«weak»"
"""
    ),
)
dirty(
    "auth: key with no name",
    "auth",
    r"""
[[connector]]
name = "half-done"
type = "crypto"
enabled = true
[connector.auth]
"" = "«weak_word»"
""",
)
dirty(
    "auth: table name with a Cyrillic letter",
    "auth",
    r"""
[[connector]]
name = "okx"
type = "crypto"
enabled = true
[connector."аuth"]
passphrase = "«weak»"
api_secret = "«okx_secret»"
""",
)
dirty(
    "auth: table in capitals",
    "auth",
    r"""
[[connector]]
name = "okx"
type = "crypto"
enabled = true
[connector.AUTH]
API_SECRET = "«okx_secret»"
""",
)
dirty(
    "auth: UUID as the secret, KuCoin",
    "auth",
    r"""
[[connector]]
name = "kucoin-futures"
type = "futures"
enabled = true
[connector.auth]
api_key = { env = "KC_KEY" }
api_secret = "«kucoin_secret»"
""",
)
dirty(
    "auth: array with a reference and a literal",
    "auth",
    r"""
[[connector]]
name = "desk-ftx-estate"
type = "crypto"
enabled = false
[connector.auth]
api_key = [{ env = "OLD_KEY" }, "«weak_word»"]
""",
)
dirty(
    "auth: disabled connector still holds its key",
    "auth",
    r"""
[[connector]]
name = "bitget-old"
type = "futures"
enabled = false
[connector.auth]
api_key = "«bitget_key»"
api_secret = "«bitget_secret»"
passphrase = "«weak»"
""",
)
dirty(
    "auth: subtable per key with a value field",
    "auth",
    r"""
[[connector]]
name = "polygon-feed"
type = "equities"
enabled = true
[connector.auth.api_key]
value = "«polygon_key»"
""",
)
dirty(
    "auth: literal only in the last of two blocks with one header style each",
    "auth",
    r"""
«desk»[[ connector ]]
name = "spaced-out"
type = "cash"
enabled = true
[ connector . auth ]
api_key = "«weak_word»"
""",
)
literal(
    "auth: placeholder",
    "YOUR_API_KEY",
    r"""
[[connector]]
name = "crypto-spot"
type = "crypto"
enabled = true
[connector.auth]
api_key = "YOUR_API_KEY"
api_secret = { env = "CX_API_SECRET" }
""",
)
literal(
    "auth: placeholder in angle brackets",
    "<paste the secret here>",
    r"""
[[connector]]
name = "crypto-spot"
type = "crypto"
enabled = true
[connector.auth]
api_key = { env = "CX_API_KEY" }
api_secret = "<paste the secret here>"
""",
)
literal(
    "auth: shell variable as a string",
    "$CX_API_SECRET",
    r"""
[[connector]]
name = "crypto-spot"
type = "crypto"
enabled = true
[connector.auth]
api_key = { env = "CX_API_KEY" }
api_secret = "$CX_API_SECRET"
""",
)
literal(
    "auth: a reference quoted as a whole is a string",
    '{ env = "BN_API_KEY" }',
    r"""
[[connector]]
name = "binance"
type = "crypto"
enabled = true
[connector.auth]
api_key = '{ env = "BN_API_KEY" }'
""",
)
literal(
    "auth: 1Password address as a string",
    "op://Desk/Binance/credential",
    r"""
[[connector]]
name = "binance"
type = "crypto"
enabled = true
[connector.auth]
api_key = { env = "BN_API_KEY" }
api_secret = "op://Desk/Binance/credential"
""",
)

# ---------------------------------------------------------------- dirty: a secret inside a reference

dirty(
    "reference: Alpaca key id in env",
    "reference",
    r"""
[[connector]]
name = "main-equities"
type = "equities"
enabled = true
[connector.auth]
api_key = { env = "«alpaca_live_key»" }
api_secret = { env = "EQ_API_SECRET" }
""",
)
dirty(
    "reference: Alpaca secret in env",
    "reference",
    r"""
[[connector]]
name = "main-equities"
type = "equities"
enabled = true
[connector.auth]
api_key = { env = "EQ_API_KEY" }
api_secret = { env = "«alpaca_secret44»" }
""",
)
dirty(
    "reference: OKX secret in env is even a legal variable name",
    "reference",
    r"""
[[connector]]
name = "okx-main"
type = "crypto"
enabled = true
[connector.auth]
api_secret = { env = "«env_like_secret»" }
""",
)
dirty(
    "reference: shell default in env",
    "reference",
    r"""
[[connector]]
name = "binance-usdm"
type = "futures"
enabled = true
[connector.auth]
api_secret = { env = "${BN_SECRET:-«binance_secret»}" }
""",
)
dirty(
    "reference: assignment in env",
    "reference",
    r"""
[[connector]]
name = "bybit"
type = "crypto"
enabled = true
[connector.auth]
api_secret = { env = "BYBIT_API_SECRET=«bybit_secret»" }
""",
)
dirty(
    "reference: secret pasted in file",
    "reference",
    r"""
[[connector]]
name = "deribit"
type = "options"
enabled = true
[connector.auth]
client_secret = { file = "«deribit_secret»" }
""",
)
dirty(
    "reference: secret as the keyring's user",
    "reference",
    r"""
[[connector]]
name = "bitmex"
type = "futures"
enabled = true
[connector.auth]
api_secret = { keyring = "qoc/«bitmex_secret»" }
""",
)
dirty(
    "reference: password in the git-credential URL",
    "reference",
    r"""
[[connector]]
name = "mercury"
type = "cash"
enabled = true
[connector.auth]
api_key = { git-credential = "https://desk:«weak»@api.mercury.com" }
""",
)
dirty(
    "reference: token in the query of the git-credential URL",
    "reference",
    r"""
[[connector]]
name = "mercury"
type = "cash"
enabled = true
[connector.auth]
api_key = { git-credential = "https://api.mercury.com/?access_token=«finnhub_key»" }
""",
)
dirty(
    "reference: value kept in a trailing comment",
    "comment",
    r"""
[[connector]]
name = "binance"
type = "crypto"
enabled = true
[connector.auth]
api_secret = { env = "BN_API_SECRET" } # «binance_secret»
""",
)
dirty(
    "reference: Mercury token in env",
    "reference",
    r"""
[[connector]]
name = "ops-cash"
type = "cash"
enabled = true
[connector.auth]
api_key = { env = "«mercury»" }
""",
)

# ---------------------------------------------------------------- dirty: names, keys, headers

dirty(
    "position: a key as the connector's name",
    "structure",
    r"""
[[connector]]
name = "«alpaca_key»"
type = "equities"
enabled = true
[connector.auth]
api_key = { env = "EQ_API_KEY" }
api_secret = { env = "EQ_API_SECRET" }
""",
)
dirty(
    "position: a secret as the connector's account",
    "structure",
    r"""
[[connector]]
name = "spot"
type = "crypto"
enabled = true
account = "«binance_secret»"
[connector.auth]
api_key = { env = "BN_KEY" }
""",
)
dirty(
    "position: a secret as a bare key",
    "structure",
    r"""
«desk»[labels]
«bybit_secret» = "bybit linear"
""",
)
dirty(
    "position: a secret in a table header",
    "structure",
    r"""
«desk»[credentials."«stripe»"]
owner = "billing"
""",
)
dirty(
    "position: a secret in a quoted key with dots",
    "structure",
    r"""
«desk»[tokens]
"kraken.«kraken_secret»" = true
""",
)
dirty(
    "position: a schedule's task holds a token",
    "structure",
    r"""
«desk»[[schedule]]
name = "notify"
cron = "0 18 * * 1-5"
tz   = "UTC"
task = "notify --telegram «telegram»"
""",
)
dirty(
    "position: a guard option",
    "structure",
    r"""
«desk»[[guard]]
key = "kill_switch"
enabled = true
webhook = "https://hooks.slack.com/services/«slack_hook»"
""",
)
dirty(
    "position: the workspace's name",
    "structure",
    r"""
[workspace]
name = "desk «github»"
timezone = "UTC"
""",
)
dirty(
    "position: venue field",
    "structure",
    r"""
[[connector]]
name = "data"
type = "equities"
venue = "polygon:«polygon_key»"
enabled = true
""",
)

# ---------------------------------------------------------------- dirty: entropy under a neutral name

dirty(
    "entropy: 40 characters in memo",
    "entropy",
    r"""
«desk»[notes]
memo = "«alpaca_secret»"
""",
)
dirty(
    "entropy: 64 characters in prose",
    "entropy",
    r'''
«desk»[notes]
handover = """
Monday: check the roll of the December contract.
Binance sub 3 is «binance_secret» for now,
Tuesday: call the prime broker about the haircut.
"""
''',
)
dirty(
    "entropy: base64 with slashes in an array of tags",
    "entropy",
    r"""
«desk»[research]
tags = ["carry", "«kraken_secret»", "basis"]
""",
)
dirty(
    "entropy: base64url with dashes",
    "entropy",
    r"""
«desk»[x]
y = "«deribit_secret»"
""",
)
dirty(
    "entropy: 48 hex digits",
    "entropy",
    r"""
«desk»[x]
material = "«hex48»"
""",
)
dirty(
    "entropy: line continuation in the middle of the value",
    "entropy",
    lambda m: (
        m.fill("«desk»[x]\n")
        + 'blob = """\\\n  {}\\\n  {}\\\n  """\n'.format((v := m.secret("binance_secret"))[:32], v[32:])
    ),
    hidden=True,
)
dirty(
    "entropy: backslash-u for one letter in the middle",
    "entropy",
    lambda m: (
        m.fill("«desk»[x]\n")
        + 'blob = "{}\\u{:04X}{}"\n'.format((v := m.secret("bitfinex_secret"))[:20], ord(v[20]), v[21:])
    ),
    hidden=True,
)
dirty(
    "entropy: Ed25519 key of Coinbase CDP under id",
    "entropy",
    r"""
«desk»[cdp]
id = "organizations/«uuid»/apiKeys/«uuid#2»"
pk = "«coinbase_secret»"
""",
)
dirty(
    "entropy: deep in nested inline tables",
    "entropy",
    r"""
«desk»[deploy]
envs = [ { stage = "uat", vars = { a = 1, b = [ "x", { c = "«bitmex_secret»" } ] } } ]
""",
)
dirty(
    "entropy: last line without a newline after 300 kB of positions",
    "entropy",
    lambda m: (
        "".join(
            f'[[universe]]\nsymbol = "SYM{n}-PERP"\nweight = {m.rnd.random():.6f}\nsector = "{n % 11}"\n'
            for n in range(5000)
        )
        + m.fill('[x]\ny = "«alpaca_secret»"').rstrip("\n")
    ),
)
dirty(
    "entropy: zero-width space inside a pasted key",
    "entropy",
    lambda m: (
        m.fill("«desk»[notes]\n")
        + 'paste = "{}\u200b{}"\n'.format((v := m.secret("binance_key"))[:32], v[32:])
    ),
    hidden=True,
)

# ---------------------------------------------------------------- dirty: known shapes in odd places

dirty(
    "shape: AWS pair in a backup table",
    "shape",
    r"""
«desk»[backup]
bucket = "s3://desk-books"
id = "«aws_id»"
value = "«aws_secret»"
""",
)
dirty(
    "shape: AWS id alone, inside brackets in a comment",
    "shape",
    r"""
# bucket policy is tied to (user books-writer, «aws_id»)
«desk»""",
)
dirty(
    "shape: Stripe restricted key",
    "shape",
    r"""
«desk»[billing]
plan = "team"
stripe = "«stripe_restricted»"
""",
)
dirty(
    "shape: GitHub token in a clone URL",
    "url",
    r"""
«desk»[mirror]
remote = "https://x-access-token:«github»@github.com/north-desk/books.git"
""",
)
dirty(
    "shape: fine-grained GitHub token in a comment at the end of a line",
    "comment",
    r"""
«desk»[mirror]
remote = "git@github.com:north-desk/books.git" # pat: «github_fine»
""",
)
dirty(
    "shape: GitLab token as a bare array item",
    "shape",
    r"""
«desk»[ci]
runners = [ "eu-1", "«gitlab»" ]
""",
)
dirty(
    "shape: Slack bot token",
    "shape",
    r"""
«desk»[alerts]
slack = "«slack»"
channel = "#fills"
""",
)
dirty(
    "shape: OpenAI and Anthropic keys for the agent",
    "shape",
    r"""
«desk»[agent]
model = "large"
openai = "«openai»"
fallback = "«anthropic»"
""",
)
dirty(
    "shape: Google key in a comment",
    "comment",
    r"""
«desk»# sheets export, key «google»
""",
)
dirty(
    "shape: JWT in prose",
    "shape",
    r"""
«desk»[notes]
session = 'tastytrade handed out «jwt» this morning'
""",
)
dirty(
    "shape: Ed25519 PEM commented out line by line",
    "comment",
    lambda m: m.fill("«desk»") + "".join(f"#   {line}\n" for line in m.secret("pem_ed25519").split("\n")),
)
dirty(
    "shape: RSA PEM in a multi-line string, indented",
    "shape",
    lambda m: (
        m.fill("«desk»")
        + '[fix]\npem = """\n'
        + "".join(f"    {line}\n" for line in m.secret("pem_rsa").split("\n"))
        + '"""\n'
    ),
)
dirty(
    "shape: OpenSSH key without its first line",
    "shape",
    lambda m: (
        m.fill("«desk»")
        + "[tunnel]\nhost = 'gw-2'\nk = '''\n"
        + m.secret("pem_ssh").split("\n", 1)[1]
        + "\n'''\n"
    ),
)
dirty(
    "shape: age secret key",
    "shape",
    r"""
«desk»[sops]
public = "«age_public»"
other  = "«age_secret»"
""",
)
dirty(
    "shape: WIF and xprv",
    "shape",
    r"""
«desk»[cold]
spare = "«wif»"
root  = "«xprv»"
""",
)
dirty(
    "shape: Stellar seed beside its address",
    "shape",
    r"""
«desk»[treasury]
stellar = "«stellar»"
signer  = "«stellar_seed»"
""",
)
dirty(
    "shape: nostr secret",
    "shape",
    r"""
«desk»[signals]
relay = "wss://relay.desk.example"
from = "«nsec»"
""",
)
dirty(
    "shape: npm and Vault tokens in one comment",
    "comment",
    r"""
# registry «npm»; vault «vault»
«desk»""",
)
dirty(
    "shape: Alpaca's 26-character key id in a comment",
    "comment",
    r"""
# paper account «alpaca_key26» (reset 2026-06-01)
«desk»""",
)
dirty(
    "shape: Mercury token in a note",
    "shape",
    r"""
«desk»[notes]
cash = "read-only: «mercury»"
""",
)
dirty(
    "shape: SendGrid-like token with two dots in a list",
    "shape",
    lambda m: (
        m.fill("«desk»[mail]\nvia = ['smtp', '")
        + m.secret("deribit_secret").join(["SG.", "." + m.secret("bitfinex_secret")])
        + "']\n"
    ),
)

# ---------------------------------------------------------------- dirty: the name says so

dirty(
    "name: weak SMTP password",
    "name",
    r"""
«desk»[smtp]
host = "mail.desk.example"
user = "reports"
password = "«weak_word»"
""",
)
dirty(
    "name: passphrase outside auth",
    "name",
    r"""
«desk»[okx]
passphrase = '«weak»'
""",
)
dirty(
    "name: camel case apiSecret of short length",
    "name",
    r"""
«desk»[ccxt.options]
apiSecret = "«weak»"
""",
)
dirty(
    "name: kebab case in a dotted quoted key",
    "name",
    r"""
«desk»[bot]
telegram."api-secret" = "«weak_word»"
""",
)
dirty(
    "name: upper case PASSWORD in an inline table",
    "name",
    r"""
«desk»[db]
pg = { HOST = "db-1", PASSWORD = "«weak»", PORT = 5432 }
""",
)
dirty(
    "name: homoglyph in api_secret",
    "name",
    r"""
«desk»[misc]
"api_sеcret" = "«weak»"
""",
)
dirty(
    "name: integer password",
    "name",
    r"""
«desk»[vpn]
password = «integer»
""",
)
dirty(
    "name: UUID under api_key",
    "name",
    r"""
«desk»[helius]
api_key = "«uuid_key»"
""",
)
dirty(
    "name: private key of an agent wallet in hex",
    "name",
    r"""
«desk»[hyperliquid]
wallet = "«eth»"
private_key = "«hex_key»"
""",
)
dirty(
    "name: Solana keypair as 64 integers",
    "name",
    r"""
«desk»[drift]
secret_key = «solana_keypair»
""",
)
dirty(
    "name: Solana secret key in base58",
    "name",
    r"""
«desk»[drift]
address = "«solana»"
secret_key = "«solana_secret»"
""",
)
dirty(
    "name: XRP seed under secret",
    "name",
    r"""
«desk»[xrpl]
account = "«xrp»"
secret = "«xrp_seed»"
""",
)
dirty(
    "name: TOTP seed",
    "name",
    r"""
«desk»[ibkr]
totp_secret = "«totp»"
""",
)
dirty(
    "name: WireGuard private key beside the public one",
    "name",
    r"""
«desk»[wg]
public_key = "«public32»"
private_key = "«wireguard»"
""",
)
dirty(
    "name: client_secret in 40 hex digits like a commit",
    "name",
    r"""
«desk»[tastytrade]
commit = "«sha1»"
client_secret = "«tasty_secret»"
""",
)
dirty(
    "name: Bybit's short key under api_key",
    "name",
    r"""
«desk»[bybit]
api_key = "«bybit_key»"
""",
)
dirty(
    "name: weak password in a commented-out connector",
    "comment",
    r"""
«desk»# [[connector]]
# name = "tws-old"
# type = "equities"
# [connector.auth]
# password = "«weak_word»"
""",
)
dirty(
    "name: login and password on one comment line",
    "comment",
    r"""
# TWS paper, login: deskbot7 / password: «weak»
«desk»""",
)
dirty(
    "name: YAML style in a comment",
    "comment",
    r"""
«desk»# was in config.yml:
#   okx:
#     api_passphrase: «weak»
""",
)

# ---------------------------------------------------------------- dirty: URLs

dirty(
    "url: user and password in base_url",
    "url",
    r"""
[[connector]]
name = "fix-gw"
type = "futures"
enabled = true
base_url = "https://desk:«weak»@fix.desk.example:8443/v1"
[connector.auth]
api_key = { env = "FIX_KEY" }
""",
)
dirty(
    "url: api_key in the query of base_url",
    "url",
    r"""
[[connector]]
name = "data"
type = "equities"
enabled = true
base_url = "https://api.polygon.io/v2?adjusted=true&apiKey=«polygon_key»&sort=asc"
""",
)
dirty(
    "url: RPC key as the last part of the path",
    "url",
    r"""
«desk»[rpc]
ethereum = "https://eth-mainnet.g.alchemy.com/v2/«rpc_key»"
""",
)
dirty(
    "url: Infura key in a websocket address",
    "url",
    r"""
«desk»[rpc]
mainnet = "wss://mainnet.infura.io/ws/v3/«infura_key»"
""",
)
dirty(
    "url: UUID as api-key in the query",
    "url",
    r"""
«desk»[rpc]
solana = "https://mainnet.helius-rpc.com/?api-key=«uuid_key»"
""",
)
dirty(
    "url: Discord webhook",
    "url",
    r"""
«desk»[alerts]
fills = "https://discord.com/api/webhooks/«discord_hook»"
""",
)
dirty(
    "url: Telegram bot address",
    "url",
    r"""
«desk»[alerts]
send = "https://api.telegram.org/bot«telegram»/sendMessage?chat_id=-100«int10»"
""",
)
dirty(
    "url: Postgres address with a weak password",
    "url",
    r"""
«desk»[warehouse]
dsn = "postgresql://books:«weak_word»@db-1.desk.example/ticks?sslmode=require"
""",
)
dirty(
    "url: Redis address without a user",
    "url",
    r"""
«desk»[cache]
url = 'redis://:«weak»@10.4.0.7:6379/0'
""",
)
dirty(
    "url: percent-encoded Kraken secret",
    "url",
    lambda m: (
        m.fill("«desk»[x]\nurl = 'https://relay.desk.example/kraken?sign=1&secret=")
        + quote(m.secret("kraken_secret"), safe="")
        + "'\n"
    ),
    hidden=True,
)
dirty(
    "url: access token in the fragment, in a comment",
    "comment",
    r"""
# redirect gave me https://localhost:8182/cb#access_token=«cookie»&expires_in=900
«desk»""",
)
dirty(
    "url: S3 presigned address",
    "url",
    r"""
«desk»[fills]
csv = "https://desk-books.s3.amazonaws.com/fills.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=«aws_id»%2F20260705%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=«aws_signature»"
""",
)
dirty(
    "url: Azure shared access signature",
    "url",
    r"""
«desk»[fills]
blob = "https://deskbooks.blob.core.windows.net/fills?sv=2024-11-04&ss=b&se=2027-01-01&sp=rl&sig=«sas»"
""",
)
dirty(
    "url: otpauth address from the QR code",
    "url",
    r"""
«desk»[notes]
qr = "otpauth://totp/Kraken:desk@desk.example?secret=«totp»&issuer=Kraken&digits=6"
""",
)
dirty(
    "url: AMQP address inside a JSON string",
    "url",
    r"""
«desk»[bus]
config = '{"broker": "amqps://desk:«weak»@bus.desk.example/fills", "prefetch": 20}'
""",
)
dirty(
    "url: token as the user of a git remote",
    "url",
    r"""
«desk»[mirror]
push = "https://«gitlab»@gitlab.desk.example/books.git"
""",
)

# ---------------------------------------------------------------- dirty: shell lines and pasted code

dirty(
    "shell: export line in a comment",
    "shell",
    r"""
# export CX_API_KEY=«binance_key» CX_API_SECRET=«binance_secret»
«desk»""",
)
dirty(
    "shell: export of a weak passphrase",
    "shell",
    r"""
«desk»# for tonight:
#   export OKX_PASSPHRASE='«weak»'
""",
)
dirty(
    "shell: PowerShell environment",
    "shell",
    r"""
# $env:BYBIT_API_SECRET = "«bybit_secret»"
«desk»""",
)
dirty(
    "shell: setx on Windows, weak password",
    "shell",
    r"""
# setx IBKR_PASSWORD "«weak_word»"
«desk»""",
)
dirty(
    "shell: curl with Alpaca's headers",
    "shell",
    r"""
# curl -H "APCA-API-KEY-ID: «alpaca_live_key»" -H "APCA-API-SECRET-KEY: «alpaca_secret»" https://api.alpaca.markets/v2/account
«desk»""",
)
dirty(
    "shell: curl -u with user and secret",
    "shell",
    r"""
# curl -s -u desk:«bybit_secret» https://api.desk.example/v1/balances | jq .
«desk»""",
)
dirty(
    "shell: curl with a bearer token over two comment lines",
    "shell",
    r"""
# curl https://api.mercury.com/api/v1/accounts \
#   -H 'Authorization: Bearer «mercury»'
«desk»""",
)
dirty(
    "shell: basic header in base64",
    "shell",
    r"""
«desk»[proxy]
headers = ["Accept: application/json", "Authorization: Basic «basic»"]
""",
)
dirty(
    "shell: docker run -e",
    "shell",
    r"""
«desk»[run]
cmd = "docker run --rm -e DERIBIT_CLIENT_SECRET=«deribit_secret» desk/quoter:4"
""",
)
dirty(
    "shell: kubectl literal",
    "shell",
    r"""
# kubectl create secret generic cx --from-literal=api_secret=«weak» -n desk
«desk»""",
)
dirty(
    "shell: SSHPASS before the tunnel, weak",
    "shell",
    r"""
# tunnel: SSHPASS='«weak»' sshpass -e ssh -N -L 4002:localhost:4002 gw-2
«desk»""",
)
dirty(
    "shell: PGPASSWORD before psql",
    "shell",
    r"""
«desk»[warehouse]
refresh = "PGPASSWORD=«weak_word» psql -h db-1 -U books -f refresh.sql"
""",
)
dirty(
    "shell: connect with the value where the prefix belongs",
    "shell",
    r"""
# git qoc connect crypto --name bn --env-prefix «binance_key»
«desk»""",
)
dirty(
    "shell: ccxt snippet in a comment",
    "shell",
    r"""
«desk»# ex = ccxt.okx({'apiKey': '«uuid_key»', 'secret': '«okx_secret»', 'password': '«weak»'})
""",
)
dirty(
    "shell: JSON blob in a string, weak secret",
    "shell",
    r"""
«desk»[legacy]
blob = '{"exchange":"kucoin","apiKey":"","passphrase":"«weak_word»","sandbox":false}'
""",
)
dirty(
    "shell: JSON blob with escaped quotes",
    "shell",
    r"""
«desk»[legacy]
blob = "{\"exchange\":\"bitget\",\"secret\":\"«bitget_secret»\",\"passphrase\":\"«weak»\"}"
""",
)
dirty(
    "shell: cookie from the browser",
    "shell",
    r"""
«desk»[scrape]
cookie = "lang=en; session=«cookie»; theme=dark"
""",
)
dirty(
    "shell: dotenv lines in a multi-line string",
    "shell",
    r'''
«desk»[notes]
env = """
# .env of the quoter
BINANCE_API_KEY=«binance_key»
BINANCE_API_SECRET=«binance_secret»
LOG_LEVEL=info
"""
''',
)
dirty(
    "shell: netrc line",
    "shell",
    r"""
# machine api.mercury.com login desk password «weak»
«desk»""",
)
dirty(
    "shell: base64 of key:secret piped to base64 -d",
    "shell",
    lambda m: (
        m.fill("# echo ")
        + base64.b64encode(f"desk:{m.secret('alpaca_secret')}".encode()).decode()
        + m.fill(" | base64 -d\n«desk»")
    ),
    hidden=True,
)
dirty(
    "shell: service account JSON in one literal string",
    "shell",
    lambda m: (
        m.fill("«desk»[gcp]\njson = '")
        + '{{"type":"service_account","private_key_id":"{}","private_key":"{}\\n"}}\'\n'.format(
            m.public("sha1"), m.secret("pem_rsa").replace("RSA ", "").replace("\n", "\\n")
        )
    ),
)
dirty(
    "shell: Python bytes literal",
    "shell",
    r"""
«desk»# SECRET_KEY = b'«kraken_secret»'
""",
)
dirty(
    "shell: wscat auth message",
    "shell",
    r"""
# wscat -c wss://stream.bybit.com/v5/private -x «»
'{"op":"auth","args":["«bybit_key»",1783267200000,"«sha256»"],"api_secret":"«bybit_secret»"}'
«desk»""",
)

# ---------------------------------------------------------------- dirty: split and commented

dirty(
    "split: four quarters in an array",
    "split",
    lambda m: (
        m.fill("«desk»[x]\n")
        + "api_secret_parts = [{}]\n".format(
            ", ".join(f'"{v[at : at + 16]}"' for v in [m.secret("binance_secret")] for at in range(0, 64, 16))
        )
    ),
    hidden=True,
)
dirty(
    "split: AWS prefix apart from the rest",
    "split",
    lambda m: m.fill("«desk»[x]\n") + 'k = ["AKIA", "{}"]\n'.format(m.secret("aws_id")[4:]),
    hidden=True,
)
dirty(
    "split: over two lines of a comment",
    "split",
    lambda m: (
        m.fill("«desk»")
        + "# api_secret = {}\n#              {}\n".format((v := m.secret("kraken_secret"))[:50], v[50:])
    ),
    hidden=True,
)
dirty(
    "split: two keys with part numbers",
    "split",
    lambda m: (
        m.fill("«desk»[x]\n")
        + 'secret_1 = "{}"\nsecret_2 = "{}"\n'.format((v := m.secret("binance_secret"))[:32], v[32:])
    ),
    hidden=True,
)
dirty(
    "split: grouped in fours with spaces under totp",
    "split",
    lambda m: (
        m.fill("«desk»[kraken]\n")
        + 'totp_seed = "{}"\n'.format(
            " ".join(v[at : at + 4] for v in [m.secret("totp")] for at in range(0, 32, 4))
        )
    ),
    hidden=True,
)
dirty(
    "comment: only a comment in an otherwise empty desk",
    "comment",
    r"""
# «alpaca_secret»
""",
)
dirty(
    "comment: box of equal signs around it",
    "comment",
    r"""
# =====================================================================
# ==  bitfinex  «bitfinex_secret»  ==
# =====================================================================
«desk»""",
)
dirty(
    "comment: after a value that contains a hash sign",
    "comment",
    r"""
«desk»[alerts]
channel = "#fills" # «polygon_key» is the polygon key, move me
""",
)

# ---------------------------------------------------------------- dirty: mnemonics

dirty(
    "mnemonic: 12 words in a note",
    "mnemonic",
    r"""
«desk»[notes]
ledger = "«mnemonic12»"
""",
)
dirty(
    "mnemonic: 15 words in a comment",
    "mnemonic",
    r"""
«desk»# backup: «mnemonic15»
""",
)
dirty(
    "mnemonic: 18 words over three lines of a string",
    "mnemonic",
    lambda m: (
        m.fill("«desk»[notes]\n")
        + 'text = """\n{}\n"""\n'.format(
            "\n".join(
                " ".join(w[at : at + 6]) for w in [m.secret("mnemonic18").split()] for at in range(0, 18, 6)
            )
        )
    ),
    hidden=True,
)
dirty(
    "mnemonic: 21 words as an array",
    "mnemonic",
    lambda m: (
        m.fill("«desk»[dydx]\n")
        + "phrase = [{}]\n".format(", ".join(f'"{w}"' for w in m.secret("mnemonic21").split()))
    ),
    hidden=True,
)
dirty(
    "mnemonic: 24 words numbered in a comment",
    "mnemonic",
    lambda m: (
        m.fill("«desk»") + "".join(f"# {n:2}. {w}\n" for n, w in enumerate(m.secret("mnemonic24").split(), 1))
    ),
    hidden=True,
)
dirty(
    "mnemonic: 12 words in capitals with commas",
    "mnemonic",
    lambda m: (
        m.fill("«desk»[notes]\n") + 'x = "{}"\n'.format(", ".join(m.secret("mnemonic12").upper().split()))
    ),
    hidden=True,
)
dirty(
    "mnemonic: 24 words in the middle of a sentence",
    "mnemonic",
    r"""
«desk»[notes]
move = "Osmosis wallet of the desk: «mnemonic24», account 0, do not lose it."
""",
)

# ---------------------------------------------------------------- dirty: cannot be judged, or does not parse

CX = """[[connector]]
name = "crypto-spot"
type = "crypto"
enabled = true

[connector.auth]
api_key = { env = "CX_API_KEY" }
api_secret = "«binance_secret»"
"""
dirty("unreadable: UTF-16 with a BOM", "unreadable", CX, codec="utf-16")
dirty("unreadable: UTF-16 big-endian without a BOM", "unreadable", CX, codec="utf-16-be")
dirty("unreadable: UTF-32", "unreadable", CX, codec="utf-32")
dirty("unreadable: Latin-1 umlauts", "unreadable", "# Zürich, geändert für Jürg\n" + CX, codec="latin-1")
dirty(
    "unreadable: conflict markers around a literal",
    "unreadable",
    r"""
[[connector]]
name = "crypto-spot"
type = "crypto"
enabled = true
[connector.auth]
<<<<<<< HEAD
api_secret = { env = "CX_API_SECRET" }
=======
api_secret = "«binance_secret»"
>>>>>>> hotfix
""",
)
dirty(
    "unreadable: unterminated string",
    "unreadable",
    r"""
«desk»[[connector]]
name = "kraken"
type = "crypto"
[connector.auth]
api_secret = "«kraken_secret»
""",
)
dirty(
    "unreadable: value pasted bare",
    "unreadable",
    r"""
[[connector]]
name = "okx"
type = "crypto"
[connector.auth]
api_secret =
«okx_secret»
""",
)
dirty(
    "unreadable: weak password without quotes under auth",
    "unreadable",
    r"""
[[connector]]
name = "tws"
type = "equities"
[connector.auth]
password = «weak»
""",
)
dirty(
    "unreadable: dotenv appended to the desk",
    "unreadable",
    r"""
«desk»
export DERIBIT_CLIENT_ID=«short»
export DERIBIT_CLIENT_SECRET=«deribit_secret»
""",
)
dirty(
    "unreadable: JSON pasted at the end",
    "unreadable",
    r"""
«desk»
{
  "name": "organizations/«uuid»/apiKeys/«uuid#2»",
  "privateKey": "«coinbase_secret»"
}
""",
)
dirty(
    "unreadable: duplicate key, the first one literal",
    "unreadable",
    r"""
[[connector]]
name = "bybit"
type = "crypto"
[connector.auth]
api_secret = "«weak»"
api_secret = { env = "BYBIT_SECRET" }
""",
)
dirty(
    "unreadable: PEM pasted without quotes",
    "unreadable",
    r"""
[[connector]]
name = "coinbase"
type = "crypto"
[connector.auth]
api_secret =
«pem_ec»
""",
)
dirty(
    "unreadable: cut off in an inline table",
    "unreadable",
    r"""
[[connector]]
name = "gate"
type = "crypto"
auth = { api_key = { env = "GATE_KEY" }, api_secret = "«gate_secret»",
""",
)
dirty(
    "unreadable: curly quotes from a chat window",
    "unreadable",
    r"""
[[connector]]
name = "bitget"
type = "futures"
[connector.auth]
passphrase = “«weak»”
""",
)
dirty(
    "unreadable: NUL byte before the secret",
    "unreadable",
    lambda m: m.fill("«desk»") + "[x]\ny = '\0" + m.secret("alpaca_secret") + "'\n",
)
dirty("unreadable: old Mac line ends", "unreadable", lambda m: m.fill(CX).replace("\n", "\r"))
dirty(
    "unreadable: a diff pasted as a file",
    "unreadable",
    r"""
--- a/desk.toml
+++ b/desk.toml
@@ -5,3 +5,3 @@
 [connector.auth]
-api_secret = "«binance_secret»"
+api_secret = { env = "BN_SECRET" }
""",
)

# ---------------------------------------------------------------- dirty: files beside the desk

SNAPSHOT = """[meta]
schema         = 1
timestamp      = "2026-07-05T16:00:00Z"
nav_usd        = 167_420.88
cash_usd       = 41_210.50
realized_pnl   = 1_840.22
unrealized_pnl = 3_108.65
net_flow_usd   = 0.00
connectors     = ["main-equities", "crypto-spot"]

"""
dirty(
    "other: snapshot whose connector is a key",
    "other-file",
    SNAPSHOT
    + """[[position]]
connector  = "«alpaca_live_key»"
symbol     = "AAPL"
quantity   = 150
avg_cost   = 198.42
mark       = 211.40
pnl_open   = 1_947.00
""",
    "snapshots/2026-07-05T16-00-00Z.toml",
)
dirty(
    "other: snapshot with a note and a token",
    "other-file",
    SNAPSHOT + "# taken by hand, bearer «jwt»\n",
    "snapshots/2026/07/2026-07-05T16-00-00Z.toml",
)
dirty(
    "other: order with the signed request in it",
    "other-file",
    r"""
[order]
client_order_id = "«uuid»"
connector = "bybit-linear"
symbol = "BTCUSDT"
side = "buy"
quantity = 0.25
request = 'POST /v5/order/create X-BAPI-API-KEY: «bybit_key» api_secret=«bybit_secret»'
""",
    "orders/open/2026-07-05T16-01-22Z.toml",
)
dirty(
    "other: research note with a curl block",
    "other-file",
    r"""
# Funding study

```sh
curl -H "X-API-Key: «rpc_key»" https://data.desk.example/funding?symbol=BTC-PERP
```

| venue | mean 8h funding |
|---|---|
| okx | 0.0081 % |
""",
    "research/funding.md",
)
dirty(
    "other: research note with a PEM in a quote",
    "other-file",
    lambda m: "# Access\n\n" + "".join(f"> {line}\n" for line in m.secret("pem_ed25519").split("\n")),
    "research/access.md",
)
dirty(
    "other: research JSON with a weak password",
    "other-file",
    lambda m: json.dumps(
        {
            "report": "vol surface",
            "source": {"host": "db-1", "user": "books", "password": m.secret("weak_word")},
            "rows": [1.5, 2.25],
        },
        indent=2,
    ),
    "research/surface.json",
)
dirty(
    "other: research JSON on one line with a token",
    "other-file",
    lambda m: json.dumps(
        {"url": "https://api.desk.example/x?token=" + m.secret("finnhub_key"), "mean": 0.1182}
    ),
    "research/run.json",
)
dirty(
    "other: research note with a mnemonic",
    "other-file",
    r"""
# Wallet migration

1. open the new wallet
2. restore with `«mnemonic12»`
3. move the stake
""",
    "research/migration.md",
)
dirty(
    "other: research table cell",
    "other-file",
    r"""
| venue | key | rotated |
|---|---|---|
| binance | «binance_key» | 2026-05-01 |
| kraken | in the vault | 2026-05-03 |
""",
    "research/keys.md",
)

# ---------------------------------------------------------------- clean: references in every TOML style

clean(
    "reference: the specification's own block",
    r"""
[[connector]]
name    = "main-equities"
type    = "equities"
enabled = true

  [connector.auth]
  api_key    = { env = "EQ_API_KEY" }
  api_secret = { env = "EQ_API_SECRET" }

[[connector]]
name    = "crypto-spot"
type    = "crypto"
enabled = true

  [connector.auth]
  api_key    = { env = "CX_API_KEY" }
  api_secret = { env = "CX_API_SECRET" }
""",
)
clean(
    "reference: all four forms on one connector",
    r"""
[[connector]]
name = "okx-main"
type = "crypto"
enabled = true
[connector.auth]
api_key    = { env = "OKX_KEY" }
api_secret = { file = "/run/secrets/okx" }
passphrase = { keyring = "qoc/okx-passphrase" }
proxy      = { git-credential = "https://proxy.desk.example" }
""",
)
clean(
    "reference: dotted keys under the auth header",
    r"""
[[connector]]
name = "bybit"
type = "crypto"
enabled = true
[connector.auth]
api_key.env = "BYBIT_KEY"
api_secret.env = "BYBIT_SECRET"
""",
)
clean(
    "reference: dotted keys from the connector",
    r"""
[[connector]]
name = "bybit"
type = "crypto"
enabled = true
auth.api_key.env = 'BYBIT_KEY'
auth.api_secret.file = '/run/secrets/bybit'
""",
)
clean(
    "reference: a subtable per key",
    r"""
[[connector]]
name = "deribit"
type = "options"
enabled = true
[connector.auth.client_id]
env = "DERIBIT_ID"
[connector.auth.client_secret]
keyring = "qoc/deribit"
""",
)
clean(
    "reference: quoted, literal-quoted and escaped keys",
    r"""
[[connector]]
"name" = "gate"
'type' = "crypto"
"enabled" = true
["connector".'auth']
"api_key" = { "env" = "GATE_KEY" }
"api\u005fsecret" = { 'file' = '/run/secrets/gate' }
"passphrase" = { "git-credential" = "https://api.gateio.ws" }
""",
)
clean(
    "reference: whole desk on inline tables",
    r"""
connector = [ { name = "a", type = "crypto", enabled = true, auth = { api_key = { env = "A_KEY" }, «»
api_secret = { env = "A_SECRET" } } }, { name = "b", type = "cash", enabled = false, auth = { «»
api_key = { file = "/etc/qoc/b.key" } } } ]
""",
)
clean(
    "reference: forty sub-accounts with long numbered variables",
    "".join(
        f"""[[connector]]
name = "binance-sub{n:02}"
type = "{"futures" if n % 2 else "crypto"}"
enabled = true
[connector.auth]
api_key = {{ env = "DESK7_BINANCE_USDM_SUB{n:04}_HMAC_SHA256_API_KEY_V2_2026Q{n % 4 + 1}" }}
api_secret = {{ env = "DESK7_BINANCE_USDM_SUB{n:04}_HMAC_SHA256_API_SECRET_V2_2026Q{n % 4 + 1}" }}

"""
        for n in range(40)
    ),
)
clean(
    "reference: variable names with digits between letters",
    r"""
[[connector]]
name = "cme-globex"
type = "futures"
enabled = true
[connector.auth]
api_key = { env = "K8S_NS3_CME_MDP30_X25519_TLS13_ED25519_KEY_01" }
api_secret = { env = "__QOC_2FA_B64_P256_ES256K_SECRET_0X" }
""",
)
clean(
    "reference: variable named like a key prefix",
    r"""
[[connector]]
name = "alpaca"
type = "equities"
enabled = true
[connector.auth]
api_key = { env = "PK_ALPACA_PAPER_KEY" }
api_secret = { env = "SK_LIVE_ALPACA" }
token = { env = "GHP_TOKEN" }
id = { env = "AKIA_DESK_ID" }
""",
)
clean(
    "reference: shortest names",
    r"""
[[connector]]
name = "x"
type = "cash"
enabled = true
[connector.auth]
k = { env = "K" }
s = { env = "S2" }
""",
)
clean(
    "reference: secret file under a container's id",
    r"""
[[connector]]
name = "kraken"
type = "crypto"
enabled = true
[connector.auth]
api_key = { file = "/var/lib/docker/containers/«sha256»/mounts/secrets/kraken-key" }
api_secret = { file = "/var/lib/kubelet/pods/«uuid»/volumes/kubernetes.io~secret/kraken/api-secret" }
""",
)
clean(
    "reference: secret file in the nix store and a systemd directory",
    r"""
[[connector]]
name = "kraken"
type = "crypto"
enabled = true
[connector.auth]
api_key = { file = "/nix/store/«nix»-agenix-kraken-1.4.2/key.age.d/key" }
api_secret = { file = "/run/credentials/qoc@north.service/kraken_api_secret" }
""",
)
clean(
    "reference: keyring with dots, at sign and reverse domain",
    r"""
[[connector]]
name = "ibkr"
type = "equities"
enabled = true
[connector.auth]
user = { keyring = "com.north-desk.qoc.ibkr.v2/trader01@desk.example" }
password = { keyring = "ibkr-gateway-10.37/U«int8»" }
""",
)
clean(
    "reference: git-credential URLs with user, port and path",
    r"""
[[connector]]
name = "mercury"
type = "cash"
enabled = true
[connector.auth]
api_key = { git-credential = "https://north-desk@api.mercury.com:443/api/v1" }
api_secret = { git-credential = 'https://api.mercury.com' }
""",
)
clean(
    "reference: tabs, spaces and comments around everything",
    (
        """[[ connector ]]  # spot
\tname\t=\t"spot"   # the spot account
\ttype = "crypto"
enabled=true
[ connector . auth ] # see the runbook
\t\tapi_key={env="CX_API_KEY"}# env
\t\tapi_secret  =  {  env  =  "CX_API_SECRET"  } # env too
"""
    ),
)
clean("reference: CRLF desk", (HEADS[0] + HEADS[3]).replace("\n", "\r\n"))
clean(
    "reference: references outside auth under secret names",
    r"""
«desk»[smtp]
user = "reports"
password = { env = "SMTP_PASSWORD" }
[telegram]
bot_token = { keyring = "qoc/telegram" }
api_secret = { file = "/run/secrets/telegram" }
""",
)
clean(
    "reference: commented-out block of references",
    r"""
«desk»# [[connector]]
# name    = "crypto-spot"
# type    = "crypto"
# enabled = true
#
#   [connector.auth]
#   api_key    = { env = "CX_API_KEY" }
#   api_secret = { env = "CX_API_SECRET" }
""",
)
clean(
    "reference: auth before a paper connector that has none",
    r"""
[[connector]]
name = "paper-1"
type = "equities"
enabled = true
venue = "paper"

[[connector]]
name = "live"
type = "equities"
enabled = true
[connector.auth]
api_key = { env = "EQ_API_KEY" }
api_secret = { env = "EQ_API_SECRET" }
""",
)

# ---------------------------------------------------------------- clean: shell lines without a value

clean(
    "shell: exports from password managers",
    r"""
# export CX_API_KEY=$(pass show desk/crypto-spot/key)
# export CX_API_SECRET="$(op read 'op://Desk/crypto-spot/api secret')"
# export OKX_PASSPHRASE=`gopass show desk/okx passphrase`
# export BYBIT_SECRET=$(security find-generic-password -s qoc -a bybit -w)
«desk»""",
)
clean(
    "shell: curl with variables",
    r"""
# curl -H "APCA-API-KEY-ID: $EQ_API_KEY" -H "APCA-API-SECRET-KEY: ${EQ_API_SECRET}" https://paper-api.alpaca.markets/v2/account
# curl -u "$DESK_USER:$DESK_PASSWORD" https://api.desk.example/v1/balances
# curl -H "Authorization: Bearer ${MERCURY_TOKEN:?}" https://api.mercury.com/api/v1/accounts
«desk»""",
)
clean(
    "shell: read -s and unset",
    r"""
«desk»# read -rsp 'api secret: ' CX_API_SECRET && export CX_API_SECRET
# git qoc status; unset CX_API_SECRET
""",
)
clean(
    "shell: connect commands of the manual",
    r"""
# git qoc connect equities --name main-equities --env-prefix EQ_
# git qoc connect crypto   --name crypto-spot  --env-prefix CX_
# git qoc connect futures  --name cme-micros   --env-prefix DESK7_CME_
«desk»""",
)
clean(
    "shell: vault, aws and gcloud secret look-ups",
    r"""
# vault kv get -field=api_secret secret/desk/crypto-spot
# aws secretsmanager get-secret-value --secret-id desk/cx --query SecretString --output text
# gcloud secrets versions access 3 --secret=cx-api-secret
# kubectl get secret cx -o jsonpath='{.data.api_secret}' | base64 -d
«desk»""",
)
clean(
    "shell: docker with a digest and --env-file",
    r"""
# docker run --env-file /run/desk.env -e CX_API_SECRET registry.desk.example/quoter@sha256:«sha256»
«desk»""",
)
clean(
    "shell: sha256sum lines",
    r"""
# sha256sum -c:
# «sha256»  books-2026Q2.tar.zst
# «sha256#2» *ticks/ESU6.parquet
«desk»""",
)
clean(
    "shell: gpg and ssh fingerprints",
    r"""
# gpg --recv-keys «gpg_long»
# primary key fingerprint: «gpg_fingerprint»
# 256 «ssh_fingerprint» desk@gw-2 (ED25519)
«desk»""",
)
clean(
    "shell: making keys",
    r"""
# openssl rand -base64 48 | tr -d '\n' > /run/secrets/cx
# openssl genpkey -algorithm ed25519 -out cdp.pem; openssl pkey -in cdp.pem -pubout
# age-keygen -o /etc/qoc/key.txt; ssh-keygen -t ed25519 -N '' -f ~/.ssh/desk
«desk»""",
)
clean(
    "shell: pinned install",
    r"""
# pip install git-qoc==0.1.0 --hash=sha256:«sha256» \
#     --hash=sha256:«sha256#2»
# curl --pinnedpubkey 'sha256//«public32»' https://api.desk.example/
«desk»""",
)
clean(
    "shell: dsn with variables in a value",
    r"""
«desk»[warehouse]
dsn = "postgresql://${PGUSER}:${PGPASSWORD}@db-1.desk.example/ticks"
cache = "redis://:$REDIS_PASSWORD@10.4.0.7:6379/0"
""",
)
clean(
    "shell: python that reads the environment",
    r"""
«desk»# ex = ccxt.okx({"apiKey": os.environ["OKX_KEY"], "secret": os.environ["OKX_SECRET"], «»
"password": getpass()})
""",
)

# ---------------------------------------------------------------- clean: comments, prose and placeholders

clean(
    "prose: placeholders in comments of the workspace",
    r"""
# api_key = "YOUR_API_KEY"
# api_secret = "xxxxxxxxxxxxxxxxxxxxxxxx"
# passphrase = "<your passphrase>"
# password = "********"
# token = "REDACTED"
[workspace]
name = "north-desk"
""",
)
clean(
    "prose: placeholder in a URL of a comment",
    r"""
# base_url = "https://<user>:<password>@fix.desk.example/v1?token=<TOKEN>"
# https://api.telegram.org/bot<token>/getMe
«desk»""",
)
clean(
    "prose: labels followed by words",
    r"""
# password: see the vault, entry "TWS gateway"
# api_key: rotate every ninety days, next in October
# secret: none needed for paper
# passphrase: ask Ana
# token = none
«desk»""",
)
clean(
    "prose: German about keys",
    r"""
# Der API-Schlüssel liegt im Tresor, das Passwort kennt nur die Geschäftsführung.
# Schlüsselwechsel alle neunzig Tage; Zugangsdaten gehören nie in diese Datei.
«desk»""",
)
clean(
    "prose: Spanish, French and Portuguese",
    r"""
# La contraseña está en la bóveda; nunca escribas la clave secreta aquí.
# Le mot de passe se trouve dans le coffre, la clé d'API dans l'environnement.
# A senha e o token ficam no cofre, e não neste arquivo.
«desk»""",
)
clean(
    "prose: Russian, Chinese and Japanese",
    r"""
# Пароль и секретный ключ хранятся в сейфе, здесь только ссылки.
# 密码和密钥保存在保险库中,不要写在这里。
# 秘密鍵とパスワードは環境変数から読み込みます。
«desk»""",
)
clean(
    "prose: a long English note full of the words",
    r'''
«desk»[notes]
policy = """
A token that leaks is a token that trades. Keys live in the keyring, secrets in /run/secrets, and the
password of the gateway in the safe behind the printer. Whoever rotates a key writes the date here, never
the key. The passphrase is not a phrase from a book. If you found a secret in this file, revoke it first.
"""
''',
)
clean(
    "prose: ASCII art",
    r"""
#   _   _            _   _       ____            _
#  | \ | | ___  _ __| |_| |__   |  _ \  ___  ___| | __
#  |  \| |/ _ \| '__| __| '_ \  | | | |/ _ \/ __| |/ /
#  | |\  | (_) | |  | |_| | | | | |_| |  __/\__ \   <
#  |_| \_|\___/|_|   \__|_| |_| |____/ \___||___/_|\_\
# +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
# 0123456789012345678901234567890123456789012345678901234567890
«desk»""",
)
clean(
    "prose: alphabet and pangram lines",
    r"""
«desk»[notes]
base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
fox = "TheQuickBrownFoxJumpsOverTheLazyDog"
""",
)
clean(
    "prose: spelling alphabet as a list of words",
    r"""
«desk»[phone]
spell = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", «»
"juliett", "kilo", "lima"]
""",
)
clean(
    "prose: research topics, more words than a mnemonic",
    r"""
«desk»[topics]
list = ["carry", "basis", "momentum", "skew", "roll yield", "gamma", "index rebalance", "open «»
auction", "close auction", "repo", "dividend swaps", "borrow"]
""",
)
clean(
    "prose: lowercase sentence of twelve common words",
    r"""
# when the market is quiet we only trade the roll and the spread
«desk»""",
)
clean(
    "prose: schema directives",
    r"""
#:schema https://git-qoc.example/schema/desk-1.4.json#sha256=«sha256»
# yaml-language-server: $schema=https://json.schemastore.org/desk.json
«desk»""",
)
clean(
    "prose: editor and licence lines",
    r"""
# SPDX-License-Identifier: LicenseRef-NorthDesk-Proprietary-2026
# vim: set ts=2 sw=2 et ft=toml fenc=utf-8: -*- mode: conf-toml; indent-tabs-mode: nil -*-
«desk»""",
)
clean(
    "prose: certificate warning text with BEGIN in it",
    r"""
# Never paste a line that starts with -----BEGIN here; the CDP key file goes to /run/secrets/cdp.
«desk»""",
)
clean(
    "prose: key formats described by their prefix",
    r"""
# Alpaca ids start with PK (paper) or AK (live), AWS with AKIA, Stripe with sk_live_, GitHub with ghp_,
# JWTs with eyJ, Mercury with secret-token:mercury_production_. None of them belongs here.
«desk»""",
)
clean(
    "prose: emoji and box drawing",
    r"""
# ┌────────────── 🔑 keys: environment ──────────────┐
# │ EQ_ → equities   CX_ → crypto   CA_ → cash       │
# └──────────────────────────────────────────────────┘
«desk»""",
)

# ---------------------------------------------------------------- clean: names that only sound like it

clean(
    "name: settings about keys",
    r"""
«desk»[security]
strict = true
secret_rotation_days = 90
api_key_expires = 2026-12-31
token_bucket_per_minute = 1_200
password_min_length = 16
key_count = 7
""",
)
clean(
    "name: words that contain auth, key or pass",
    r"""
«desk»[misc]
author = "Ana Keller"
authority = "FINMA"
monkey_patch = false
keyboard = "de-CH"
turnkey = "yes"
bypass_weekends = true
compass = "north"
passive_only = true
secretary = "Jo"
""",
)
clean(
    "name: token means a coin",
    r"""
«desk»[amm]
token = "USDC"
quote_token = "WETH"
gas_token = "ETH"
token_decimals = 18
token_address = "«eth»"
token_mint = "«solana»"
""",
)
clean(
    "name: guard keys as the design has them",
    r"""
«desk»[[guard]]
key = "max_position_usd"
enabled = true
limit = 250_000
symbols = ["BTC-USD", "ETH-USD"]

[[guard]]
key = "max_daily_loss"
enabled = true
percent = 2.5

[[guard]]
key = "symbol_whitelist"
enabled = true
symbols = ["ESZ6", "NQZ6", "MESU26", "M6EU6"]
""",
)
clean(
    "name: public keys under their names",
    r"""
«desk»[wg]
public_key = "«public32»"
endpoint = "gw-2.desk.example:51820"
allowed_ips = ["10.4.0.0/24", "fd00:7:9::/64"]
""",
)
clean(
    "name: hmac and signing settings",
    r"""
«desk»[signing]
algorithm = "HMAC-SHA256"
curve = "secp256k1"
key_type = "Ed25519"
auth_mode = "hmac-sha512-base64"
recv_window = 5000
""",
)
clean(
    "name: header names as a list",
    r"""
«desk»[proxy]
strip_headers = ["APCA-API-SECRET-KEY", "X-BAPI-API-KEY", "OK-ACCESS-PASSPHRASE", "X-MBX-APIKEY", «»
"Authorization", "API-Sign"]
""",
)
clean(
    "name: secret managers' addresses",
    r"""
«desk»[runbook]
aws = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:desk/cx-Qw3rTz"
gcp = "projects/north-desk-7/secrets/cx-api-secret/versions/3"
azure = "https://north-desk.vault.azure.net/secrets/cx-api-secret"
onepassword = "op://Desk/crypto-spot/api secret"
""",
)
clean(
    "name: connectors called after keys",
    r"""
[[connector]]
name = "key-bank-cash"
type = "cash"
enabled = true
[connector.auth]
api_key = { env = "KEYBANK_API_KEY" }

[[connector]]
name = "secret-sauce-perps-2x"
type = "crypto"
enabled = true
[connector.auth]
api_key = { env = "SAUCE_API_KEY" }
""",
)
clean(
    "name: connector with a pod-like suffix",
    r"""
[[connector]]
name = "quoter-7d9f8b6c5d-«pod»"
type = "futures"
enabled = true
[connector.auth]
api_key = { env = "QUOTER_KEY" }
""",
)

# ---------------------------------------------------------------- clean: symbols

clean(
    "symbol: OCC options, padded and compact",
    r"""
«desk»[watch]
occ = ["AAPL  260918C00200000", "SPXW  260705P05500000", "BRKB  270115C00450000"]
compact = ["SPXW260619P05500000", "TSLA260918C00300000", "NVDA270115P00087500", "QQQ260731C00512500"]
""",
)
clean(
    "symbol: Deribit, OKX, Bybit and Binance options",
    r"""
«desk»[watch]
deribit = ["BTC-27MAR26-100000-C", "ETH-25SEP26-4500-P", "SOL_USDC-31JUL26-180-C", "BTC-FS-25SEP26_PERP"]
okx = ["BTC-USD-SWAP", "BTC-USD-260925-110000-C", "ETH-USDT-261225"]
bybit = ["BTC-27MAR26-100000-C-USDT", "ETHUSDU26", "1000PEPEUSDT"]
binance = ["BTC-260925-120000-C", "BTCUSDT_260925", "1MBABYDOGEUSDT", "1000000MOGUSDT"]
""",
)
clean(
    "symbol: futures of CME, ICE and Eurex by four vendors",
    r"""
«desk»[watch]
cme = ["ESZ6", "MESU26", "M2KZ26", "6EU6", "ZNU26", "HGZ26", "GCQ26", "SR3H27", "MBTN26"]
tasty = ["./ESZ6 EW4U6 260925P5800", "/6EU6", "./ESZ26:XCME", "./CLZ26LOZ26P65:XNYM"]
bloomberg = ["ESZ6 Index", "CLZ6 Comdty", "RXU6 Comdty", "ERZ6 Comdty"]
ric = ["0#ES:", "ESc1", "FGBLU6", "LCOZ6", "AAPL.OQ", ".SPX", "EUR1MFSR=X"]
""",
)
clean(
    "symbol: Kraken spot and futures",
    r"""
«desk»[watch]
spot = ["XXBTZUSD", "XETHZEUR", "XBT.M", "USDT.HOLD", "DOT28.S", "ATOM21.S"]
futures = ["PF_XBTUSD", "FI_XBTUSD_260925", "PI_ETHUSD", "FF_SOLUSD_260731"]
""",
)
clean(
    "symbol: Hyperliquid, dYdX, GMX and Drift markets",
    r"""
«desk»[watch]
hl = ["BTC", "kPEPE", "PURR/USDC", "@107", "xyz:XYZ100", "UBTC/USDC"]
dydx = ["BTC-USD", "TRUMP,RAYDIUM,6P6XGHPHNBUAJXDPW0GOBJUM93MPHRABYVAA8AJDPUMP-USD"]
drift = ["SOL-PERP", "1MBONK-PERP", "JTO-PERP"]
""",
)
clean(
    "symbol: prediction markets",
    r"""
«desk»[watch]
kalshi = ["KXHIGHNY-26JUL05-B87.5", "KXFEDDECISION-26SEP-H0", "KXBTCD-26JUL0517-T109249.99", «»
"KXNBAGAME-26APR12LALGSW-LAL"]
polymarket_condition = "«tx»"
polymarket_token_ids = ["«int77»", "«int77#2»"]
""",
)
clean(
    "symbol: two hundred perpetuals in one array",
    lambda m: (
        m.fill("«desk»[universe]\nsymbols = [\n")
        + "".join(
            f'  "{m.rnd.choice(["", "1000", "k"])}{_draw(m.rnd, LETTERS, m.rnd.randrange(3, 7))}USDT",\n'
            for _ in range(200)
        )
        + "]\n"
    ),
)
clean(
    "symbol: product names that mix letters and digits",
    r"""
«desk»[products]
names = ["S&P500-E-mini-Q3", "EURO-STOXX50-TR", "NQ100x3-ETN2031", "BTC-2xLev-ETP-CH0454664001", «»
"US10Y-UST-4.25-2034-11-15", "T-4 1/4 11/15/34", "VIX9D/VIX3M"]
swap = "IRS-USD-SOFR-5Y5Y-FWD-ACT360-20260707-20360707"
""",
)
clean(
    "symbol: FX forwards, swaps and CDS tickers",
    r"""
«desk»[watch]
fx = ["EURUSD3MFWD", "USDJPYV1M25R", "EUR/CHF 20260930 FWD", "USDBRL1MNDF"]
rates = ["USOSFR5 Curncy", "EUSA10Y5", "ESTR2D3M6M"]
cds = ["CDXIG5YS46V1", "ITRXXOVER5YS45", "CT786896 Curncy"]
""",
)

# ---------------------------------------------------------------- clean: accounts and identifiers

clean(
    "account: broker account numbers as values and names",
    r"""
[[connector]]
name = "ibkr-U«int8»"
type = "equities"
enabled = true
account = "U«int8»"
[connector.auth]
api_key = { env = "IBKR_KEY" }

[[connector]]
name = "tasty"
type = "options"
enabled = true
account = "5WX70342"
[connector.auth]
api_key = { env = "TT_KEY" }

[[connector]]
name = "alpaca-paper"
type = "equities"
enabled = true
account = "PA3Q7M2K9X4D"
[connector.auth]
api_key = { env = "AP_KEY" }
""",
)
clean(
    "account: UUID account at Alpaca and Mercury",
    r"""
[[connector]]
name = "alpaca"
type = "equities"
enabled = true
account = "«uuid»"
[connector.auth]
api_key = { env = "EQ_API_KEY" }

[[connector]]
name = "mercury"
type = "cash"
enabled = true
account = "«uuid#2»"
[connector.auth]
api_key = { env = "MERCURY_KEY" }
""",
)
clean(
    "account: UUIDs in five spellings",
    r"""
«desk»[portfolio]
coinbase = "«uuid»"
urn = "urn:uuid:«uuid#2»"
braces = '{«uuid#3»}'
list = ["«uuid#4»", "«uuid#5»", "«uuid#6»", "«uuid#7»"]
""",
)
clean(
    "account: IBAN, BIC, SWIFT and US routing",
    r"""
«desk»[bank]
iban = "«iban»"
iban_printed = "CH93 0076 2011 6238 5295 7"
bic = "COBADEFFXXX"
aba = "021000021"
account_number = "202«int9»"
""",
)
clean(
    "account: ISIN, CUSIP, SEDOL, FIGI, LEI in arrays",
    r"""
«desk»[ids]
isin = ["«isin»", "«isin#2»", "«isin#3»", "US0378331005"]
cusip = ["«cusip»", "«cusip#2»", "037833100"]
sedol = ["«sedol»", "«sedol#2»"]
figi = ["«figi»", "«figi#2»", "BBG000B9XRY4"]
lei = "«lei»"
""",
)
clean(
    "account: ids as table keys",
    r"""
«desk»[weights]
"«isin»" = 0.125
"«figi»" = 0.0625
"«uuid»" = 0.5
«cusip» = 0.03125
""",
)
clean(
    "order: ids of many venues",
    r"""
[order]
client_order_id = "«uuid»"
venue_order_id = "«kraken_order»"
trades = ["«kraken_trade»", "«kraken_trade#2»"]
hyperliquid_cloid = "«cloid»"
binance_client_order_id = "«binance_client_id»"
okx_order_id = "«int19»"
deribit_order_id = "ETH-«int10»"
ulid = "«ulid»"
ibkr_exec_id = "0000e0d5.«short».01.01"
""",
    "orders/filled/2026-07-05T16-01-22Z.toml",
)
clean(
    "order: nineteen-digit integers without quotes",
    r"""
[order]
client_order_id = "qoc-20260705-160122-0001"
venue_order_id = «int19»
trade_ids = [«int19#2», «int19#3», «int10»]
nonce = 1783267282123456
""",
    "orders/open/2026-07-05T16-01-22Z.toml",
)
clean(
    "order: ids in the desk itself",
    r"""
«desk»[ignore]
orders = ["«kraken_order»", "«kraken_order#2»", "«uuid»", "«ulid»", "«ulid#2»"]
strategy_id = "mm-btc-perp-v17-«short»"
""",
)
clean(
    "amounts: wei, satoshi and long decimals",
    r"""
«desk»[limits]
max_wei = 115792089237316195423570985008687907853269984665640564039457584007913129639935
gas = 21_000_000_000_000_000
pi = 3.14159265358979323846264338327950288419716939937510
rate = "0.«digits40»"
sats = 2_100_000_000_000_000
""",
)

# ---------------------------------------------------------------- clean: wallets and chains

clean(
    "wallet: bitcoin in four formats",
    r"""
«desk»[cold]
legacy = "«btc»"
script = "«btc_script»"
segwit = "«btc_segwit»"
taproot = "«btc_taproot»"
""",
)
clean(
    "wallet: checksummed Ethereum addresses",
    r"""
«desk»[allow]
withdraw_to = ["«eth»", "«eth#2»", "«eth#3»"]
safe = "eth:«eth#4»"
""",
)
clean(
    "wallet: ten more chains",
    r"""
«desk»[treasury]
solana = "«solana»"
tron = "«tron»"
xrp = "«xrp»"
cosmos = "«cosmos»"
dydx = "«dydx»"
cardano = "«cardano»"
polkadot = "«polkadot»"
stellar = "«stellar»"
algorand = "«algorand»"
litecoin = "«ltc»"
dogecoin = "«doge»"
""",
)
clean(
    "wallet: Monero, TON, Sui, Zcash and Tezos addresses",
    r"""
«desk»[treasury]
monero_address = "«monero»"
ton_address = "«ton»"
sui_address = "«sui»"
zcash_address = "«zcash»"
tezos_address = "«tezos»"
""",
)
clean(
    "wallet: addresses in comments with their names",
    r"""
# treasury (Solana): «solana»
# gas wallet: «eth»
# XRP deposits go to «xrp» with destination tag 104729
«desk»""",
)
clean(
    "wallet: address as connector account and name",
    r"""
[[connector]]
name = "hl-«short»"
type = "crypto"
enabled = true
account = "«eth»"
[connector.auth]
private_key = { env = "HL_AGENT_KEY" }
""",
)
clean(
    "wallet: extended public key and npub",
    r"""
«desk»[watch_only]
xpub = "«xpub»"
descriptor = "wpkh([«short»/84h/0h/0h]«xpub#2»/0/*)"
nostr = "«npub»"
""",
)
clean(
    "chain: transaction hashes",
    r"""
«desk»[audit]
eth_tx = "«tx»"
btc_txid = "«bitcoin_tx»"
solana_signature = "«solana_tx»"
arweave_tx = "«arweave_tx»"
ipfs_cid = ["«cid»", "«cid0»"]
block_hash = "«tx#2»"
""",
)
clean(
    "chain: explorer links",
    r"""
# funding: https://etherscan.io/tx/«tx»
# https://solscan.io/tx/«solana_tx»
# https://mempool.space/address/«btc_segwit»
# https://app.uniswap.org/swap?inputCurrency=«eth»&outputCurrency=«eth#2»&chain=base
«desk»""",
)

# ---------------------------------------------------------------- clean: hashes, public keys, certificates

clean(
    "hash: git ids in a pin table",
    r"""
«desk»[pins]
strategies = "«sha1»"
models = "git+https://git.desk.example/models@«sha1#2»"
tree = "«sha256»"
short = "«short»"
change_id = "I«sha1#3»"
""",
)
clean(
    "hash: digests and md5 in keys and values",
    r"""
«desk»[artifacts]
image = "registry.desk.example/quoter:4.2.1@sha256:«sha256»"
"model.onnx" = { sha256 = "«sha256#2»", md5 = "«md5»", size = 10_485_760 }
sha512 = "«sha512»"
etag = 'W/"«md5#2»"'
""",
)
clean(
    "hash: SRI of a dashboard and lock-file integrity",
    r"""
«desk»[dashboard]
script = '<script src="https://cdn.example/vega@6.1.0" integrity="«sri384»" crossorigin="anonymous"></script>'
integrity = "«sri512»"
nix = "«sri256»"
""",
)
clean(
    "hash: links to commits, permalinks and wiki pages",
    r"""
# https://github.com/ccxt/ccxt/blob/«sha1»/python/ccxt/okx.py#L1204-L1231
# https://git.desk.example/books/-/commit/«sha1#2»
# https://www.notion.so/north-desk/Runbook-Prime-Brokers-«md5»
«desk»""",
)
clean(
    "hash: trailers of a snapshot commit in a comment",
    r"""
# Qoc-Snapshot: snapshots/2026-07-05T16-00-00Z.toml
# Qoc-Blob: «sha1»
# Qoc-Nav-Usd: 167420.88
# Change-Id: I«sha1#2»
«desk»""",
)
clean(
    "public: SSH keys of the desk",
    r"""
«desk»[access]
ana = "«ssh_ed25519» ana@north-desk"
ci = "«ssh_rsa» ci@runner-3"
gateway = "«ssh_fingerprint»"
""",
)
clean(
    "public: known_hosts line in a comment",
    r"""
# gw-2.desk.example,10.4.0.2 «ssh_ed25519»
«desk»""",
)
clean(
    "public: certificate in a multi-line string",
    r'''
«desk»[fix]
ca = """
«pem_certificate»
"""
''',
)
clean(
    "public: certificate chain on one line with escapes",
    lambda m: (
        m.fill("«desk»[fix]\n")
        + 'chain = "{}\\n{}\\n"\n'.format(
            *tuple(m.public("pem_certificate").replace("\n", "\\n") for _ in range(2))
        )
    ),
)
clean(
    "public: public key and request, indented in a literal string",
    lambda m: (
        m.fill("«desk»[cdp]\n")
        + "pub = '''\n"
        + "".join(
            f"    {line}\n" for kind in ("pem_public", "pem_request") for line in m.public(kind).split("\n")
        )
        + "'''\n"
    ),
)
clean(
    "public: PGP public key commented out",
    lambda m: "".join(f"# {line}\n" for line in m.public("pgp_public").split("\n")) + m.fill("«desk»"),
)
clean(
    "public: age recipients",
    r"""
«desk»[sops]
recipients = ["«age_public»", "«age_public#2»"]
""",
)
clean(
    "public: fingerprints of signers",
    r"""
«desk»[history]
require_signed = true
[signers]
ana = "«gpg_long»"
jo = "«gpg_fingerprint»"
tls_pin = "sha256//«public32»"
""",
)

# ---------------------------------------------------------------- clean: URLs, times and places

clean(
    "url: endpoints of many venues",
    r"""
«desk»[endpoints]
alpaca = "https://paper-api.alpaca.markets/v2"
binance = "wss://fstream.binance.com/stream?streams=btcusdt@aggTrade/ethusdt@depth20@100ms"
deribit = "https://www.deribit.com/api/v2/public/get_order_book?instrument_name=BTC-27MAR26-100000-C&depth=50"
okx = "wss://ws.okx.com:8443/ws/v5/business?brokerId=9999"
kraken = "https://futures.kraken.com/derivatives/api/v3/tickers"
local = "http://[::1]:4002/v1"
""",
)
clean(
    "url: git remotes and users without passwords",
    r"""
«desk»[mirror]
ssh = "git@github.com:north-desk/books.git"
url = "ssh://git@git.desk.example:2222/north/books.git"
dsn = "postgresql://books@db-1.desk.example:5432/ticks?application_name=qoc&sslmode=verify-full"
mail = "mailto:desk@north.example?subject=Daily%20close"
""",
)
clean(
    "url: long query of a market data page",
    r"""
«desk»[data]
page = "https://data.desk.example/ohlcv?symbols=BTCUSDT,ETHUSDT,SOLUSDT&interval=1m&from=1783267200000&to=1783353600000&tz=Europe%2FZurich&fields=open%2Chigh%2Clow%2Cclose&format=parquet"
""",
)
clean(
    "url: papers and identifiers",
    r"""
# https://doi.org/10.1111/j.1540-6261.1993.tb04702.x
# https://arxiv.org/abs/2206.12345v2  https://papers.ssrn.com/sol3/papers.cfm?abstract_id=4729284
«desk»""",
)
clean(
    "time: cron, zones and intervals",
    r"""
[workspace]
name = "fx-24h"
timezone = "America/Argentina/Buenos_Aires"

[[schedule]]
name = "asia-open-pre-auction-mark-2026H2"
cron = "*/5 0-6,22-23 1,15 */2 1-5"
tz = "Asia/Ho_Chi_Minh"
task = "snapshot"

[[schedule]]
name = "roll-window-ESU6-to-ESZ6"
cron = "30 15 8-12 9 *"
tz = "America/North_Dakota/New_Salem"
task = "snapshot"
""",
)
clean(
    "time: every TOML date and number form",
    r"""
«desk»[types]
a = 1979-05-27T07:32:00.999999-07:00
b = 1979-05-27 07:32:00Z
c = 07:32:00.5
d = 0xDEAD_BEEF
e = 0o755
f = 0b1101_0110
g = -inf
h = 6.626e-34
i = 1_000_000
""",
)
clean(
    "place: machine names, MACs and IPv6",
    r"""
«desk»[hosts]
cross_connect = "NY4-C07-R1204-U32-XE-0/0/14"
mac = "9c:69:b4:60:3f:a1"
v6 = "2001:0db8:85a3:0000:0000:8a2e:0370:7334"
ec2 = "i-0a1b2c3d4e5f67890.eu-central-1.compute.internal"
serial = "FOC2342L0QK"
""",
)
clean(
    "place: paths with ids in them",
    r"""
«desk»[paths]
ticks = "/mnt/nvme0n1/ticks/2026/07/05/BTCUSDT_260925/part-00003-«uuid»-c000.snappy.parquet"
run = "/srv/mlruns/7/«md5»/artifacts/model"
git = ".git/objects/pack/pack-«sha1».idx"
""",
)
clean(
    "code: class paths and camel case",
    r"""
«desk»[strategy]
class = "north_desk.strategies.market_making.AvellanedaStoikovInventoryQuoterV2"
java = "com.ib.client.EWrapperImpl$OrderStatusHandlerAdapterFactoryBean"
entry = "north_desk.perps.funding:CrossVenueFundingArbitrageController.from_config"
expression = "zscore(ewm(log(close/open),halflife=30))*rank(-volume20d)>1.5"
regex = '^(?:[A-Z0-9]{3,12})(?:USDT|USDC|FDUSD)(?:_[0-9]{6})?$'
""",
)
clean(
    "code: versions and model names",
    r"""
«desk»[models]
vol = "xgb-vol-surface-v3.14.1-rc2+20260704T2315Z.g«short»"
llm = "local/qwen3-32b-instruct-awq-int4-g128"
wheel = "git_qoc-0.1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
""",
)

# ---------------------------------------------------------------- clean: other tables of a desk

clean(
    "desk: everything the design names",
    (
        "".join(HEADS[at] for at in (0, 2))
        + """[retrospective]
risk_free = 0.0425
periods = 252

[history]
layout = "monthly"
require_signed = true
"""
    ),
)
clean("desk: empty file", "")
clean(
    "desk: only comments",
    "# nothing here yet\n#\n# git qoc connect crypto --name crypto-spot --env-prefix CX_\n",
)
clean(
    "desk: three hundred kilobytes of universe",
    lambda m: (
        m.fill("«desk»")
        + "".join(
            f'[[universe]]\nsymbol = "SYM{n}-PERP"\nfigi = "{m.public("figi")}"\n'
            f"weight = {m.rnd.random():.12f}\n"
            for n in range(4000)
        )
    ),
)
clean(
    "desk: limits per symbol as a table of floats",
    lambda m: (
        m.fill("«desk»[limit]\n")
        + "".join(
            f'"{a}{b}-PERP" = {m.rnd.uniform(1, 9e6):.8f}\n'
            for a in ("BTC", "ETH", "SOL", "XRP")
            for b in ("USDT", "USDC", "USD")
        )
    ),
)
clean(
    "desk: correlation matrix in nested arrays",
    lambda m: (
        m.fill("«desk»[risk]\n")
        + "corr = [\n"
        + "".join(
            "  [" + ", ".join(f"{m.rnd.uniform(-1, 1):.16f}" for _ in range(6)) + "],\n" for _ in range(6)
        )
        + "]\n"
    ),
)
clean(
    "desk: array of sixty-four small integers that are weights",
    lambda m: (
        m.fill("«desk»[risk]\n")
        + "weights_bp = [{}]\n".format(", ".join(str(m.rnd.randrange(256)) for _ in range(64)))
    ),
)
clean(
    "desk: non-ASCII names",
    r"""
[workspace]
name = "Zürich · 東京 · São Paulo"
[[connector]]
name = "börse-αβγ-取引所"
type = "equities"
enabled = true
[connector.auth]
api_key = { env = "BOERSE_KEY" }
""",
)
clean(
    "desk: multi-line literal string with markup",
    r"""
«desk»[notes]
html = '''
<table class="pnl-2026Q3"><tr><td data-symbol="BTC-27MAR26-100000-C">+1,400.00</td></tr></table>
<a href="https://grafana.desk.example/d/ab12cd34ef/pnl?orgId=1&from=now-24h&to=now">dashboard</a>
'''
""",
)

# ---------------------------------------------------------------- clean: files beside the desk

clean(
    "snapshot: as the specification has it",
    SNAPSHOT
    + """[[position]]
connector  = "main-equities"
symbol     = "AAPL"
quantity   = 150
avg_cost   = 198.42
mark       = 211.40
pnl_open   = 1_947.00

[[position]]
connector  = "crypto-spot"
symbol     = "BTC-USD"
quantity   = 0.5
avg_cost   = 58_400.00
mark       = 61_200.00
pnl_open   = 1_400.00
""",
    "snapshots/2026-07-05T16-00-00Z.toml",
)
clean(
    "snapshot: flows with ids of three venues",
    SNAPSHOT
    + """[[flow]]
time = "2026-07-05T09:12:44Z"
connector = "main-equities"
kind = "deposit"
amount_usd = 25_000.00
id = "20260705091244000::«uuid»"

[[flow]]
time = "2026-07-05T10:02:01Z"
connector = "crypto-spot"
kind = "withdrawal"
amount_usd = -4_100.25
id = "«tx»"

[[flow]]
time = "2026-07-05T11:41:00Z"
connector = "crypto-spot"
kind = "transfer"
amount_usd = 100.00
id = "«int19»"
""",
    "snapshots/2026-07-05T16-00-00Z.toml",
)
clean(
    "snapshot: option and future positions",
    SNAPSHOT
    + """[[account]]
connector = "deribit"
type = "options"
venue = "deribit"
nav_usd = 61_884.12345678
as_of = "2026-07-05T15:59:58.123456Z"

[[position]]
connector  = "deribit"
symbol     = "BTC-25SEP26-120000-C"
quantity   = -2.5
mark       = 0.03125
multiplier = 1
currency   = "BTC"

[[position]]
connector  = "main-equities"
symbol     = "SPXW260619P05500000"
quantity   = 3
mark       = 41.85
multiplier = 100
""",
    "snapshots/2026/07/2026-07-05T16-00-00Z.toml",
)
clean(
    "order: pending bracket with prose",
    r"""
[order]
client_order_id = "qoc-«ulid»"
connector = "cme"
symbol = "MESU26"
side = "sell"
type = "stop-limit"
quantity = 4
stop = 5_512.25
limit = 5_510.00
note = "the key level is 5512, password-protected deck has the chart"
""",
    "orders/pending/2026-07-05T16-01-22Z.toml",
)
clean(
    "research: table of floats",
    lambda m: (
        "# Factor returns\n\n| factor | mean | t | sharpe |\n|---|---:|---:|---:|\n"
        + "".join(
            f"| {f} | {m.rnd.gauss(0, 0.01):.10f} | {m.rnd.gauss(0, 2):.6f} | {m.rnd.gauss(0, 1):+.8e} |\n"
            for f in ("momentum_12_1", "carry_roll_yield", "skew25d_30d", "funding_z_8h", "basis_3m_ann")
        )
    ),
    "research/factors.md",
)
clean(
    "research: icon in a data URI",
    r"""
# Weekly

![status](data:image/png;base64,«png») all venues green.
""",
    "research/weekly.md",
)
clean(
    "research: git log and a signature block",
    lambda m: (
        m.fill("# Audit\n\n```\ncommit «sha1»\nmerge «short» «short#2»\n")
        + m.public("pgp_signature")
        + "\n"
        + m.public("ssh_signature")
        + "\n```\n"
    ),
    "research/audit.md",
)
clean(
    "research: how to configure, with placeholders",
    r"""
# Onboarding

```toml
[connector.auth]
api_key    = { env = "CX_API_KEY" }
api_secret = { env = "CX_API_SECRET" }
```

Export `CX_API_KEY` and `CX_API_SECRET` from your password manager. Do not write the secret anywhere else.
""",
    "research/onboarding.md",
)
clean(
    "research: retrospective JSON",
    lambda m: json.dumps(
        {
            "schema": 1,
            "since": "2026-01-02T21:00:00Z",
            "commit": m.public("sha1"),
            "nav": [f"{m.rnd.uniform(1e5, 2e5):.2f}" for _ in range(60)],
            "returns": [m.rnd.gauss(0, 0.01) for _ in range(60)],
            "sharpe": 1.8243902439024391,
            "max_drawdown": -0.0731707317073171,
        },
        indent=1,
    ),
    "research/retrospective.json",
)
clean(
    "research: JSON keyed by order id, on one line",
    lambda m: json.dumps(
        {
            m.public(kind): m.rnd.random()
            for kind in ("uuid", "uuid", "kraken_order", "ulid", "int19", "tx", "cloid")
        }
    ),
    "research/slippage.json",
)
clean(
    "research: Vega chart with embedded values",
    lambda m: json.dumps(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "mark": "line",
            "data": {
                "values": [
                    {"t": f"2026-07-{d:02}", "nav": round(m.rnd.uniform(1e5, 2e5), 4)} for d in range(1, 29)
                ]
            },
            "encoding": {
                "x": {"field": "t", "type": "temporal"},
                "y": {"field": "nav", "type": "quantitative"},
            },
        }
    ),
    "research/equity.json",
)
clean(
    "research: notebook-like JSON with tokens counted",
    json.dumps(
        {
            "model": "summary",
            "prompt_tokens": 18204,
            "completion_tokens": 911,
            "max_tokens": 4096,
            "stop_token": "</s>",
            "key_findings": ["carry held", "skew did not"],
            "password_resets": 0,
        }
    ),
    "research/agent-run.json",
)
clean(
    "research: options chain in a code block",
    lambda m: (
        "# Chain\n\n```\n"
        + "".join(
            f"SPXW  260918{side}{strike * 1000:08d}  {m.rnd.uniform(0, 90):7.2f}  {m.rnd.random():.4f}\n"
            for strike in range(5000, 5600, 25)
            for side in "CP"
        )
        + "```\n"
    ),
    "research/chain.md",
)
clean(
    "research: prose on private keys in three languages",
    r"""
# Custody

The private key of the cold wallet never leaves the device; the seed phrase is engraved and locked away.
Der private Schlüssel bleibt auf dem Gerät, die Wiederherstellungswörter liegen im Bankfach.
La phrase de récupération est conservée dans un coffre, jamais dans un fichier.
""",
    "research/custody.md",
)
clean(
    "research: addresses and transactions in a table",
    r"""
| chain | wallet | last transfer |
|---|---|---|
| Ethereum | `«eth»` | `«tx»` |
| Solana | `«solana»` | `«solana_tx»` |
| Bitcoin | `«btc_taproot»` | `«bitcoin_tx»` |
| Tron | `«tron»` | `«sha256»` |
""",
    "research/wallets.md",
)
clean(
    "research: dependency lock excerpt",
    r"""
# Environment

```
"vega-lite@npm:6.1.0": integrity «sri512»
numpy==2.3.1 --hash=sha256:«sha256» --hash=sha256:«sha256#2»
golang.org/x/sync v0.16.0 h1:«public32»
```
""",
    "research/environment.md",
)

# ---------------------------------------------------------------- clean: near misses of the dirty cases

clean(
    "near: variables that are called like what they hold",
    r"""
[[connector]]
name = "one"
type = "crypto"
enabled = true
[connector.auth]
api_key = { env = "API_KEY" }
api_secret = { env = "SECRET" }
passphrase = { env = "PASSWORD" }
""",
)
clean(
    "near: multi-line and escaped strings as variable names",
    r'''
[[connector]]
name = "one"
type = "crypto"
enabled = true
[connector.auth]
api_key = { env = """CX_API_KEY""" }
api_secret = { env = "CX\u005FAPI\u005fSECRET" }
passphrase = { env = 'CX_PASSPHRASE' }
''',
)
clean(
    "near: secret files called after a hash or an id",
    r"""
[[connector]]
name = "one"
type = "crypto"
enabled = true
[connector.auth]
api_key = { file = "/run/agenix.d/17/«sha1»" }
api_secret = { file = "/srv/tenants/«uuid»/cx-«short».key" }
passphrase = { file = "/home/desk/.config/qoc/OKX passphrase (main).txt" }
""",
)
clean(
    "near: keyring user that is a UUID or a mail address",
    r"""
[[connector]]
name = "one"
type = "cash"
enabled = true
[connector.auth]
api_key = { keyring = "mercury/«uuid»" }
api_secret = { keyring = "org.freedesktop.Secret.Qoc/ana.keller+desk@north.example" }
""",
)
clean(
    "near: git-credential at odd hosts",
    r"""
[[connector]]
name = "one"
type = "futures"
enabled = true
[connector.auth]
api_key = { git-credential = "https://[::1]:8443" }
api_secret = { git-credential = "https://xn--brse-5qa.example" }
token = { git-credential = "https://gw-7d9f8b6c5d.svc.cluster.local:6443/fix" }
""",
)
clean(
    "near: references with comments on their lines",
    r"""
[[connector]]
name = "one"
type = "crypto"
enabled = true
[connector.auth]
api_key = { env = "CX_API_KEY" }          # rotated 2026-05-01 by Ana, ticket SEC-20441
api_secret = { env = "CX_API_SECRET" }    # was { env = "OLD_CX_API_SECRET" }
passphrase = { file = "/run/secrets/p" }  # mode 0400, owner qoc
""",
)
clean(
    "near: references under homely table order",
    r"""
[connector_defaults]
note = "see below"

[[schedule]]
name = "s"
cron = "0 0 * * *"
tz = "UTC"
task = "snapshot"

[[connector]]
name = "a"
type = "cash"
enabled = true
[connector.auth]
api_key = { env = "A" }

[[connector]]
name = "b"
type = "cash"
enabled = true
[connector.auth]
api_key = { env = "B" }
""",
)
clean(
    "near: booleans under secret names, as ccxt states its needs",
    r"""
«desk»[ccxt.okx.requiredCredentials]
apiKey = true
secret = true
password = true
privateKey = false
token = false
""",
)
clean(
    "near: paths under secret names",
    r"""
«desk»[paths]
secrets_dir = "/run/secrets"
password_file = "/run/secrets/pg-password"
private_key_path = "/etc/qoc/hyperliquid-agent.key"
ssh_key_file = "~/.ssh/id_ed25519_desk"
credentials_directory = "/run/credentials/qoc.service"
""",
)
clean(
    "near: keys of databases and caches",
    r"""
«desk»[store]
primary_key = ["time", "connector", "symbol"]
sort_key = "as_of"
partition_key = "date"
cache_key = "nav:{connector}:{date:%Y-%m-%d}"
foreign_keys = "on"
""",
)
clean(
    "near: seeds of random generators",
    r"""
«desk»[backtest]
seed = 20260705
random_seed = 1_234_567_890
seeds = [11, 13, 17, 19, 23, 29]
seed_capital_usd = 250_000
""",
)
clean(
    "near: mnemonic means a ticker in Frankfurt",
    r"""
«desk»[xetra]
mnemonic = "SAP"
mnemonics = ["DBK", "ALV", "SIE", "BAS", "VOW3", "HEN3"]
""",
)
clean(
    "near: sessions are trading hours",
    r"""
«desk»[calendar]
session = "RTH"
sessions = ["RTH", "ETH", "Globex", "TOKYO-AM"]
session_start = 09:30:00
session_token_bucket = 60
""",
)
clean(
    "near: models, tokenizers and token counts",
    r"""
«desk»[agent]
tokenizer = "cl100k_base"
max_tokens = 4096
stop_tokens = ["</s>", "<|endoftext|>"]
tokens_per_minute = 90_000
""",
)
clean(
    "near: names of required variables",
    r"""
«desk»[ci]
required_env = ["CX_API_KEY", "CX_API_SECRET", "OKX_PASSPHRASE", "DERIBIT_CLIENT_SECRET", "MERCURY_API_TOKEN"]
""",
)
clean(
    "near: names of credential fields as values",
    r"""
«desk»[form]
fields = ["apiKey", "secret", "password", "uid", "privateKey", "walletAddress", "twofa"]
masked = ["secret", "password"]
label = "API secret"
""",
)
clean(
    "near: token lists with contract addresses",
    r"""
«desk»[tokens.ethereum]
USDC = "«eth»"
WETH = "«eth#2»"
wstETH = "«eth#3»"
[tokens.solana]
JUP = "«solana»"
BONK = "«solana#2»"
""",
)
clean(
    "near: README's exports with an ellipsis",
    r"""
# export EQ_API_KEY=… EQ_API_SECRET=…
# export CX_API_KEY=... CX_API_SECRET=...
«desk»""",
)
clean(
    "near: fish, PowerShell and direnv without values",
    r"""
# set -gx CX_API_SECRET (pass show desk/cx | head -1)
# $env:CX_API_SECRET = Get-Secret -Name cx -AsPlainText
# echo 'source_env_if_exists .envrc.private' >> .envrc
«desk»""",
)
clean(
    "near: quoting idiom around a variable in JSON",
    r"""
# curl -d '{"grant_type":"refresh_token","refresh_token":"'"$TT_REFRESH"'","client_secret":"'"$TT_SECRET"'"}' https://api.tastyworks.com/oauth/token
«desk»""",
)
clean(
    "near: secrets from files on a command line",
    r"""
«desk»[run]
cmd = "quoter --api-key-file /run/secrets/k --secret-env CX_API_SECRET --password-stdin --token-bucket 1200"
sign = 'openssl dgst -sha256 -hmac "$CX_API_SECRET" -binary | base64'
""",
)
clean(
    "near: ssh, mysql and psql with -p and -u",
    r"""
# ssh -i ~/.ssh/id_ed25519_desk -p 2222 desk@gw-2
# mysql -u books -p -h db-1 ticks
# psql -U books -h db-1 -p 5432 -W ticks
# curl -u desk https://api.desk.example/v1/balances   (asks)
«desk»""",
)
clean(
    "near: jq, sops and envsubst",
    r"""
# sops exec-env secrets.enc.yaml 'git qoc up'
# jq -r .api_secret /run/secrets/cx.json | systemd-creds encrypt - cx.cred
# git log -S api_secret --oneline -- desk.toml; git qoc check --history origin/main..HEAD
«desk»""",
)
clean(
    "near: PEM words in a setting",
    r"""
«desk»[fix]
key_format = "EC PRIVATE KEY (SEC1) or PRIVATE KEY (PKCS#8)"
private_key = { file = "/etc/qoc/fix.pem" }
""",
)
clean(
    "near: URL template with fields in braces",
    r"""
«desk»[templates]
rpc = "https://eth-mainnet.g.alchemy.com/v2/{ALCHEMY_KEY}"
hook = "https://hooks.slack.com/services/${SLACK_HOOK}"
query = "https://api.polygon.io/v2/aggs?apiKey={{ polygon_key }}&limit=50000"
""",
)
clean(
    "near: masked values that a status page prints",
    r"""
# last status: api_key **************** from env CX_API_KEY, api_secret ****
# https://desk:***@fix.desk.example/v1
«desk»""",
)

# ---------------------------------------------------------------- clean: more of what desks hold

clean(
    "symbol: Asian tickers and MIC codes",
    r"""
«desk»[watch]
asia = ["7203.T", "005930.KS", "0700.HK", "600519.SS", "BHP.AX", "2330.TW", "RELIANCE.NS"]
mic = ["XNYS", "XNAS", "ARCX", "BATS", "XCME", "XCBF", "XEUR", "XETR", "XTKS", "XHKG", "IEXG", "EDGX"]
""",
)
clean(
    "symbol: German warrants in one array",
    lambda m: (
        m.fill("«desk»[watch]\n")
        + "wkn = [{}]\n".format(
            ", ".join(
                '"{}{}"'.format(m.rnd.choice(["SH", "PC", "JK", "MB", "UM", "GX"]), _draw(m.rnd, UPPER, 4))
                for _ in range(24)
            )
        )
    ),
)
clean(
    "symbol: DeFi tokens in mixed case",
    r"""
«desk»[watch]
aave = ["aEthUSDC", "variableDebtEthWETH", "aArbwstETH", "aBasecbBTC"]
pendle = ["PT-sUSDE-25SEP2026", "YT-weETH-25JUN2026", "LP-USD0++-29OCT2026"]
wrapped = ["stETH", "rsETH", "USD₮0", "crvUSD", "GM:ETH/USD[WETH-USDC]"]
""",
)
clean(
    "symbol: IBC, factory and Move denominations",
    r"""
«desk»[denoms]
atom = "ibc/«sha256»"
factory = "factory/«cosmos»/ampKUJI"
sui_usdc = "«sui»::usdc::USDC"
aptos = "0x1::aptos_coin::AptosCoin"
near = "a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48.factory.bridge.near"
""",
)
clean(
    "symbol: energy, weather and freight",
    r"""
«desk»[watch]
power = ["PJM-WH-RT-5x16-AUG26", "DEBQ1-27", "ERCOT-N-345KV-HUB-OFFPEAK-Q3"]
gas = ["NGN26", "TTF-M+1", "HH-SW-V26-H27"]
freight = ["C5TC+1Q26", "BDI4T-AUG26"]
""",
)
clean(
    "symbol: contract ids and strikes as integers",
    r"""
«desk»[watch]
conids = [265598, 756733, 495512563, 637533641, 12087792, 44652017]
strikes = [5000, 5025, 5050, 5075, 5100, 5125, 5150, 5175, 5200, 5225, 5250, 5275, 5300, 5325, 5350, 5375]
""",
)
clean(
    "symbol: precision table with quoted keys",
    lambda m: (
        m.fill("«desk»[precision]\n")
        + "".join(
            f'"{a}/{b}:{b}-26{month:02}25" = '
            f"{{ tick = {10.0 ** -m.rnd.randrange(1, 9):.8f}, lot = {m.rnd.randrange(1, 99)} }}\n"
            for a in ("BTC", "ETH", "SOL")
            for b in ("USDT", "USDC")
            for month in (7, 9, 12)
        )
    ),
)
clean(
    "ids: FIX message in an order",
    r"""
[order]
client_order_id = "qoc-20260705-0007"
connector = "cme"
fix = "8=FIX.4.4|9=178|35=D|49=NORTHDESK|56=CMEGLBX|34=1207|52=20260705-16:01:22.318|«»
11=qoc-20260705-0007|55=ESZ6|54=1|38=2|40=2|44=5512.25|59=0|10=128|"
""",
    "orders/filled/2026-07-05T16-01-22Z.toml",
)
clean(
    "ids: unique trade identifiers of EMIR",
    lambda m: (
        m.fill("«desk»[emir]\n")
        + "uti = [{}]\n".format(", ".join(f'"{m.public("lei")}{_draw(m.rnd, UPPER, 32)}"' for _ in range(3)))
        + 'upi = "QZK9M4XH2TPW"\ncfi = "OCASPS"\n'
    ),
)
clean(
    "ids: SWIFT payment with a UETR",
    r'''
«desk»[last_wire]
uetr = "«uuid»"
mt103 = """
:20:NORTH260705001
:23B:CRED
:32A:260705USD25000,00
:50K:/CH9300762011623852957
:59:/«iban»
:71A:SHA
"""
''',
)
clean(
    "ids: order note with calldata",
    r"""
[order]
client_order_id = "«uuid»"
connector = "base-safe"
to = "«eth»"
calldata = "0xa9059cbb0000000000000000000000005aaeb6053f3e94c9b9a09f33669435e7ef1beaed000000000000000«»
0000000000000000000000000000000000de0b6b3a7640000"
tx_hash = "«tx»"
block = 31_882_104
""",
    "orders/closed/2026-07-05T16-03-00Z.toml",
)
clean(
    "chain: node addresses with ids before the at sign",
    r"""
«desk»[peers]
cometbft = "«sha1»@seed.cosmos.example:26656"
enode = "enode://«sha512»@10.4.0.9:30303"
lightning = "02«sha256»@10.4.0.10:9735"
""",
)
clean(
    "chain: validators, pools and inscriptions",
    r"""
«desk»[staking]
validator_pubkey = "0x«sha1»«sha1#2»«bls»"
utxo = "«bitcoin_tx»:0"
inscription = "«bitcoin_tx#2»i0"
uniswap_v4_pool_id = "«tx»"
""",
)
clean(
    "public: allowed signers and a certificate authority",
    r"""
# allowed_signers:
# ana@north.example namespaces="git" «ssh_ed25519»
# *.north.example cert-authority «ssh_ed25519#2»
«desk»""",
)
clean(
    "public: TLSA and DKIM records",
    r"""
«desk»[dns]
tlsa = "_8443._tcp.fix.desk.example. IN TLSA 3 1 1 «sha256»"
ds = "north.example. IN DS 20441 13 2 «sha256#2»"
""",
)
clean(
    "public: onion service",
    r"""
«desk»[mirror]
tor = "http://«onion».onion/books.git"
""",
)
clean(
    "public: certificate commented out, Windows line ends",
    lambda m: (
        "# bundle of the FIX gateway, valid to 2031\n"
        + "".join(f"# {line}\n" for line in m.public("pem_certificate").split("\n"))
        + m.fill("«desk»")
    ).replace("\n", "\r\n"),
)
clean(
    "hash: content addresses of several tools",
    r"""
«desk»[artifacts]
blake3 = "blake3:«sha256»"
magnet = "magnet:?xt=urn:btih:«sha1»&dn=ticks-2026Q2"
poetry = 'content-hash = "«sha256#2»"'
crc32 = "«short»"
""",
)
clean(
    "hash: array of commits to skip in blame",
    r"""
«desk»[blame]
ignore_revs = ["«sha1»", "«sha1#2»", "«sha1#3»", "«sha1#4»"]
ignore_short = ["«short»", "«short#2»", "«short#3»", "«short#4»", "«short#5»", "«short#6»", «»
"«short#7»", "«short#8»"]
""",
)
clean(
    "style: palette of hexadecimal colours",
    r"""
«desk»[charts]
palette = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", «»
"#bcbd22", "#17becf"]
background = "#0d1117ff"
""",
)
clean(
    "style: escapes, emoji and control pictures in strings",
    r"""
«desk»[labels]
up = "\u2191\u00A0\u2714\uFE0F"
flag = "\U0001F1E8\U0001F1ED"
path = "C:\\Users\\desk\\Documents\\books\\2026\\Q3"
bar = "▁▂▃▄▅▆▇█▇▆▅▄▃▂▁"
""",
)
clean(
    "prose: longest words of three languages",
    r"""
# Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz
# lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas
# Megszentségteleníthetetlenségeskedéseitekért, pneumonoultramicroscopicsilicovolcanoconiosis
«desk»""",
)
clean(
    "prose: change log with tickets and dates",
    r"""
# 2026-05-01  AK  SEC-20441: rotated Binance keys; see CHG0030412, INC0098127
# 2026-05-03  JO  DESK-118: key rate durations KRD2Y/KRD5Y/KRD10Y into the risk table
# 2026-06-30  AK  PR#482 (merge «short»): quarter end, MiFID RTS-27/28 off
«desk»""",
)
clean(
    "prose: people, desks and mail addresses",
    r"""
«desk»[contacts]
prime = ["ana.keller@north.example", "jo.o'neill+fills@north.example", "24h-desk@prime-broker.example"]
phone = "+41 44 668 18 00"
pager = "north-desk-perps-oncall-primary"
""",
)
clean(
    "prose: key dates and key rates",
    r'''
«desk»[notes]
week = """
Key dates: FOMC on Wednesday, quad witching on Friday. Key levels: 5512.25, 5487.50. Token unlocks: «»
ARB 92.65M,
STRK 127M, SUI 58.35M. Secret sauce: none, we are short gamma. Password day is in May. Authored by Jo.
"""
''',
)
clean(
    "prose: rulers and separators in many characters",
    r"""
# ----8<-------------------------------------------------------------------
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
# ........10........20........30........40........50........60........70
# aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
«desk»""",
)
clean(
    "snapshot: degraded venue whose reason talks about keys",
    SNAPSHOT.replace(
        "connectors     =",
        'degraded = ["okx-main: 401, Invalid OK-ACCESS-PASSPHRASE (code 50105)", "tws: password expired"]\n'
        "connectors     =",
    ),
    "snapshots/2026-07-05T16-00-00Z.toml",
)
clean(
    "snapshot: on-chain holdings by mint and denomination",
    SNAPSHOT
    + """[[cash]]
connector = "base-safe"
currency = "USDC"
amount = 41_210.503312
amount_usd = 41_210.50

[[position]]
connector  = "phantom-«short»"
symbol     = "JUP-«solana»"
quantity   = 120_000.123456789
mark       = 0.482211
""",
    "snapshots/2026-07-05T16-00-00.123456Z.toml",
)
clean(
    "research: notebook output with an image",
    lambda m: json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "outputs": [
                        {
                            "data": {
                                "image/png": m.public("png"),
                                "text/plain": ["<Figure size 640x480 with 1 Axes>"],
                            }
                        }
                    ],
                    "source": ["plt.plot(nav)"],
                }
            ]
        }
    ),
    "research/notebook.json",
)
clean(
    "research: drawing with path data",
    lambda m: (
        '# Equity\n\n<svg viewBox="0 0 900 300"><path d="M0,150 '
        + " ".join(f"L{x},{m.rnd.uniform(0, 300):.3f}" for x in range(0, 900, 9))
        + '"/></svg>\n'
    ),
    "research/equity.md",
)
clean(
    "research: mathematics and a diagram",
    r"""
# Quoting

$$ \delta^{\pm} = \frac{1}{\gamma}\ln\!\left(1+\frac{\gamma}{\kappa}\right) \mp \gamma\sigma^2(T-t)q $$

```mermaid
sequenceDiagram
  Quoter->>Venue: NewOrderSingle(clOrdId, apiKeyFromEnv)
  Venue-->>Quoter: ExecutionReport(orderId)
```
""",
    "research/quoting.md",
)
clean(
    "research: diff of a desk that replaces one reference",
    r"""
# Review

```diff
   [connector.auth]
-  api_secret = { env = "CX_API_SECRET" }
+  api_secret = { file = "/run/secrets/crypto-spot" }
index «short»..«short#2» 100644
```
""",
    "research/review.md",
)
clean(
    "research: list of links with long paths",
    r"""
- [ccxt okx](https://github.com/ccxt/ccxt/blob/«sha1»/ts/src/okx.ts#L5312)
- [EIP-712](https://eips.ethereum.org/EIPS/eip-712#definition-of-domainseparator)
- [BIS](https://www.bis.org/publ/qtrpdf/r_qt2603b.htm) and [SSRN](https://papers.ssrn.com/sol3/papers.cfm?abstract_id=4729284)
- [dashboard](https://grafana.desk.example/d/ab12cd34ef/funding?var-venue=okx&var-symbol=BTC-USD-SWAP&from=1783267200000)
""",
    "research/reading.md",
)

# ---------------------------------------------------------------- the exam checks itself


def text_of(case: Case) -> str:
    """Give the case's text, whatever its encoding."""
    return case.data.decode(CODEC.get(case.name, "utf-8"))


def _parses(case: Case) -> bool:
    try:
        if case.path.endswith(".toml"):
            tomllib.loads(text_of(case).removeprefix("\ufeff"))
        elif case.path.endswith(".json"):
            json.loads(text_of(case))
    except ValueError:
        return False
    return True


def _check(case: Case) -> None:
    where = case.name
    assert case.must_be_found == bool(case.secrets) == (case.kind != "clean"), where
    assert not re.search("[«»]", text_of(case)), where
    if case.kind == "unreadable":
        assert case.name in CODEC or not _parses(case), where
    else:
        assert _parses(case), where
    shown = [secret in text_of(case) for secret in case.secrets]
    assert all(shown) or case.name in HIDDEN, where
    assert case.name not in HIDDEN or not all(shown), where


def _check_sums() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert _keccak256(b"").hex() == empty
    assert len(WORDS) == len(set(WORDS)) == 2048
    assert _luhn(_as_digits("US037833100")) == "5"
    assert _cusip_check("03783310") == "0"
    assert _cusip_check("BBG000B9XRY") == "4"


def promised() -> None:
    """Assert what the corpus says of itself."""
    _check_sums()
    assert len({case.name for case in CASES}) == len(CASES) >= 170
    assert len({case.data for case in CASES}) == len(CASES)
    for case in CASES:
        _check(case)
    counts = Counter(case.kind for case in CASES)
    assert 2 * counts["clean"] >= len(CASES), counts
