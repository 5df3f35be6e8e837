package metrics

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A statsPlan is what Stats knows of a type: the families that it has, and how to read them from a value.
type statsPlan struct {
	families []statsFamily
	read     reader // nil if there is nothing to read
}

// A statsFamily is a Family without metrics, and the field that declares it.
type statsFamily struct {
	Family
	path string
}

// A reader adds what one value holds to the families. Labels are those of the structs around it, sorted; it does not
// keep or change them.
type reader func(g *gathering, v reflect.Value, labels []Label)

// A planner makes a plan, and remembers every mistake on the way.
type planner struct {
	prefix string
	plan   statsPlan
	claims map[string]string       // name on the wire -> family that has it
	active map[reflect.Type]string // struct type -> field that it holds itself in, "" if none yet
	errs   []error
}

// A place is where in the type the planner is.
type place struct {
	path   string
	labels []string // of the structs and maps around it
}

func (p place) field(name string) place { return place{p.path + "." + name, p.labels} }
func (p place) labelled(names ...string) place {
	return place{p.path, slices.Concat(p.labels, names)}
}

func newStatsPlan(name string, t reflect.Type) (*statsPlan, error) {
	p := planner{claims: map[string]string{}, active: map[reflect.Type]string{}}
	if name != "" {
		p.prefix = name + "_"
		if !isMetricName(name) {
			p.fail(place{path: "name"}, "%q is not a metric name", name)
		}
	}
	root := place{path: t.String()}
	if p.plan.read = p.nested(root, t); p.plan.read == nil && len(p.errs) == 0 {
		p.fail(root, "no field has a metric tag")
	}
	return &p.plan, errors.Join(p.errs...)
}

func (p *planner) fail(at place, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s: %s", at.path, fmt.Sprintf(format, args...)))
}

// nested plans a value without a tag; nil means that there is nothing in it.
func (p *planner) nested(at place, t reflect.Type) reader {
	if t.Kind() == reflect.Struct {
		return p.structure(at, t)
	}
	if _, inside := p.active[t]; inside {
		return nil // such as type L []L
	}
	p.active[t] = ""
	defer delete(p.active, t)
	switch t.Kind() {
	case reflect.Pointer:
		return throughPointer(p.nested(at, t.Elem()))
	case reflect.Slice, reflect.Array:
		return throughElements(p.nested(at, t.Elem()))
	case reflect.Map:
		before := len(p.errs)
		if p.nested(at, t.Elem()) != nil && len(p.errs) == before {
			p.fail(at, "a map needs a label tag for its keys")
		}
	}
	return nil
}

func (p *planner) structure(at place, t reflect.Type) reader {
	if _, inside := p.active[t]; inside {
		p.active[t] = at.path
		return nil
	}
	p.active[t] = ""
	defer delete(p.active, t)

	labels := p.labelFields(at, t)
	inner := at
	for _, l := range labels {
		inner = inner.labelled(l.name)
	}
	fields := p.fields(inner, t)
	if len(fields) == 0 {
		return nil
	}
	if again := p.active[t]; again != "" {
		p.fail(place{path: again}, "%v holds itself", t)
	}
	return readStruct(labels, fields)
}

// A labelField is a string that labels its struct, a fieldReader any other field.
type (
	labelField struct {
		index []int
		name  string
	}
	fieldReader struct {
		index int
		read  reader
	}
)

// labelFields finds the labels of a struct, those of embedded structs included.
func (p *planner) labelFields(at place, t reflect.Type) []labelField {
	var found []labelField
	for i := range t.NumField() {
		f := t.Field(i)
		name, tagged := f.Tag.Lookup("label")
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct && !isLeaf(f.Type):
			for _, l := range p.labelFields(at.field(f.Name), f.Type) {
				at = at.labelled(l.name)
				found = append(found, labelField{append([]int{i}, l.index...), l.name})
			}
		case tagged && f.IsExported() && f.Type.Kind() == reflect.String:
			p.checkLabel(at.field(f.Name), name)
			at = at.labelled(name)
			found = append(found, labelField{[]int{i}, name})
		}
	}
	return found
}

func (p *planner) checkLabel(at place, name string) {
	switch {
	case !isLabelName(name) || name == "__name__":
		p.fail(at, "%q is not a label name", name)
	case slices.Contains(at.labels, name):
		p.fail(at, "label %s twice", name)
	}
}

// field plans a field by its tags.
func (p *planner) field(at place, f reflect.StructField) reader {
	metric, hasMetric := f.Tag.Lookup("metric")
	label, hasLabel := f.Tag.Lookup("label")
	switch {
	case hasLabel && f.Type.Kind() == reflect.Map:
		return p.series(at, f, label)
	case hasLabel && f.Type.Kind() != reflect.String:
		p.fail(at, "label tag on %v, which is neither a string nor a map", f.Type)
	case hasLabel && hasMetric:
		p.fail(at, "both a label and a metric")
	case hasLabel:
		return nil // labelFields has it
	case hasMetric:
		return p.metric(at, f, f.Type, metric)
	case f.Anonymous && f.Type.Kind() == reflect.Struct:
		return p.embedded(at, f.Type)
	default:
		return p.nested(at, f.Type)
	}
	return nil
}

