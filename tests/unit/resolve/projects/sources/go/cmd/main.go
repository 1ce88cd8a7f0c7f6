package main

import "example.com/market/shop"

func main() {
	var queue *shop.Queue = shop.New()
	queue.Push(nil)
}
