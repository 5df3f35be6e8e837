package shard

import "math/bits"

// logTable holds log2(1 + i/1024) in fixed point. It is computed with integers: math.Log2 differs between processors
// in its last bits, and a placement must not.
type logTable [1<<logIndex + 1]uint64

const (
	logIndex = 10 // bits of a number that choose the entry
	logInter = 24 // bits behind them that choose the place between two entries
	logFrac  = 48 // bits of a result behind the binary point
)

func newLogTable() *logTable {
	t := new(logTable)
	for i := range t {
		t[i] = log2(uint64(1<<63) + uint64(i)<<(63-logIndex))
	}
	t[len(t)-1] = 1 << logFrac
	return t
}

// log2 returns the logarithm of x/2^63, x from 2^63 on, bit by bit: squaring doubles a logarithm.
func log2(x uint64) (y uint64) {
	for range logFrac {
		hi, lo := bits.Mul64(x, x)
		y <<= 1
		if hi>>63 != 0 {
			x = hi
			y |= 1
		} else {
			x = hi<<1 | lo>>63
		}
	}
	return y
}

// minus returns -log2(raw/2^64), above 0 and up to 64, with logFrac binary places. It never grows with raw,
// and errs by at most 2e-7.
func (t *logTable) minus(raw uint64) uint64 {
	raw = max(raw, 1)
	zeros := bits.LeadingZeros64(raw)
	raw <<= zeros
	i := raw << 1 >> (64 - logIndex)
	inter := raw << (1 + logIndex) >> (64 - logInter)
	log := t[i] + (t[i+1]-t[i])*inter>>logInter
	return uint64(zeros+1)<<logFrac - log
}
