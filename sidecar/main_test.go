package sidecar_test

import (
	"os"
	"testing"
)

// helperVariable names the program that the test binary is to be instead of running tests.
const helperVariable = "SIDECAR_TEST_HELPER"

func TestMain(m *testing.M) {
	if name := os.Getenv(helperVariable); name != "" {
		helper(name)
	}
	os.Exit(m.Run())
}
