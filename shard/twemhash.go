package shard

import (
	"crypto/md5"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"
)

// The hashes of twemproxy 0.5.0 on x86, all of 32 bits: for agreeing with it, not for choice. Where it reads characters that
// are signed there, bytes from 0x80 on are extended by their sign, and so they are here.

// A hash32 is one of them. Calls go by its number and not through a function value, to which a key would escape.
type hash32 uint8

const noHash32 hash32 = 255

// hash32Names are the names in the order of their numbers.
func hash32Names() []Hash {
	return []Hash{
		"one_at_a_time", "md5", "crc16", "crc32", "crc32a", "fnv1_64", FNV1a64, "fnv1_32", "fnv1a_32", "hsieh", "murmur", "jenkins",
	}
}

// newHash32 returns the hash of that name, noHash32 if twemproxy has none.
func newHash32(name Hash) hash32 {
	if i := slices.Index(hash32Names(), name); i >= 0 {
		return hash32(i)
	}
	return noHash32
}

func (h hash32) sum(key []byte) uint32 {
	switch h {
	case 0:
		return oneAtATime(key)
	case 1:
		return md5Hash(key)
	case 2:
		return crc16(key)
	case 3:
		return crc32Short(key)
	case 4:
		return crc32IEEE(key)
	case 5:
		return fnv1of64(key)
	case 6:
		return fnv1aOf64(key)
	case 7:
		return fnv1of32(key)
	case 8:
		return fnv1aOf32(key)
	case 9:
		return hsieh(key)
	case 10:
		return murmur(key)
	}
	return jenkins(key)
}

func oneAtATime(key []byte) (v uint32) {
	for _, b := range key {
		v += signed(b)
		v += v << 10
		v ^= v >> 6
	}
	v += v << 3
	v ^= v >> 11
	return v + v<<15
}

func md5Hash(key []byte) uint32 {
	sum := md5.Sum(key)
	return binary.LittleEndian.Uint32(sum[:])
}

// crc16 is XMODEM's in an accumulator of 32 bits that is never cut to 16.
func crc16(key []byte) (c uint32) {
	for _, b := range key {
		c = c<<8 ^ uint32(xmodem(byte(c>>8)^b))
	}
	return c
}

// xmodem is an entry of the table of CRC-16/XMODEM (polynomial 0x1021), found without one.
func xmodem(b byte) uint16 {
	x := uint16(b) ^ uint16(b)>>4
	return x<<12 ^ x<<5 ^ x
}

// crc32Short leaves 15 bits, so that with Ketama nearly all keys have the same owner.
func crc32Short(key []byte) uint32 { return crc32IEEE(key) >> 16 & 0x7fff }

// crc32IEEE is that of hash/crc32, whose own call would have every key of every ring escape to the heap.
func crc32IEEE(key []byte) uint32 {
	c := ^uint32(0)
	for _, b := range key {
		c = crc32.IEEETable[byte(c)^b] ^ c>>8
	}
	return ^c
}

// fnv1of64 is FNV-1 of 64 bits, of which the lower 32 count.
func fnv1of64(key []byte) uint32 {
	h := uint64(0xcbf29ce484222325)
	for _, b := range key {
		h *= 0x100000001b3
		h ^= uint64(int8(b))
	}
	return uint32(h)
}

// fnv1aOf64 has the constants of FNV-1a of 64 bits, cut to 32: it is neither of the two that are known by that name.
func fnv1aOf64(key []byte) uint32 {
	h := uint32(0x84222325)
	for _, b := range key {
		h = (h ^ signed(b)) * 0x1b3
	}
	return h
}

func fnv1of32(key []byte) uint32 {
	h := uint32(2166136261)
	for _, b := range key {
		h = h*16777619 ^ signed(b)
	}
	return h
}

func fnv1aOf32(key []byte) uint32 {
	h := uint32(2166136261)
	for _, b := range key {
		h = (h ^ signed(b)) * 16777619
	}
	return h
}

// hsieh is Hsieh's SuperFastHash that starts from 0.
func hsieh(key []byte) (h uint32) {
	for ; len(key) >= 4; key = key[4:] {
		h += uint32(binary.LittleEndian.Uint16(key))
		h = h<<16 ^ (uint32(binary.LittleEndian.Uint16(key[2:]))<<11 ^ h)
		h += h >> 11
	}
	switch len(key) {
	case 3:
		h += uint32(binary.LittleEndian.Uint16(key))
		h ^= h << 16
		h ^= signed(key[2]) << 18
		h += h >> 11
	case 2:
		h += uint32(binary.LittleEndian.Uint16(key))
		h ^= h << 11
		h += h >> 17
	case 1:
		h += uint32(key[0])
		h ^= h << 10
		h += h >> 1
	}
	h ^= h << 3
	h += h >> 5
	h ^= h << 4
	h += h >> 17
	h ^= h << 25
	return h + h>>6
}

// murmur is MurmurHash2 with a seed that depends on the length.
func murmur(key []byte) uint32 {
	const m = 0x5bd1e995
	n := uint32(len(key))
	h := 0xdeadbeef*n ^ n
	for ; len(key) >= 4; key = key[4:] {
		x := binary.LittleEndian.Uint32(key) * m
		h = h*m ^ (x^x>>24)*m
	}
	if len(key) > 0 {
		for i, b := range key {
			h ^= uint32(b) << (8 * i)
		}
		h *= m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}

// jenkins is lookup3's hashlittle.
func jenkins(key []byte) uint32 {
	a := 0xdeadbeef + uint32(len(key)) + 13
	b, c := a, a
	if len(key) == 0 {
		return c
	}
	for ; len(key) > 12; key = key[12:] {
		a, b, c = jenkinsAdd(a, b, c, key)
		a, b, c = jenkinsMix(a, b, c)
	}
	var last [12]byte
	copy(last[:], key)
	a, b, c = jenkinsAdd(a, b, c, last[:])
	return jenkinsFinal(a, b, c)
}

func jenkinsAdd(a, b, c uint32, key []byte) (uint32, uint32, uint32) {
	le := binary.LittleEndian
	return a + le.Uint32(key), b + le.Uint32(key[4:]), c + le.Uint32(key[8:])
}

func jenkinsMix(a, b, c uint32) (uint32, uint32, uint32) {
	a = (a - c) ^ bits.RotateLeft32(c, 4)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 6)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 8)
	b += a
	a = (a - c) ^ bits.RotateLeft32(c, 16)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 19)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 4)
	return a, b + a, c
}

func jenkinsFinal(a, b, c uint32) uint32 {
	c = (c ^ b) - bits.RotateLeft32(b, 14)
	a = (a ^ c) - bits.RotateLeft32(c, 11)
	b = (b ^ a) - bits.RotateLeft32(a, 25)
	c = (c ^ b) - bits.RotateLeft32(b, 16)
	a = (a ^ c) - bits.RotateLeft32(c, 4)
	b = (b ^ a) - bits.RotateLeft32(a, 14)
	return (c ^ b) - bits.RotateLeft32(b, 24)
}

// signed extends b by its sign.
func signed(b byte) uint32 { return uint32(int32(int8(b))) }
