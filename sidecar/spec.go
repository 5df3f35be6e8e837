package sidecar

// A Spec describes a program to its users and to what runs it. Only Name is required. Its methods read it and, through the
// pointers in Params, write the parameters; they are not to be called at the same time. Copies share the parameters.
type Spec struct {
	Name    string // of the program and image: letters, digits and dashes
	Summary string // one sentence
	Doc     string // Markdown
	Version string // "" means the module's, from the build
	License string // such as Apache-2.0
	Source  string // URL
	Prefix  string // of environment variables, without the _ behind it; "" means Name in upper case, with _ for -

	Params  []Param
	Ports   []Port
	Volumes []Volume
	Signals map[string]string // name to meaning; those Run handles are added
	Exits   map[int]string    // code to meaning; 0, 1 and 2 are added
	Probes  Probes
	Stats   map[string]any // structs with metric tags by the name they are served under, for the manual
	CPU     string         // request, such as "50m"
	Memory  string         // request and limit, such as "32Mi"

	// defaults are those from before Exec set the parameters; nil means that they hold them still.
	defaults map[string]any
}

// A Param is a flag and an environment variable: -listen and PREFIX_LISTEN. A Secret is named by its file alone, by the flag
// -password-file or PREFIX_PASSWORD_FILE, and is never shown. A list repeats its flag, and in a variable separates by newlines.
//
// A name that Kubernetes gives to variables of its own, as -port does with PREFIX_PORT, is a flag only: the variables
// *_SERVICE_HOST, *_SERVICE_PORT*, *_PORT and *_PORT_<n>_* are never read.
type Param struct {
	// Name is the flag's: letters, digits, dashes, dots and underscores. The variable has it in upper case, with _ for
	// dashes and dots.
	Name string

	// Value is a pointer to what is set: string, bool, int, int64, uint64, float64, time.Duration, []string, or an
	// encoding.TextUnmarshaler such as *Size. What it points to is the default.
	Value any

	Usage string // a phrase; what is `quoted` names the value

	Enum       []string // the texts allowed, of each element for a list; nil allows all
	Min, Max   any      // of the type of a number, duration or Size, or int; nil means unlimited
	Required   bool     // somebody must set it; the default does not count
	Secret     bool     // the content of a file of at most 1 MiB, without its last newline
	Split      string   // also separates the elements of a list, such as ","; "" means nothing does
	Rest       bool     // a list that takes all arguments behind its flag, such as a command; one of a Spec at most
	Reloadable bool     // a change needs no new start; this package only tells
	Also       []string // further names, as another program has them: a variable if all capitals, otherwise a flag; of a Secret those of its file
	Deprecated string   // what to use instead, such as "use -listen"; whoever sets it is warned
}

// A Port is the port of the address in a parameter. Name is that of the component which listens there.
type Port struct {
	Name  string // such as "http"
	Param string // name of the parameter
	Doc   string // what it is for
}

// A Volume is a directory the program uses.
type Volume struct {
	Path     string // absolute
	Doc      string // what is kept there
	Writable bool   // false means that it is only read
}

// Probes are the paths that tell how the program is, on one of its ports. Empty paths are not probed.
type Probes struct {
	Port                 string // name of the port; may be empty if no path is given
	Startup, Live, Ready string // paths, such as "/readyz"
}
