package sidecar_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/fairleadgo/fairlead/sidecar"
)

// A whole program: go run . -greeting servus, or GREETER_GREETING=servus.
func Example() {
	greeting, listen := "hello", "127.0.0.1:8080"
	spec := &sidecar.Spec{
		Name:    "greeter",
		Summary: "Greets whoever asks.",
		Params: []sidecar.Param{
			{Name: "listen", Value: &listen, Usage: "`address` to listen on"},
			{Name: "greeting", Value: &greeting, Usage: "what to say"},
		},
		Ports: []sidecar.Port{{Name: "http", Param: "listen"}},
	}
	spec.Main(func(ctx context.Context) error {
		http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, greeting) })
		return sidecar.Run(ctx, sidecar.Listen("http", listen, sidecar.HTTP(http.DefaultServeMux)))
	})
}

// Components start from the top and stop from the bottom.
func ExampleRun() {
	say := func(text string) func(context.Context) error {
		return func(context.Context) error { fmt.Println(text); return nil }
	}
	err := sidecar.Run(context.Background(),
		sidecar.Component{Name: "migrations", Start: say("migrate")},
		sidecar.Component{Name: "cache", Start: say("open the cache"), Stop: say("close the cache")},
		sidecar.Go("worker", say("work")),
	)
	fmt.Println(err)
	// Output:
	// migrate
	// open the cache
	// work
	// close the cache
	// <nil>
}

func ExampleLifecycle() {
	l := sidecar.Lifecycle{
		Budget:    5 * time.Second,
		Signals:   []os.Signal{os.Interrupt},
		Listening: func(name string, addr net.Addr) { fmt.Println(name, "is up") },
	}
	err := l.Run(context.Background(),
		sidecar.Listen("http", "127.0.0.1:0", sidecar.HTTP(http.NotFoundHandler())),
		sidecar.Go("batch", func(context.Context) error { return nil }), // done, and so is the program
	)
	fmt.Println(err)
	// Output:
	// http is up
	// <nil>
}

// A component of one's own.
func ExampleComponent() {
	queue := make(chan string, 8)
	worker := sidecar.Component{
		Name:  "worker",
		Start: func(context.Context) error { queue <- "job"; close(queue); return nil },
		Serve: func(ctx context.Context) error {
			for job := range queue {
				fmt.Println("done:", job)
			}
			return nil
		},
		Stop: func(context.Context) error { fmt.Println("tidy"); return nil },
	}
	if err := sidecar.Run(context.Background(), worker); err != nil {
		log.Fatal(err)
	}
	// Output:
	// done: job
	// tidy
}

func ExampleComponentError() {
	err := sidecar.Run(context.Background(), sidecar.Go("worker", func(context.Context) error { return errors.New("no work") }))
	if failed, ok := errors.AsType[*sidecar.ComponentError](err); ok {
		fmt.Printf("%s failed: %v\n", failed.Name, failed.Err)
	}
	// Output: worker failed: no work
}

func ExampleServeFunc() {
	var daytime sidecar.ServeFunc = func(ctx context.Context, ln net.Listener) error {
		defer context.AfterFunc(ctx, func() { ln.Close() })()
		for {
			conn, err := ln.Accept()
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(conn, time.Now().Format(time.RFC1123))
			conn.Close()
		}
	}
	// Behind TLS with sidecar.TLS(config, daytime).
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	fmt.Println(sidecar.Run(ctx, sidecar.Listen("daytime", "127.0.0.1:0", daytime)))
	// Output: <nil>
}

func ExampleSpec_Exec() {
	timeout := time.Second
	spec := &sidecar.Spec{Name: "greeter", Params: []sidecar.Param{
		{Name: "timeout", Value: &timeout, Usage: "how long to wait", Min: time.Millisecond, Max: time.Minute},
	}}
	run := func(context.Context) error { fmt.Println("waits for", timeout); return nil }
	exec := func(args ...string) {
		code := spec.Exec(context.Background(), args, nil, nil, os.Stdout, os.Stdout, run)
		fmt.Println("exit code", code)
	}
	exec("-timeout", "5s")
	exec("-timeout", "2h", "-tmeout", "5s")
	// Output:
	// waits for 5s
	// exit code 0
	// greeter: -tmeout is unknown; did you mean -timeout?
	// greeter: -timeout: 2h is more than 1m0s
	// greeter: 'greeter -help' shows what there is
	// exit code 2
}

