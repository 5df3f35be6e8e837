package shard

// KetamaPoints returns how many points each node has.
func KetamaPoints(r *Ring) []int {
	points := make([]int, len(r.names))
	for _, owner := range r.other.(*ketama).owners {
		points[owner]++
	}
	return points
}

// KetamaOwner finds the owner of h by looking at every point.
func KetamaOwner(r *Ring, h uint32) int {
	k := r.other.(*ketama)
	for i, p := range k.points {
		if p >= h {
			return int(k.owners[i])
		}
	}
	return int(k.owners[0])
}

// KetamaEdges returns the points of the ring.
func KetamaEdges(r *Ring) []uint32 { return r.other.(*ketama).points }
