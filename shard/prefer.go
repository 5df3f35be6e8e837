package shard

import (
	"cmp"
	"iter"
	"slices"
)

// Prefer yields every node once for hash h, the owner first: the order for failover and hedging. With Rendezvous the second
// is the node that would own the key if the owner left, and so on; the first node costs a load, each of the next seven
// a pass over all nodes, and whoever goes on pays for sorting the rest. With Ketama and Maglev the order is that of the
// following points or entries, with the others that of the nodes, around from the owner.
func (r *Ring) Prefer(h uint64) iter.Seq[string] {
	return func(yield func(string) bool) {
		if r.other != nil {
			owner := r.Index(h)
			if !yield(r.names[owner]) {
				return // mostly: the others cost more to find
			}
			for _, i := range r.walkOther(h) {
				if i != owner && !yield(r.names[i]) {
					return
				}
			}
			return
		}
		slot := h >> (r.shift & 63)
		last := r.rule.rank(slot, r.Index(h))
		for range min(8, len(r.names)) {
			if !yield(r.names[last.node]) {
				return
			}
			last, _ = r.rule.next(slot, last)
		}
		for _, k := range r.rule.rest(slot, last, min(8, len(r.names))) {
			if !yield(r.names[k.node]) {
				return
			}
		}
	}
}

// walkOther returns the nodes that the placement walks over, each once, and at last those that it never comes to.
func (r *Ring) walkOther(h uint64) []int {
	all := make([]int, 0, len(r.names))
	seen := make([]bool, len(r.names))
	for _, nodes := range []iter.Seq[int]{r.other.walk(h), around(0, len(r.names))} {
		for i := range nodes {
			if !seen[i] {
				seen[i] = true
				all = append(all, i)
			}
			if len(all) == len(r.names) {
				return all
			}
		}
	}
	return all
}

// next returns the first rank behind last, false if there is none.
func (f *rendezvous) next(slot uint64, last rank) (best rank, ok bool) {
	for i := range f.hashes {
		k := f.rank(slot, i)
		if f.before(last, k) && (!ok || f.before(k, best)) {
			best, ok = k, true
		}
	}
	return best, ok
}

// rest returns the ranks from first on in order, when passed have gone before.
func (f *rendezvous) rest(slot uint64, first rank, passed int) []rank {
	if passed >= len(f.hashes) {
		return nil
	}
	ranks := make([]rank, 0, len(f.hashes)-passed)
	for i := range f.hashes {
		if k := f.rank(slot, i); !f.before(k, first) {
			ranks = append(ranks, k)
		}
	}
	slices.SortFunc(ranks, f.compare)
	return ranks
}

func (f *rendezvous) compare(a, b rank) int {
	if f.before(a, b) {
		return -1
	}
	return 1 // never equal: names differ
}

// Replicas appends to dst the names of n nodes for hash h, all different, and returns it: the owner, then in the order
// of Prefer the first node of each other zone, then the second of each zone, and so on. So the first n nodes stand in as
// many zones as there are, as evenly as can be, and n+1 nodes are the n and one more. With fewer than n nodes it
// appends them all. With Rendezvous each replica costs a pass over all nodes, and nothing is allocated while dst has room
// and the ring has at most 16 zones.
func (r *Ring) Replicas(dst []string, h uint64, n int) []string {
	if r.other != nil {
		return r.replicasOther(dst, h, n)
	}
	slot := h >> (r.shift & 63)
	var buf [16]zoneTurn
	turns := buf[:0]
	for range min(n, len(r.names)) {
		best, zone := r.nextReplica(slot, turns)
		turns = countTurn(turns, zone, best)
		dst = append(dst, r.names[best.node])
	}
	return dst
}

// replicasOther sorts the order of Prefer by how many nodes of their zone come before, and takes the first n.
func (r *Ring) replicasOther(dst []string, h uint64, n int) []string {
	type choice struct {
		node  int
		round int
	}
	rounds := make(map[string]int) // by zone
	choices := make([]choice, 0, len(r.names))
	for _, i := range r.walkOther(h) {
		zone := r.conf.Nodes[i].Zone
		choices = append(choices, choice{i, rounds[zone]})
		rounds[zone]++
	}
	slices.SortStableFunc(choices, func(a, b choice) int { return cmp.Compare(a.round, b.round) })
	for _, c := range choices[:max(min(n, len(choices)), 0)] {
		dst = append(dst, r.names[c.node])
	}
	return dst
}

// A zoneTurn says how many nodes of a zone are taken, and which last. All before that one are taken too.
type zoneTurn struct {
	zone  string
	taken int
	last  rank
}

// nextReplica returns the first free node among the zones that have given the fewest.
func (r *Ring) nextReplica(slot uint64, turns []zoneTurn) (best rank, zone string) {
	fewest := -1
	for i := range r.rule.hashes {
		z := r.conf.Nodes[i].Zone
		k := r.rule.rank(slot, i)
		taken := 0
		if at := slices.IndexFunc(turns, func(t zoneTurn) bool { return t.zone == z }); at >= 0 {
			if !r.rule.before(turns[at].last, k) {
				continue
			}
			taken = turns[at].taken
		}
		if fewest < 0 || taken < fewest || taken == fewest && r.rule.before(k, best) {
			best, zone, fewest = k, z, taken
		}
	}
	return best, zone
}

func countTurn(turns []zoneTurn, zone string, last rank) []zoneTurn {
	for i := range turns {
		if turns[i].zone == zone {
			turns[i].taken++
			turns[i].last = last
			return turns
		}
	}
	return append(turns, zoneTurn{zone: zone, taken: 1, last: last})
}
