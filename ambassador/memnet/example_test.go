package memnet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"

	"github.com/fairleadgo/fairlead/ambassador/memnet"
)

// A server and its client without a socket.
func Example() {
	var network memnet.Network
	ln, err := network.Listen("api:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ln.Close()
	go http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s asks %s", r.RemoteAddr, r.Host)
	}))

	client := &http.Client{Transport: &http.Transport{DialContext: network.DialContext}}
	answer, err := client.Get("http://api/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(string(body))
	// Output: dialer:1 asks api
}

// The zero Network has no listeners yet.
func ExampleNetwork() {
	var network memnet.Network
	_, err := network.DialContext(context.Background(), "tcp", "db:5432")
	fmt.Println(errors.Is(err, syscall.ECONNREFUSED), err)
	// Output: true dial memory db:5432: connect: connection refused
}
