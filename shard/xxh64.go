package shard

import (
	"encoding/binary"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// The primes of xxHash64, see its specification at https://github.com/Cyan4973/xxHash.
const (
	prime1 = 0x9E3779B185EBCA87
	prime2 = 0xC2B2AE3D27D4EB4F
	prime3 = 0x165667B19E3779F9
	prime4 = 0x85EBCA77C2B2AE63
	prime5 = 0x27D4EB2F165667C5
)

// Hash returns the hash of key after the tag rule.
//
// A key below 32 bytes is hashed here, not by the library: for short keys a good part of the time goes into calls, and
// this is one call where there would be three.
func (r *Ring) Hash(key []byte) uint64 {
	if len(key) >= 32 || r.slowHash {
		return r.hash(Tag(key, r.conf.Tag))
	}
	h := prime5 + uint64(len(key))
	if len(key) >= 16 {
		h = block(h, binary.LittleEndian.Uint64(key))
		h = block(h, binary.LittleEndian.Uint64(key[8:]))
	}
	if len(key)&15 != 0 {
		h = tail(h, key[len(key)&16:])
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}

// hash returns the hash of what the tag rule has left.
func (r *Ring) hash(key []byte) uint64 {
	switch {
	case r.conf.Hash == XXH64:
		return xxhash.Sum64(key)
	case r.conf.Hash == CRC16Slot:
		return uint64(Slot(key))
	case len(key) == 0:
		return 0
	}
	return uint64(r.hash32.sum(key))
}

// tail adds up to 15 bytes.
func tail(h uint64, key []byte) uint64 {
	if len(key) >= 8 {
		h = block(h, binary.LittleEndian.Uint64(key))
		key = key[8:]
	}
	if len(key) >= 4 {
		h ^= uint64(binary.LittleEndian.Uint32(key)) * prime1
		h = bits.RotateLeft64(h, 23)*prime2 + prime3
		key = key[4:]
	}
	for _, b := range key {
		h ^= uint64(b) * prime5
		h = bits.RotateLeft64(h, 11) * prime1
	}
	return h
}

// block adds 8 bytes.
func block(h, x uint64) uint64 {
	h ^= bits.RotateLeft64(x*prime2, 31) * prime1
	return bits.RotateLeft64(h, 27)*prime1 + prime4
}
