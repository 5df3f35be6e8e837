package shard

// Rebuild returns a ring of other nodes with the same rule, hash, tag and table size, equal to what Build would return.
// With Rendezvous it costs what changes: for a node that joins or grows one comparison a slot, for one that leaves or shrinks a full
// decision for each of its slots. No key moves that need not. Other placements are built
// anew. Errors are as Build's.
func (r *Ring) Rebuild(nodes []Node) (*Ring, error) {
	c := r.conf
	c.Nodes = nodes
	if r.other != nil {
		return Build(c)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	next := newRing(c)
	keep, rivals := r.compare(next)
	for slot := range c.Slots {
		owner := keep[r.Index(uint64(slot)<<(r.shift&63))]
		if owner < 0 || len(rivals) > len(nodes)/2 {
			owner = next.rule.winner(uint64(slot))
		} else {
			owner = next.rule.challenge(uint64(slot), owner, rivals)
		}
		next.set(slot, owner)
	}
	return next, nil
}

// compare returns for each node of r its index in next, or -1 if it may lose slots to any node; and the nodes of next
// that may win slots from those that stay as they were.
func (r *Ring) compare(next *Ring) (keep, rivals []int) {
	old := make(map[string]int, len(r.names))
	for i, name := range r.names {
		old[name] = i
	}
	keep = make([]int, len(r.names))
	for i := range keep {
		keep[i] = -1
	}
	for i, name := range next.names {
		was, ok := old[name]
		if ok && next.rule.weights[i] >= r.rule.weights[was] {
			keep[was] = i
		}
		if !ok || next.rule.weights[i] > r.rule.weights[was] {
			rivals = append(rivals, i)
		}
	}
	return keep, rivals
}

// challenge returns the owner of slot when owner beats all but the rivals.
func (f *rendezvous) challenge(slot uint64, owner int, rivals []int) int {
	if len(rivals) == 0 {
		return owner
	}
	best := f.rank(slot, owner)
	for _, i := range rivals {
		if k := f.rank(slot, i); f.before(k, best) {
			best = k
		}
	}
	return best.node
}
