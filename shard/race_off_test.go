//go:build !race

package shard_test

const race = false
