package resp_test

import (
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/fairleadgo/fairlead/ambassador/resp"
)

// A server that answers every command with its name.
func Example() {
	serve := func(conn net.Conn) error {
		var scan resp.Scanner
		var buf []byte
		chunk := make([]byte, 4096)
		for {
			n, err := scan.Request(buf)
			if err != nil {
				conn.Write(resp.AppendError(nil, err.Error()))
				return err
			}
			if n > 0 {
				if scan.NumArgs() > 0 {
					conn.Write(resp.AppendBulk(nil, scan.Arg(buf, 0)))
				}
				buf = buf[n:]
				continue
			}
			n, err = conn.Read(chunk)
			if err != nil {
				return err
			}
			buf = append(buf, chunk[:n]...)
		}
	}

	client, server := net.Pipe()
	go serve(server)
	go client.Write(resp.AppendRequest(nil, "GET", "key"))
	reply := make([]byte, 9)
	io.ReadFull(client, reply)
	fmt.Printf("%q\n", reply)
	// Output: "$3\r\nGET\r\n"
}

// A Scanner takes up where it stopped, however the bytes arrive.
func ExampleScanner() {
	var scan resp.Scanner
	buf := []byte("*2\r\n$3\r\nGET\r\n$3\r\nke")
	n, _ := scan.Request(buf)
	fmt.Println("found", n)

	buf = append(buf, "y\r\n"...)
	n, _ = scan.Request(buf)
	for arg := range scan.Args(buf) {
		fmt.Printf("%s ", arg)
	}
	fmt.Println("in", n)
	// Output:
	// found 0
	// GET key in 22
}

func ExampleLimits() {
	scan := resp.Scanner{Limits: resp.Limits{Bulk: 1 << 10}}
	_, err := scan.Request([]byte("*2\r\n$3\r\nGET\r\n$1000000\r\n"))
	fmt.Println(err)
	// Output: ERR Protocol error: invalid bulk length
}

func ExampleError() {
	var scan resp.Scanner
	_, err := scan.Request([]byte("*1\r\nGET\r\n"))
	if breach, ok := errors.AsType[*resp.Error](err); ok {
		fmt.Println(breach.Text)
	}
	// Output: ERR Protocol error: expected '$', got 'G'
}

func ExampleDecode() {
	v, n, err := resp.Decode([]byte("%1\r\n+proto\r\n:3\r\n"))
	fmt.Printf("%c %s %d, %d bytes, %v\n", v.Kind, v.Elems[0].Text, v.Elems[1].Int, n, err)
	// Output: % proto 3, 16 bytes, <nil>
}

func ExampleValue() {
	v := resp.Value{Kind: '$', Null: true}
	fmt.Println(v.Null, len(v.Text))
	// Output: true 0
}

func ExampleKind() {
	reply := resp.AppendHeader(nil, '*', 2)
	reply = resp.AppendInt(reply, 1)
	reply = resp.AppendBulk(reply, "one")
	switch kind := resp.Kind(reply[0]); kind {
	case '*', '~', '>':
		fmt.Printf("%c holds others\n", kind)
	}
	// Output: * holds others
}
