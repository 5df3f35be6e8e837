// Package fairlead is a map of the module; it holds no code.
//
// # Which pattern is where
//
// The patterns are those of Burns, Designing Distributed Systems. An application is left as it is, and a small program
// stands beside it, in the same pod or on the same machine.
//
//	sidecar      adds to an application     sidecar: start, stop, flags, probes of such a program
//	ambassador   speaks for it to others    ambassador/redisproxy: one Redis on localhost, many behind it
//	                                        ambassador/resp: the frames of the Redis protocol
//	                                        ambassador/memnet: a network in memory, for tests
//	                                        ambassador/twemproxy: nutcracker.yml
//	adapter      makes it look like others  adapter/metrics: counters as Prometheus wants them
//	sharding     what they need             shard: which node owns a key; shard/shardtest: tries a placement
//
// Programs made of these parts are in examples.
//
// # Why small programs beside an application
//
// Several containers on one machine rather than one big process: because each then has resources of its own, and what
// serves users is not slowed by what only watches it; because each has an owner, a version and a roll-back of its own; and
// because one that does one thing can be understood, tested and used again beside the next application, whatever that is
// written in. For that a part must be easy to set up from outside and must not hurt what it stands beside. So sidecar.Spec
// describes every parameter once and refuses what it does not know, Run starts and stops parts in order and in time, every
// queue and buffer has a bound, and whatever is dropped is counted.
//
// Many services rather than one: because teams, releases and scaling are then independent of each other. The price is
// that calls which never failed now cross a network, that data is spread over many places, and that one has to find out
// what is wrong from outside. The ambassador pays it in one place instead of in every client: applications talk to one
// address, redisproxy finds the shard, answers for one that is dead at once, and keeps the others unharmed; shard puts
// keys where no change moves more of them than it must, says exactly which, and agrees with itself on every machine.
//
// And because nobody can look into all of them, all must look alike: /livez, /readyz and /metrics answer in every program
// here, metrics.Stats turns the counters of any part into what a monitor reads, and an error says which part failed, why,
// and what the command line can do about it.
//
// # How parts fit together
//
// No package imports a sibling, but that redisproxy stands on resp and twemproxy on shard. They meet in main programs, through five plugs, all of them shapes of the standard library:
//
//	Serve(ctx) error, Serve(ctx, net.Listener) error   runs until ctx ends; nil after an orderly stop
//	Health(ctx) error                                  nil while the part can do its work
//	Stats() Stats                                      a snapshot with metric tags; a metrics.Stats source
//	DialContext(ctx, network, addr) (net.Conn, error)  where a connection comes from
//	http.Handler, *tls.Config                          what is served, and how it is secured
//
// Serve without a listener is called once; Serve with one may be called again for another listener, which it owns and
// closes.
//
// What runs is made by New(Config) (*T, error) and changed by Update(Config) error: a bad configuration is
// refused before it can serve, in both places by the same check, with an error that joins all mistakes and names
// their fields. New starts nothing. Both copy slices and maps; what a pointer in a Config points to is shared.
// A struct with nothing to check and nothing to start is used as it is.
package fairlead
