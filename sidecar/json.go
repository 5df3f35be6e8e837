package sidecar

import (
	"encoding/json"
	"io"
	"strings"
)

// The types below are the JSON form; Write documents it.

type specDoc struct {
	Name    string            `json:"name"`
	Summary string            `json:"summary,omitempty"`
	Doc     string            `json:"doc,omitempty"`
	Version string            `json:"version"`
	License string            `json:"license,omitempty"`
	Source  string            `json:"source,omitempty"`
	Prefix  string            `json:"prefix"`
	Params  []paramDoc        `json:"params"`
	Ports   []portDoc         `json:"ports,omitempty"`
	Volumes []volumeDoc       `json:"volumes,omitempty"`
	Signals map[string]string `json:"signals"`
	Exits   map[int]string    `json:"exits"`
	Probes  *probesDoc        `json:"probes,omitempty"`
	Stats   []statDoc         `json:"stats,omitempty"`
	CPU     string            `json:"cpu,omitempty"`
	Memory  string            `json:"memory,omitempty"`
}

type paramDoc struct {
	Name       string   `json:"name"`
	Flag       string   `json:"flag"`
	Variable   string   `json:"variable,omitempty"`
	Type       string   `json:"type"`
	Default    any      `json:"default,omitempty"`
	Usage      string   `json:"usage,omitempty"`
	Enum       []string `json:"enum,omitempty"`
	Min        string   `json:"min,omitempty"`
	Max        string   `json:"max,omitempty"`
	Required   bool     `json:"required,omitempty"`
	Secret     bool     `json:"secret,omitempty"`
	List       bool     `json:"list,omitempty"`
	Split      string   `json:"split,omitempty"`
	Rest       bool     `json:"rest,omitempty"`
	Reloadable bool     `json:"reloadable,omitempty"`
	Also       []string `json:"also,omitempty"`
	Deprecated string   `json:"deprecated,omitempty"`
}

type portDoc struct {
	Name    string `json:"name"`
	Param   string `json:"param"`
	Address string `json:"address,omitempty"`
	Doc     string `json:"doc,omitempty"`
}

type volumeDoc struct {
	Path     string `json:"path"`
	Doc      string `json:"doc,omitempty"`
	Writable bool   `json:"writable,omitempty"`
}

type probesDoc struct {
	Port    string `json:"port"`
	Startup string `json:"startup,omitempty"`
	Live    string `json:"live,omitempty"`
	Ready   string `json:"ready,omitempty"`
}

func (s *Spec) writeJSON(w io.Writer, bs *bindings) error {
	defaults := s.defaultsOf(bs)
	doc := specDoc{
		Name: s.Name, Summary: s.Summary, Doc: s.Doc, Version: s.version(), License: s.License, Source: s.Source,
		Prefix: strings.TrimSuffix(s.prefix(), "_"), Params: []paramDoc{}, Signals: s.signals(), Exits: s.exits(), Stats: s.statDocs(),
		CPU: s.CPU, Memory: s.Memory,
	}
	for _, b := range bs.all {
		doc.Params = append(doc.Params, b.doc(defaults[b.Name]))
	}
	for _, p := range s.Ports {
		doc.Ports = append(doc.Ports, portDoc{p.Name, p.Param, showDefault(defaults[p.Param]), p.Doc})
	}
	for _, v := range s.Volumes {
		doc.Volumes = append(doc.Volumes, volumeDoc(v))
	}
	if s.Probes != (Probes{}) {
		doc.Probes = new(probesDoc(s.Probes))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

func (b *binding) doc(defaultValue any) paramDoc {
	if showDefault(defaultValue) == "" {
		defaultValue = nil
	}
	doc := paramDoc{
		Name: b.Name, Flag: b.flags[0], Type: b.value.kind, Default: defaultValue, Usage: b.Usage, Enum: b.Enum,
		Min: b.value.min, Max: b.value.max, Required: b.Required, Secret: b.Secret, List: b.isList(), Split: b.Split,
		Rest: b.Rest, Reloadable: b.Reloadable, Also: b.Also, Deprecated: b.Deprecated,
	}
	if len(b.variables) > 0 && !b.isAlso(b.variables[0]) {
		doc.Variable = b.variables[0]
	}
	return doc
}
