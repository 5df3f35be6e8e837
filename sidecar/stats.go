package sidecar

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A statDoc describes a metric in the JSON form.
type statDoc struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Help   string   `json:"help"`
	Labels []string `json:"labels,omitempty"`
}

// statDocs returns the metrics of all Stats by name.
func (s *Spec) statDocs() []statDoc {
	w := &statWalk{found: map[string]statDoc{}}
	for name, stats := range s.Stats {
		w.prefix = ""
		if name != "" {
			w.prefix = name + "_"
		}
		w.visit(indirect(reflect.TypeOf(stats)), nil)
	}
	docs := []statDoc{}
	for _, name := range slices.Sorted(maps.Keys(w.found)) {
		docs = append(docs, w.found[name])
	}
	return docs
}

// A statWalk gathers the tagged fields of structs.
type statWalk struct {
	prefix string
	within []reflect.Type // those the visit is in, so that it ends
	found  map[string]statDoc
}

// visit gathers the fields of the struct t, whose metrics have the labels of what is around it.
func (w *statWalk) visit(t reflect.Type, labels []string) {
	if t.Kind() != reflect.Struct || slices.Contains(w.within, t) {
		return
	}
	w.within = append(w.within, t)
	defer func() { w.within = w.within[:len(w.within)-1] }()

	labels = slices.Clone(labels)
	for f := range t.Fields() {
		if l := f.Tag.Get("label"); l != "" && f.Type.Kind() == reflect.String {
			labels = append(labels, l)
		}
	}
	for f := range t.Fields() {
		w.field(f, labels)
	}
}

func (w *statWalk) field(f reflect.StructField, labels []string) {
	t := indirect(f.Type)
	if t.Kind() == reflect.Map {
		if l := f.Tag.Get("label"); l != "" {
			labels = append(slices.Clone(labels), l)
		}
	}
	for range deepest {
		if t.Kind() != reflect.Map && t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
			break
		}
		t = indirect(t.Elem())
	}
	if name := f.Tag.Get("metric"); name != "" {
		name = w.prefix + name
		w.found[name] = statDoc{Name: name, Type: statType(name, t), Help: f.Tag.Get("help"), Labels: labels}
	} else if f.IsExported() || f.Anonymous {
		w.visit(t, labels)
	}
}

func statType(name string, t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Struct && hasFields(t, "Bounds", "Counts", "Sum"):
		return "histogram"
	case strings.HasSuffix(name, "_total"):
		return "counter"
	}
	return "gauge"
}

func hasFields(t reflect.Type, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		_, ok := t.FieldByName(name)
		return !ok
	})
}

// deepest is how far containers in containers are followed: type L []L has no end.
const deepest = 32

// indirect returns what t points to.
func indirect(t reflect.Type) reflect.Type {
	for range deepest {
		if t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	return t
}
