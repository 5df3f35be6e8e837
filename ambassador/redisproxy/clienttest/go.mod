// Clients that the proxy is tried with. They are a module of their own, so that nobody who uses the proxy gets them.
module github.com/fairleadgo/fairlead/ambassador/redisproxy/clienttest

go 1.26.0

require (
	github.com/fairleadgo/fairlead v0.0.0
	github.com/redis/go-redis/v9 v9.23.0
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
)

replace github.com/fairleadgo/fairlead => ../../..
