//go:build race

package shard_test

const race = true // an order of magnitude slower: tests try fewer sets
