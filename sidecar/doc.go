// Package sidecar is the frame of a sidecar program: Run starts its components in order and stops them in reverse
// within a budget, and a Spec describes its parameters once, for flags, environment, help and whatever reads JSON.
//
// A program is a Spec, some components and little else:
//
//	spec.Main(func(ctx context.Context) error {
//		return sidecar.Run(ctx,
//			sidecar.Listen("admin", admin, sidecar.HTTP(mux)),
//			sidecar.Listen("redis", listen, proxy.Serve),
//		)
//	})
//
// Both halves stand alone: Run needs no Spec, and a Spec serves programs that never call Run.
//
// The package is not a supervisor: a component that ends is not started again, the program ends, and what runs it
// decides. It is not a framework for commands either: a program has flags, not a tree of sub-commands.
package sidecar
