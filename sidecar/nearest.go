package sidecar

// nearby is how many letters may be wrong in a name that is taken for another.
const nearby = 2

// nearest returns the first of those names that are the least letters away from name, at most nearby.
func nearest(name string, names []string) (found string, ok bool) {
	least := nearby + 1
	for _, n := range names {
		if d := distance(name, n); d < least {
			found, least = n, d
		}
	}
	return found, least <= nearby
}

// near is nearest for names that may be so short that any other is near.
func near(name string, names []string) (found string, ok bool) {
	found, ok = nearest(name, names)
	return found, ok && distance(name, found) < len(name)
}

// distance returns how many letters must be added, removed or replaced to make b of a (Levenshtein). Names further
// apart than nearby in length alone are not looked at closely.
func distance(a, b string) int {
	if d := max(len(a)-len(b), len(b)-len(a)); d > nearby {
		return d
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
