package sidecar

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"os"
	"time"
)

const (
	defaultBudget = 25 * time.Second // below the 30 s that Kubernetes grants

	// lastMoment is what components get in all once the budget is used up.
	lastMoment = 100 * time.Millisecond
)

// A Lifecycle runs components. The zero Lifecycle is ready to use. It is plain data: Run may be called several times,
// also at once.
type Lifecycle struct {
	// Budget is how long stopping may take, all components together. 0 or less means 25 s.
	Budget time.Duration

	// Signals stop the program; a second one uses up the budget. Nil means SIGINT and SIGTERM, an empty slice none, as a
	// bubble of testing/synctest needs it: no signal can reach one.
	Signals []os.Signal

	// Logger is told what starts and stops, why, and each failure that Run does not return. Nil discards.
	Logger *slog.Logger

	// Listening is told the real address of each listener once it is open, that of a Unix socket as unix:PATH.
	// Spec.Main prints it as well. Nil means nobody.
	Listening func(name string, addr net.Addr)
}

// Run is Lifecycle{}.Run.
func Run(ctx context.Context, components ...Component) error {
	return Lifecycle{}.Run(ctx, components...)
}

// Run starts the components in order, each once the one before has started, and returns when all have stopped.
// When ctx ends, a signal comes or a Serve returns, it stops them in reverse order: each has stopped before the one it
// was started after is asked to. The cause of a Serve's ctx (context.Cause) says why.
//
// Run returns nil after an orderly stop, otherwise a *ComponentError for what failed first, or for what had not stopped
// when the budget was used up. Later failures are logged. When the budget is used up or a second signal comes, all that
// still run are told at once and get a last 100 ms; what does not return by then is left behind.
func (l Lifecycle) Run(ctx context.Context, components ...Component) error {
	r := newRunner(ctx, l)
	defer r.close()
	for _, c := range components {
		if !r.start(c) {
			break
		}
	}
	<-r.asked.Done()
	r.log.Info("stopping", "cause", context.Cause(r.asked))
	r.stop()
	return r.failure()
}

// A runner is one call of Run.
type runner struct {
	log   *slog.Logger
	parts []*part // those that started, in order

	// asked ends when the program is to stop, its cause says why.
	asked context.Context
	ask   context.CancelCauseFunc

	// drain ends when stopping must not take longer. Whatever must outlive asked is made from it.
	drain context.Context
	hurry context.CancelCauseFunc

	failures failures
	closed   chan struct{} // ends the watch
	watched  chan struct{} // the watch has ended
}

func newRunner(ctx context.Context, l Lifecycle) *runner {
	if l.Listening != nil {
		ctx = withListening(ctx, l.Listening)
	}
	r := &runner{
		log:     cmp.Or(l.Logger, slog.New(slog.DiscardHandler)),
		closed:  make(chan struct{}),
		watched: make(chan struct{}),
	}
	r.failures.log = r.log
	r.asked, r.ask = context.WithCancelCause(ctx)
	drain, hurry := context.WithCancelCause(context.WithoutCancel(ctx))
	r.drain, r.hurry = withDrain(drain), hurry
	signals := notify(l.Signals)
	budget := l.Budget
	if budget <= 0 {
		budget = defaultBudget
	}
	go func() {
		defer close(r.watched)
		defer signals.stop()
		r.watch(ctx, signals.c, budget)
	}()
	return r
}

// close ends what the runner itself runs.
func (r *runner) close() {
	close(r.closed)
	<-r.watched
	r.ask(nil)
	r.hurry(nil)
}

func (r *runner) failure() error {
	if e := r.failures.first(); e != nil {
		return e
	}
	return nil
}
