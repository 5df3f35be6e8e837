package twemproxy_test

import (
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/fairleadgo/fairlead/ambassador/twemproxy"
	"github.com/fairleadgo/fairlead/shard"
)

const file = `
cache:
  listen: 127.0.0.1:22121
  hash: fnv1a_64
  distribution: ketama
  redis: true
  servers:
   - 10.0.0.1:6379:1
   - 10.0.0.2:6379:1
`

// Where twemproxy would put a key.
func Example() {
	config, err := twemproxy.Parse(strings.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	ring, err := shard.Build(config.Pools[0].Ring)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ring.OwnerString("user:42"))
	// Output: 10.0.0.2:6379
}

func ExampleConfig() {
	config, _ := twemproxy.Parse(strings.NewReader(strings.Replace(file, "fnv1a_64", "crc32", 1)))
	for _, w := range config.Warnings {
		fmt.Println(w)
	}
	// Output: pool cache: hash crc32 has 15 bits, so that with ketama one server gets nearly all keys; crc32a is the whole one
}

func ExamplePool() {
	config, _ := twemproxy.Parse(strings.NewReader(file))
	p := config.Pools[0]
	fmt.Println(p.Name, p.Listen, p.Timeout < 0, p.FailureLimit)
	// Output: cache 127.0.0.1:22121 true 2
}

func ExampleServer() {
	config, _ := twemproxy.Parse(strings.NewReader(strings.Replace(file, "10.0.0.1:6379:1", "/run/redis.sock:1 first", 1)))
	fmt.Println(config.Pools[0].Servers[0].Name, config.Pools[0].Servers[0].Addr)
	// Output: first unix:/run/redis.sock
}

func ExampleSyntaxError() {
	_, err := twemproxy.Parse(strings.NewReader(strings.Replace(file, "ketama", "katema", 1)))
	if wrong, ok := errors.AsType[*twemproxy.SyntaxError](err); ok {
		fmt.Printf("%d: %s\n", wrong.Line, wrong.Text)
	}
	// Output: 5: conf: directive "distribution" is not a valid distribution
}
