// Package clienttest tries the proxy with the clients that people use, as they come: no option is set but the address.
package clienttest