func ExampleSpec_Parse() {
	var shards []string
	var verbose bool
	spec := &sidecar.Spec{Name: "redis-ambassador", Params: []sidecar.Param{
		{Name: "shards", Value: &shards, Split: ","},
		{Name: "v", Value: &verbose},
	}}
	err := spec.Parse([]string{"-v"}, []string{"REDIS_AMBASSADOR_SHARDS=a=10.0.0.1:6379,b=10.0.0.2:6379"})
	fmt.Println(verbose, shards, err)
	// Output: true [a=10.0.0.1:6379 b=10.0.0.2:6379] <nil>
}

func ExampleSpec() {
	listen, size := ":80", sidecar.Size(64<<10)
	spec := &sidecar.Spec{
		Name:    "greeter",
		Summary: "Greets whoever asks.",
		Params: []sidecar.Param{
			{Name: "listen", Value: &listen, Usage: "`address` to listen on"},
			{Name: "buffer", Value: &size, Usage: "`size` of the buffer"},
		},
	}
	if err := spec.Write(os.Stdout, "help"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// greeter: Greets whoever asks.
	//
	// Usage: greeter [flags]
	//        greeter help | version | spec [-o json|help] | probe URL
	//
	// Flags, and the variables that stand in for them:
	//   -listen address
	//         address to listen on (default :80)
	//         GREETER_LISTEN
	//   -buffer size
	//         size of the buffer (default 64KiB)
	//         GREETER_BUFFER
	//
	// Signals:
	//   SIGINT   stops in order; a second one at once
	//   SIGTERM  stops in order; a second one at once
	//
	// Exit codes:
	//   0  orderly end
	//   1  failed while it ran
	//   2  mistake in flags, variables or configuration
}

// Each kind of parameter: a secret, a list, a choice, a command, a name from before.
func ExampleParam() {
	password, mode, command := "", "fast", []string(nil)
	spec := &sidecar.Spec{Name: "it", Params: []sidecar.Param{
		{Name: "password", Value: &password, Secret: true},
		{Name: "mode", Value: &mode, Enum: []string{"fast", "safe"}, Also: []string{"m", "OLD_MODE"}},
		{Name: "exec", Value: &command, Rest: true},
	}}
	fmt.Println(spec.Parse([]string{"-password", "hunter2"}, nil))
	fmt.Println(spec.Parse([]string{"-m", "safe", "-exec", "sleep", "-v"}, nil), mode, command)
	// Output:
	// -password is refused: a secret is read from a file; name that with -password-file or IT_PASSWORD_FILE
	// <nil> safe [sleep -v]
}

func ExamplePort() {
	listen := "nowhere"
	spec := &sidecar.Spec{
		Name:   "it",
		Params: []sidecar.Param{{Name: "listen", Value: &listen}},
		Ports:  []sidecar.Port{{Name: "http", Param: "listen"}},
	}
	spec.Exec(context.Background(), nil, nil, nil, os.Stdout, os.Stdout, func(ctx context.Context) error {
		return sidecar.Run(ctx, sidecar.Listen("http", listen, sidecar.HTTP(nil)))
	})
	// Output:
	// it: http: cannot listen on "nowhere": missing port in address; write HOST:PORT, [IPV6]:PORT or unix:PATH (change it with -listen or IT_LISTEN)
	// it: 'it -help' shows what there is
}

func ExampleVolume() {
	spec := &sidecar.Spec{Name: "it", Volumes: []sidecar.Volume{{Path: "it"}}}
	fmt.Println(spec.Write(io.Discard, "json"))
	// Output: volume "it": the path is not absolute
}

func ExampleProbes() {
	spec := &sidecar.Spec{Name: "it", Probes: sidecar.Probes{Port: "admin", Live: "/livez"}}
	fmt.Println(spec.Write(io.Discard, "json"))
	// Output: probes: there is no port "admin"
}

func ExampleUsageError() {
	spec := &sidecar.Spec{Name: "it"}
	code := spec.Exec(context.Background(), nil, nil, nil, os.Stdout, os.Stdout, func(context.Context) error {
		return &sidecar.UsageError{Text: "shards.yml: no shards"}
	})
	fmt.Println(code)
	// Output:
	// it: shards.yml: no shards
	// it: 'it -help' shows what there is
	// 2
}

func ExampleSize() {
	var s sidecar.Size
	err := s.UnmarshalText([]byte("2048KiB"))
	fmt.Println(s, int64(s), err)
	// Output: 2MiB 2097152 <nil>
}

// A program without a Spec that is a good PID 1 all the same.
func ExampleMain() {
	sidecar.Main(func(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
		fmt.Fprintln(stdout, "hello", args)
		return 0
	})
}
