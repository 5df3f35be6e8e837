package shard

import (
	"cmp"
	"errors"
	"iter"
	"math"
	"slices"
)

// A Range is an interval of hashes; both ends belong to it.
type Range struct{ First, Last uint64 }

// share returns the part of the hash space up to last that the range covers.
func (g Range) share(last uint64) float64 { return (float64(g.Last-g.First) + 1) / (float64(last) + 1) }

// A Move says which hashes change hands, and by name between whom.
type Move struct {
	From, To string
	Share    float64 // of the whole hash space, 0 to 1
	Ranges   []Range // ascending, none adjacent to the next
}

// ErrIncomparable reports two rings that hash keys differently, so that ranges of hashes say nothing about keys, or whose
// placements give nodes no ranges.
var ErrIncomparable = errors.New("rings differ in hash or tag, or have no ranges")

// Ranges yields the parts of the hash space that the named node owns, in ascending order; none for an unknown name. The
// space has 64 bits for Rendezvous, 32 for Ketama, and is that of the slots for RedisCluster. The other placements deal
// hashes out one by one and have no ranges.
func (r *Ring) Ranges(name string) iter.Seq[Range] {
	return func(yield func(Range) bool) {
		owner := slices.Index(r.names, name)
		for at := range r.runs() {
			if at.owner == owner && !yield(at.Range) {
				return
			}
		}
	}
}

// A run is a range with one owner.
type run struct {
	Range
	owner int
}

// runs yields the whole hash space as the longest ranges of one owner.
func (r *Ring) runs() iter.Seq[run] {
	if p, ok := r.other.(partition); ok {
		return p.runs()
	}
	if r.other != nil {
		return func(func(run) bool) {}
	}
	return func(yield func(run) bool) {
		at := run{owner: r.Index(0)}
		for slot := range r.conf.Slots {
			first := uint64(slot) << (r.shift & 63)
			owner := r.Index(first)
			if owner == at.owner {
				continue
			}
			at.Last = first - 1
			if !yield(at) {
				return
			}
			at = run{Range{First: first}, owner}
		}
		at.Last = math.MaxUint64
		yield(at)
	}
}

// lastHash is the end of the hash space, 0 if there are no ranges of it.
func (r *Ring) lastHash() uint64 {
	switch r.conf.Placement {
	case Rendezvous:
		return math.MaxUint64
	case Ketama:
		return math.MaxUint32
	case RedisCluster:
		return clusterSlots - 1
	}
	return 0
}

// Diff returns exactly what moves when next takes the place of prev, one Move for each pair of nodes, sorted by From
// and To; none if every key stays. Both rings must use the same hash and tag, and a placement that has Ranges, else the
// error is ErrIncomparable.
func Diff(prev, next *Ring) ([]Move, error) {
	last := prev.lastHash()
	if prev.conf.Hash != next.conf.Hash || prev.conf.Tag != next.conf.Tag || last == 0 || last != next.lastHash() {
		return nil, ErrIncomparable
	}
	moves := make(map[[2]int]*Move)
	for at, owners := range bothRuns(prev, next) {
		from, to := prev.names[owners[0]], next.names[owners[1]]
		if from == to {
			continue
		}
		m := moves[owners]
		if m == nil {
			m = &Move{From: from, To: to}
			moves[owners] = m
		}
		m.add(at, last)
	}
	sorted := make([]Move, 0, len(moves))
	for _, m := range moves {
		sorted = append(sorted, *m)
	}
	slices.SortFunc(sorted, func(a, b Move) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return sorted, nil
}

func (m *Move) add(g Range, last uint64) {
	m.Share += g.share(last)
	if n := len(m.Ranges); n > 0 && m.Ranges[n-1].Last+1 == g.First {
		m.Ranges[n-1].Last = g.Last
		return
	}
	m.Ranges = append(m.Ranges, g)
}

// bothRuns yields the whole hash space as ranges of one owner in each of two rings.
func bothRuns(a, b *Ring) iter.Seq2[Range, [2]int] {
	return func(yield func(Range, [2]int) bool) {
		nextA, stopA := iter.Pull(a.runs())
		defer stopA()
		nextB, stopB := iter.Pull(b.runs())
		defer stopB()
		runA, _ := nextA()
		runB, _ := nextB()
		for first := uint64(0); ; {
			last := min(runA.Last, runB.Last)
			if !yield(Range{first, last}, [2]int{runA.owner, runB.owner}) || last == a.lastHash() {
				return
			}
			first = last + 1
			if runA.Last == last {
				runA, _ = nextA()
			}
			if runB.Last == last {
				runB, _ = nextB()
			}
		}
	}
}