// embedded plans the fields of an embedded struct but for its labels, which the struct around it has taken.
func (p *planner) embedded(at place, t reflect.Type) reader {
	fields := p.fields(at, t)
	if len(fields) == 0 {
		return nil
	}
	return readStruct(nil, fields)
}

// fields plans the fields of a struct. Of those that are not exported, embedded structs may hold some that are.
func (p *planner) fields(at place, t reflect.Type) []fieldReader {
	var fields []fieldReader
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && !(f.Anonymous && f.Type.Kind() == reflect.Struct) {
			continue
		}
		if r := p.field(at.field(f.Name), f); r != nil {
			fields = append(fields, fieldReader{i, r})
		}
	}
	return fields
}

// series plans a map: a series or a struct for each key.
func (p *planner) series(at place, f reflect.StructField, label string) reader {
	if f.Type.Key().Kind() != reflect.String {
		p.fail(at, "label tag on %v, whose keys are no strings", f.Type)
		return nil
	}
	p.checkLabel(at, label)
	inner := at.labelled(label)
	name, hasMetric := f.Tag.Lookup("metric")
	var r reader
	if hasMetric {
		r = p.metric(inner, f, f.Type.Elem(), name)
	} else if r = p.nested(inner, f.Type.Elem()); r == nil {
		p.fail(at, "label tag on %v, which holds no metric", f.Type)
	}
	if r == nil {
		return nil
	}
	return readMap(label, r)
}

// metric plans a value that is a metric.
func (p *planner) metric(at place, f reflect.StructField, t reflect.Type, name string) reader {
	if t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Pointer {
		return throughPointer(p.metric(at, f, t.Elem(), name))
	}
	if !isLeaf(t) {
		hint := ""
		if t.Kind() == reflect.Map {
			hint = " without a label tag"
		}
		p.fail(at, "metric tag on %v%s", t, hint)
		return nil
	}
	family := Family{Name: p.prefix + name, Help: f.Tag.Get("help"), Kind: Gauge}
	if isHistogram(t) {
		family.Kind = Histogram
	} else if strings.HasSuffix(name, "_total") {
		family.Kind = Counter
		family.Name = family.stem()
	}
	if !p.checkMetric(at, name, family) {
		return nil
	}
	slot := p.slot(at, family)
	switch {
	case slot < 0:
		return nil
	case isHistogram(t):
		return readHistogram(slot, at.path, t)
	case t == reflect.TypeFor[time.Time]():
		return readTime(slot)
	}
	return readNumber(slot, t)
}

func (p *planner) checkMetric(at place, name string, f Family) bool {
	before := len(p.errs)
	if !isMetricName(name) || !isMetricName(f.Name) {
		p.fail(at, "%q is not a metric name", name)
	}
	if !utf8.ValidString(f.Help) {
		p.fail(at, "help is not UTF-8")
	}
	if l := reservedLabel(f.Kind); l != "" && slices.Contains(at.labels, l) {
		p.fail(at, "a %v needs the label %s for itself", f.Kind, l)
	}
	return len(p.errs) == before
}

// slot returns the index of the family, a new one unless another field has declared the same, or -1 if it cannot be.
func (p *planner) slot(at place, f Family) int {
	names := wireNames(f.Name, f.Kind)
	for i, other := range p.plan.families {
		if wireNames(other.Name, other.Kind)[0] != names[0] {
			continue
		}
		if other.Kind != f.Kind || other.Help != f.Help {
			p.fail(at, "%s is a %v with the help %q, but in %s a %v with the help %q",
				names[0], f.Kind, f.Help, other.path, other.Kind, other.Help)
			return -1
		}
		return i
	}
	for _, name := range names {
		if other, taken := p.claims[name]; taken {
			p.fail(at, "%s and %s both have %s", names[0], other, name)
			return -1
		}
	}
	for _, name := range names {
		p.claims[name] = names[0]
	}
	p.plan.families = append(p.plan.families, statsFamily{f, at.path})
	return len(p.plan.families) - 1
}

// isLeaf reports whether a value of the type can be a metric.
func isLeaf(t reflect.Type) bool {
	return isNumber(t) || t == reflect.TypeFor[time.Time]() || isHistogram(t)
}

func isNumber(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return true
	}
	return false
}

// isHistogram reports whether t is a struct with Bounds, Counts and Sum; it may have more.
func isHistogram(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	sum, ok := t.FieldByName("Sum")
	return ok && len(sum.Index) == 1 && isNumber(sum.Type) && hasNumbers(t, "Bounds") && hasNumbers(t, "Counts")
}

func hasNumbers(t reflect.Type, field string) bool {
	f, ok := t.FieldByName(field)
	return ok && len(f.Index) == 1 && (f.Type.Kind() == reflect.Slice || f.Type.Kind() == reflect.Array) &&
		isNumber(f.Type.Elem())
}
