package sidecar_test

import (
	"testing"

	"github.com/fairleadgo/fairlead/sidecar"
)

// What Kubernetes sets for services is neither read nor judged, even where a parameter or its neighbour has the name.
func TestServiceLinks(t *testing.T) {
	links := []string{
		"REDIS_PORT=tcp://10.0.0.1:6379",
		"REDIS_SERVICE_HOST=10.0.0.1",
		"REDIS_SERVICE_PORT=6379",
		"REDIS_SERVICE_PORT_HTTP=80",
		"REDIS_PORT_6379_TCP=tcp://10.0.0.1:6379",
		"REDIS_PORT_6379_TCP_PROTO=tcp",
		"REDIS_PORT_6379_TCP_PORT=6379",
		"REDIS_PORT_6379_TCP_ADDR=10.0.0.1",
		"REDIS_ADMIN_PORT=tcp://10.0.0.2:80",
		"REDIS_ADMIN_SERVICE_HOST=10.0.0.2",
		"REDIS_SERVICE_PORTS=1",
	}
	port, host, admin, proto := "default", "default", "default", "default"
	spec := &sidecar.Spec{Name: "redis", Params: []sidecar.Param{
		{Name: "port", Value: &port},
		{Name: "service-host", Value: &host},
		{Name: "admin-port", Value: &admin, Also: []string{"OTHER_PORT"}},
		{Name: "port-6379-tcp", Value: &proto},
		{Name: "admin-post", Value: new("")}, // near to admin-port
	}}
	if err := spec.Parse(nil, append(links, "OTHER_PORT=x")); err != nil {
		t.Errorf("Parse = %v, want it to ignore them", err)
	}
	for _, got := range []string{port, host, admin, proto} {
		if got != "default" {
			t.Errorf("a service's variable set %q", got)
		}
	}
	if err := spec.Parse([]string{"-port=1", "-service-host=2", "-admin-port=3", "-port-6379-tcp=4"}, nil); err != nil || port+host+admin+proto != "1234" {
		t.Errorf("the flags set %q, %v", port+host+admin+proto, err)
	}
}

// Names that only look like it are the program's.
func TestNoServiceLinks(t *testing.T) {
	for name, variable := range map[string]string{
		"portable":     "REDIS_PORTABLE",
		"port-range":   "REDIS_PORT_RANGE",
		"port-80":      "REDIS_PORT_80",
		"service-name": "REDIS_SERVICE_NAME",
		"export":       "REDIS_EXPORT",
	} {
		got := ""
		spec := &sidecar.Spec{Name: "redis", Params: []sidecar.Param{{Name: name, Value: &got}}}
		if err := spec.Parse(nil, []string{variable + "=set"}); err != nil || got != "set" {
			t.Errorf("%s: %q, %v, want it set", variable, got, err)
		}
	}
}
